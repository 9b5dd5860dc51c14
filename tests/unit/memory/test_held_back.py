"""What is held back by itself: which claims, turns and lines a request to forget is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from treering.memory.asking import Question
from treering.memory.holding_back import NOTHING_HELD_BACK, HeldBack, Request, Trees, held_back
from treering.memory.operations import Forest
from treering.memory.repetition import Sought
from treering.memory.tree import Legible, PersonaTree
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Scope, Turn
from treering.schemas.listening import Draft, Held, Verdict
from treering.schemas.operations import Add, Delete, LedgerEntry, NoOp, Operation
from treering.schemas.recall import HeldBackLine, LineKind, RecallLine
from treering.schemas.trunk import Trunk

AT = datetime(2024, 3, 5, tzinfo=UTC)
ANA = Scope(user="ana")


def ref(number: int) -> str:
    return f"{number:024x}"


def claim(number: int, text: str, *told: tuple[str, str], **more: Any) -> Claim:  # noqa: ANN401
    """A claim that rests on these words of these messages; the text itself, in `m<number>`, unless told otherwise."""
    evidence = tuple(Evidence(message_id=name, quote=quote, start=0) for name, quote in told or [(f"m{number}", text)])
    fields = {"id": ref(number), "path": "taste.food", "text": text, "valid_from": AT, "recorded_at": AT, **more}
    return Claim.model_validate({**fields, "evidence": evidence})


def forest(trunk: Trunk, *claims: Claim) -> dict[str, PersonaTree]:
    return {
        subject: PersonaTree(
            trunk=trunk, subject=subject, claims={one.id: one for one in claims if one.subject == subject}
        )
        for subject in dict.fromkeys(one.subject for one in claims)
    }


def line(kind: LineKind, name: str, text: str, *messages: str) -> RecallLine:
    return RecallLine(
        id="x", kind=kind, text=text, at=AT, score=0.5, tokens=3, ref=name, subject="self", message_ids=messages
    )


def request(name: str, target: int, *texts: str, messages: frozenset[str] = frozenset()) -> Request:
    return Request(id=name, target=ref(target), messages=messages, sought=Sought.of(texts))


PEANUTS = request("r1", 1, "is allergic to peanuts", messages=frozenset({"m1", "asks"}))
BOAT = request("r2", 2, "owns a red boat", messages=frozenset({"m2"}))
BOTH = HeldBack(
    requests=(PEANUTS, BOAT),
    claims=frozenset({ref(1), ref(2), ref(3)}),
    messages=PEANUTS.messages | BOAT.messages,
    sought=Sought.of(["is allergic to peanuts", "owns a red boat"]),
)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (line("claim", ref(1), "eats no nuts"), True),
        (line("claim", ref(9), "eats no nuts", "m1"), False),  # told in the same breath
        (line("turn", "m1", "I like Porto.", "m1"), True),
        (line("summary", "s1", "About Porto.", "m7", "asks"), True),
        (line("summary", "s1", "About Porto.", "m7"), False),
        (line("claim", ref(9), "Bo is allergic to peanuts too"), True),
    ],
)
def test_a_request_covers_its_claim_its_turns_and_its_words(told: RecallLine, expected: bool) -> None:
    assert PEANUTS.covers(told) is expected


def test_words_are_told_in_a_text_only_where_somebody_asks() -> None:
    assert BOTH.is_told_in("She owns a red boat.")
    assert not BOTH.is_told_in("She owns a blue boat.")
    assert not HeldBack(sought=BOTH.sought).is_told_in("She owns a red boat.")


def test_something_is_held_back_where_somebody_asks() -> None:
    assert BOTH
    assert not NOTHING_HELD_BACK


def test_what_is_left_of_a_tree_is_without_the_claims_in_the_same_order() -> None:
    legible = Legible.of([claim(4, "loves tea"), claim(3, "has a boat"), claim(5, "plays chess")])
    left = BOTH.left_of(legible)
    assert list(left.by_id) == [ref(4), ref(5)]
    assert NOTHING_HELD_BACK.left_of(legible) is legible


def test_a_claim_is_held_back_for_the_requests_that_are_about_it_or_else_for_all() -> None:
    assert BOTH.requests_about(claim(1, "eats no nuts")) == ("r1",)
    assert BOTH.requests_about(claim(3, "still owns a red boat")) == ("r2",)
    assert BOTH.requests_about(claim(3, "has a boat")) == ("r1", "r2")
    assert BOTH.requests_about(claim(9, "owns a red boat")) == ()


def test_a_question_is_asked_without_the_turns_and_without_those_that_it_leaves_out_itself() -> None:
    question = Question(text="What?", exclude=frozenset({"m8"}))
    assert BOTH.outside_of(question) == Question(text="What?", exclude=frozenset({"m8", "m1", "m2", "asks"}))
    assert NOTHING_HELD_BACK.outside_of(question) is question


def test_a_line_that_stays_out_names_the_requests_it_stays_out_for() -> None:
    lines = [
        line("claim", ref(1), "eats no nuts"),
        line("turn", "m2", "My boat!", "m2"),
        line("claim", ref(3), "has a boat"),
        line("claim", ref(8), "loves tea"),
        line("turn", "m5", "I love tea.", "m5"),
        line("summary", "m5", "owns a red boat"),
    ]
    found = BOTH.lines_of(lines, [line("turn", "m5", "I love tea.", "m5")])
    assert found == (
        HeldBackLine(kind="claim", ref=ref(1), requests=("r1",)),
        HeldBackLine(kind="turn", ref="m2", requests=("r2",)),
        HeldBackLine(kind="claim", ref=ref(3), requests=("r1", "r2")),
        HeldBackLine(kind="summary", ref="m5", requests=("r2",)),
    )


# -- read from a store


class Unit:
    """As much of a unit of work as is asked for: what waits, the ledger, the turns."""

    def __init__(self, trunk: Trunk, wishes: list[Held], operations: list[Operation], *said: tuple[str, str]) -> None:
        self.asked: list[Any] = []
        self._entries = [
            LedgerEntry(seq=n, version=n, batch_id="b", author="a", recorded_at=AT, operation=operation, digest=str(n))
            for n, operation in enumerate(operations, start=1)
        ]
        turns = {
            name: Turn(message_id=name, session="s", index=n, seq=n + 1, role="user", content=text, at=AT)
            for n, (name, text) in enumerate(said)
        }
        self.quarantine = SimpleNamespace(wishes=lambda scope: self._wishes(scope, wishes))
        self.turns = SimpleNamespace(get=lambda scope, ids: self._get(scope, ids, turns))
        self.ledger = SimpleNamespace(
            entries_about=self._entries_about,
            version_at=lambda scope, at: 7 if (scope, at) == (ANA, AT) else None,
            head=lambda scope: SimpleNamespace(version=12, wishes=len(wishes)) if scope == ANA else None,
            trees=lambda scope, version: forest(trunk, claim(1, f"version {version}")) if scope == ANA else None,
        )

    def _wishes(self, scope: Scope, wishes: list[Held]) -> list[Held]:
        assert scope == ANA
        self.asked.append("wishes")
        return wishes

    def _get(self, scope: Scope, ids: list[str], turns: dict[str, Turn]) -> dict[str, Turn]:
        assert scope == ANA
        self.asked.append(ids)
        return {name: turn for name, turn in turns.items() if name in ids}

    def _entries_about(self, scope: Scope, targets: list[str]) -> list[LedgerEntry]:
        assert scope == ANA
        self.asked.append(targets)
        return self._entries


def wish(name: str, target: int, message: str, *, is_tied: bool = True) -> Held:
    operation = Delete(
        target=ref(target),
        subject="self",
        path="taste.food",
        reason="forgotten",
        at=AT,
        evidence=(Evidence(message_id=message, quote="forget it", start=0),),
    )
    draft = Draft(kind="DELETE", path="taste.food", message_id=message, quote="forget it", reason="forgotten")
    verdict = Verdict(
        ruling="quarantine", rule="asked-to-forget", why="w", draft=draft, operation=operation if is_tied else None
    )
    return Held(id=name, window_id="w", verdict=verdict, recorded_at=AT)


def held(unit: Unit, trees: Forest) -> HeldBack:
    return held_back(unit, ANA, trees)  # type: ignore[arg-type]


def test_what_is_held_back_is_what_forgetting_would_take(small_trunk: Trunk) -> None:
    told = claim(1, "is allergic to peanuts", ("m1", "I'm allergic to peanuts"))
    again = claim(1, "is allergic to peanuts", ("m2", "as I said, no nuts"))
    unit = Unit(
        small_trunk,
        [wish("r1", 1, "asks")],
        [
            Add(claim=told),
            NoOp(why="said once more", target=ref(1), evidence=again.evidence),
            Add(claim=claim(6, "owns a red boat")),
        ],
        ("m1", "I'm allergic to peanuts, you know."),
        ("asks", "Please forget my allergy."),
        ("m6", "I own a red boat."),
    )
    trees = forest(
        small_trunk,
        told,
        claim(2, "Bo is allergic to peanuts, badly"),
        claim(3, "allergic to peanuts"),
        claim(4, "is allergic", ("m4", "x")),
        claim(5, "eats out", ("m5", "x"), condition="as I said, no nuts"),
        claim(7, "please forget my allergy", ("m7", "x"), subject="person:Bo"),
        claim(6, "owns a red boat"),
    )
    found = held(unit, trees)
    assert found.claims == {ref(1), ref(2), ref(3), ref(5), ref(7)}
    assert found.messages == {"m1", "m2", "asks"}
    [one] = found.requests
    assert (one.id, one.target, one.messages) == ("r1", ref(1), frozenset({"m1", "m2", "asks"}))
    assert one.sought == found.sought
    assert found.sought.texts == {
        "is allergic to peanuts",
        "i m allergic to peanuts",
        "as i said no nuts",
        "i m allergic to peanuts you know",
        "please forget my allergy",
    }
    assert unit.asked == ["wishes", [ref(1)], ["asks", "m1", "m2"]]


def test_each_request_keeps_to_its_own_claim(small_trunk: Trunk) -> None:
    both = [claim(1, "is allergic to peanuts"), claim(2, "owns a red boat")]
    unit = Unit(small_trunk, [wish("r2", 2, "b"), wish("r1", 1, "a")], [Add(claim=one) for one in both])
    found = held(unit, forest(small_trunk, *both))
    assert [(one.id, one.target, one.messages) for one in found.requests] == [
        ("r2", ref(2), frozenset({"m2", "b"})),
        ("r1", ref(1), frozenset({"m1", "a"})),
    ]
    assert [set(one.sought.texts) for one in found.requests] == [{"owns a red boat"}, {"is allergic to peanuts"}]
    assert found.messages == {"m1", "m2", "a", "b"}
    assert found.sought.texts == {"owns a red boat", "is allergic to peanuts"}
    assert unit.asked == ["wishes", [ref(1), ref(2)], ["a", "b", "m1", "m2"]]


def test_what_ended_the_claim_is_held_back_too(small_trunk: Trunk) -> None:
    told = claim(1, "is allergic to peanuts")
    ended = Delete(
        target=ref(1),
        subject="self",
        path="taste.food",
        reason="ended",
        at=AT,
        evidence=(Evidence(message_id="m9", quote="I can eat them now", start=0),),
    )
    found = held(Unit(small_trunk, [wish("r1", 1, "asks")], [Add(claim=told), ended]), forest(small_trunk, told))
    assert found.messages == {"m1", "m9", "asks"}
    assert "i can eat them now" in found.sought.texts


def test_a_wish_that_names_no_claim_holds_nothing_back_but_asks_for_nothing_else(small_trunk: Trunk) -> None:
    unit = Unit(small_trunk, [wish("r1", 1, "asks", is_tied=False)], [])
    found = held(unit, forest(small_trunk, claim(1, "loves tea")))
    assert [(one.id, one.target, one.messages) for one in found.requests] == [("r1", "", frozenset())]
    assert found.claims == {""}
    assert not found.messages


def test_where_nobody_asks_no_ledger_is_read(small_trunk: Trunk) -> None:
    unit = Unit(small_trunk, [], [])
    assert held(unit, {}) is NOTHING_HELD_BACK
    assert unit.asked == ["wishes"]
    quiet = Unit(small_trunk, [], [])
    Trees.of(quiet, ANA, version=None, known_at=None)  # type: ignore[arg-type]
    assert quiet.asked == []


def test_trees_are_those_of_now_of_a_version_or_of_what_was_known_at_a_moment(small_trunk: Trunk) -> None:
    def read(version: int | None = None, known_at: datetime | None = None, *, wishes: list[Held]) -> Trees:
        unit = Unit(small_trunk, wishes, [Add(claim=claim(1, "version 3"))])
        return Trees.of(unit, ANA, version=version, known_at=known_at)  # type: ignore[arg-type]

    def texts(trees: Trees) -> list[str]:
        return [one.text for tree in trees.forest.values() for one in tree.claims.values()]

    now = read(wishes=[])
    assert (now.version, texts(now), now.held_back) == (12, ["version None"], NOTHING_HELD_BACK)
    assert now.sayable is now.forest
    then = read(3, wishes=[])
    assert (then.version, texts(then)) == (3, ["version 3"])
    known = read(3, AT, wishes=[])
    assert (known.version, texts(known)) == (7, ["version 7"])
    assert read(known_at=AT + timedelta(1), wishes=[]).version == 12
    waiting = read(wishes=[wish("r1", 1, "asks")])
    assert waiting.held_back.claims == {ref(1)}
    assert waiting.sayable == {}


def test_what_may_be_said_is_all_else_of_each_tree(small_trunk: Trunk) -> None:
    trees = forest(small_trunk, claim(1, "is vegan"), claim(4, "loves tea"), claim(2, "is tall", subject="person:Bo"))
    sayable = Trees(1, trees, BOTH).sayable
    assert {subject: list(tree.claims) for subject, tree in sayable.items()} == {"self": [ref(4)]}
    assert sayable["self"].trunk is small_trunk
