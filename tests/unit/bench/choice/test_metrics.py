"""What is told of a run beside right answers: what was done, what stands that should not, what it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import pytest

from treering.bench.choice.folder import Heard, Recalled
from treering.bench.choice.metrics.contexts import context_marks
from treering.bench.choice.metrics.costs import costs
from treering.bench.choice.metrics.lengths import best_length_rules
from treering.bench.choice.metrics.operations import operation_scores
from treering.bench.choice.metrics.standing import options_of, standing_rates
from treering.bench.gold.changes import WantedChange
from treering.bench.gold.choices import RightChoice
from treering.bench.samples import Conversation, Question
from treering.bench.systems.port import Change, HeldClaim, Stats

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
OPTIONS = ("I live in Leeds", "I live in Porto", "I live in Ghent", "Nothing is known")

Kind = Literal["ADD", "UPDATE", "DELETE"]


def heard(*asked: Recalled, who: str = "ada", stats: Stats | None = None) -> Heard:
    return Heard(conversation=who, turns=10, ingest_s=2.0, asked=asked, stats=stats)


def recalled(memory: str = "", *, question: str = "q", turns: tuple[str, ...] = (), seconds: float = 0.1) -> Recalled:
    return Recalled(question=question, memory=memory, tokens=5, turns=turns, seconds=seconds, order=turns)


def did(kind: Kind, path: str, turn: str, says: str = "") -> Change:
    return Change(kind=kind, path=path, says=says, turns=(turn,))


def wanted(kind: Kind, path: str, turn: str, says: str = "") -> WantedChange:
    return WantedChange(turns=frozenset({turn}), kind=kind, path=path, says=says)


def scores(done: Sequence[Change], *wishes: WantedChange) -> dict[str, float]:
    return operation_scores([heard(stats=Stats(changes=tuple(done)))], {"ada": wishes})


def test_an_operation_is_right_by_kind_and_turn_and_slot_and_leniently_by_branch() -> None:
    found = scores(
        [did("ADD", "home.city", "t1"), did("ADD", "home.pets", "t2"), did("ADD", "work.job", "t3")],
        wanted("ADD", "home.city", "t1"),
        wanted("ADD", "home.address", "t2"),
        wanted("UPDATE", "work.job", "t3"),
        wanted("ADD", "work.job", "t4"),
    )
    assert (found["operations_precision"], found["operations_recall"]) == pytest.approx((1 / 3, 1 / 4))
    assert found["operations_f1"] == pytest.approx(2 / 7)
    assert (found["operations_lenient_precision"], found["operations_lenient_recall"]) == pytest.approx((2 / 3, 2 / 4))
    assert (found["operations_recall:ADD"], found["operations_recall:UPDATE"]) == pytest.approx((1 / 3, 0))


def test_operations_on_turns_of_which_nothing_is_said_are_not_judged() -> None:
    done = [did("ADD", "home.city", "t1")]
    more = [*done, did("ADD", "home.pets", "elsewhere")]
    assert scores(done, wanted("ADD", "home.city", "t1")) == scores(more, wanted("ADD", "home.city", "t1"))
    twice = scores([*done, did("ADD", "home.pets", "t1")], wanted("ADD", "home.city", "t1"))
    assert twice["operations_precision"] == 0.5


def test_doing_twice_what_is_wanted_once_is_right_once() -> None:
    found = scores([did("ADD", "home.city", "t1")] * 2, wanted("ADD", "home.city", "t1"))
    assert (found["operations_precision"], found["operations_recall"]) == (0.5, 1.0)


def test_where_a_suite_names_no_slots_an_operation_is_right_by_its_words() -> None:
    said = "keeps two greyhounds in a small flat"
    wish = wanted("ADD", "", "t1", says=said)
    assert scores([did("ADD", "x", "t1", says=f"since May, {said}")], wish)["operations_f1"] == 1
    other = scores([did("ADD", "x", "t1", says="keeps bees")], wish)
    assert (other["operations_f1"], other["operations_lenient_f1"]) == (0, 1)


def test_a_system_that_tells_no_operations_or_not_of_which_turns_has_no_scores_of_them() -> None:
    wish = {"ada": (wanted("ADD", "home.city", "t1"),)}
    silent = Change(kind="ADD", path="home.city", says="", turns=())
    for stats in (None, Stats(), Stats(changes=(silent,))):
        assert operation_scores([heard(stats=stats)], wish) == {}


LIVES = Conversation(id="ada", steps=(Question(id="q", text="Where do I live?", at=NOON, options=OPTIONS),))


def standing(memory: str, *held: str, is_forgotten: bool = False) -> dict[str, list[bool]]:
    right = RightChoice(
        option=3 if is_forgotten else 1, type="t", abstain=3, stale=frozenset({0}), is_forgotten=is_forgotten
    )
    key = {("ada", "q"): right}
    claims = tuple(HeldClaim(path="home.city", says=one) for one in held)
    life = heard(recalled(memory), stats=Stats(held=claims))
    return standing_rates([life], options_of([LIVES], key), key)


@pytest.mark.parametrize(
    ("memory", "stands"),
    [
        ("lives in Leeds", True),
        ("visited a friend\n2024-03-01 ada: we are happy in Leeds", True),
        ("has moved from Leeds to Porto", False),
        ("lives in Porto\nlives in Ghent", False),
        ("", False),
    ],
)
def test_what_is_over_stands_in_a_context_where_its_words_do_without_those_of_what_is_so_now(
    memory: str, stands: bool
) -> None:
    assert standing(memory)["context_stale"] == [stands]


def test_what_was_to_be_forgotten_is_told_apart_and_also_looked_for_in_what_is_held() -> None:
    found = standing("lives in Leeds", "likes tea", "lives in Leeds", is_forgotten=True)
    assert (found["context_forgotten"], found["held_forgotten"]) == ([True], [True])
    assert "context_stale" not in found
    assert standing("", "likes tea", is_forgotten=True)["held_forgotten"] == [False]


def test_claims_of_a_slot_that_contradict_each_other_are_counted_both() -> None:
    assert standing("", "lives in Leeds", "lives in Porto", "likes tea")["contradicting"] == [True, True, False]


def test_a_suite_without_anything_stale_is_not_looked_through() -> None:
    assert options_of([LIVES], {("ada", "q"): RightChoice(option=1, type="t")}) == {}


def test_the_best_rule_of_length_is_chosen_for_each_type_and_no_more() -> None:
    def asked(identity: str, *options: str) -> Question:
        return Question(id=identity, text="?", options=options, at=NOON)

    questions = {
        "s1": (asked("s1", "a", "bbb", "cc"), 0, "short"),
        "s2": (asked("s2", "bbb", "cc", "a"), 2, "short"),
        "m1": (asked("m1", "a", "bbb", "cc"), 2, "middle"),
        "m2": (asked("m2", "aa", "b", "ccc"), 2, "middle"),
    }
    key = {("ada", name): RightChoice(option=right, type=kind) for name, (_, right, kind) in questions.items()}
    life = Conversation(id="ada", steps=tuple(question for question, _, _ in questions.values()))
    assert best_length_rules([life], key) == {
        "accuracy": 0.75,
        "accuracy:middle": 0.5,
        "accuracy:short": 1.0,
        "questions": 4,
    }
    assert best_length_rules([life], {}) == {}


def test_the_best_rules_of_length_are_never_worse_than_the_longest_option() -> None:
    question = Question(id="q", text="?", options=("aa", "b", "aa"), at=NOON)  # of two longest it takes the first
    life = Conversation(id="ada", steps=(question,))
    assert best_length_rules([life], {("ada", "q"): RightChoice(option=0, type="t")})["accuracy"] == 1.0


def test_contexts_are_marked_by_what_they_took_and_by_the_gold_among_their_turns() -> None:
    key = {("ada", "q"): RightChoice(option=0, type="t", evidence=frozenset({"t2", "t9"}), cluster="four")}
    old, new = recalled(turns=("t1", "t2", "t3", "t4")), recalled(turns=()).model_copy(update={"turns_before": 7})
    [one, other] = context_marks([heard(old, new)], key)
    assert (one.together, one.values["context_recall"], one.values["context_precision"]) == ("four", 0.5, 0.25)
    assert one.values["context_ndcg@10"] == pytest.approx(0.3869, abs=1e-4)
    assert "turns_before" not in one.values
    assert (other.values["turns_before"], other.values["context_recall"]) == (7, 0)
    assert "context_precision" not in other.values


def test_bytes_on_disk_add_up_and_those_in_memory_are_the_most_at_a_time() -> None:
    told = [Stats(disk_bytes=100, memory_bytes=7, model_calls=2), Stats(disk_bytes=50, memory_bytes=9, model_calls=1)]
    found = costs([heard(recalled(seconds=0.1), stats=told[0]), heard(recalled(seconds=0.3), stats=told[1])])
    assert (found["disk_bytes"], found["memory_bytes"], found["listening_calls"]) == (150, 9, 3)
    assert (found["turns_per_s"], found["p50_ms"]) == pytest.approx((5, 200))
    assert "disk_bytes" not in costs([heard(recalled(), stats=Stats())])
    assert "listening_calls" not in costs([heard(recalled(), stats=told[0]), heard(recalled())])
