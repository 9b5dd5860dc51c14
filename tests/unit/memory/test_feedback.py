"""What a person says of claims: it counts, once, it can be taken back, and a rejected statement stays away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from treering import AsyncMemory, Memory, Scope
from treering.errors import ForgottenBefore, InvalidInput, MissingScope, UnknownClaim, UnknownPath
from treering.memory.retrieval.rank import FADED
from treering.memory.tree import PersonaTree
from treering.schemas.claims import MAX_CLAIM_CHARS, Claim
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Heard, Proposal, Reply, Window
from treering.schemas.policy import Policy
from treering.testing import ManualClock, TurnListener

ANA = Scope(user="ana")
MANY = "experiences.events"
ONE = "home.city"


class Notes(TurnListener):
    """Takes a turn for a fact of the slot in its metadata; after `guess` it is inferred, with `>` it replaces one.

    `meanwhile` happens once, when a window was read and nothing of it is committed yet.
    """

    name = "notes/1"

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        tree = trees.get("self")
        return Proposal(drafts=tuple(note(turn, tree) for turn in window.turns))


def note(turn: Turn, tree: PersonaTree | None) -> Draft:
    told, words = str(turn.metadata["path"]), turn.content.removeprefix("I am somebody who ").removesuffix(".")
    guessed = told.startswith("guess ")
    path = told.removeprefix("guess ").removesuffix(">")
    current = tree.current(path) if tree is not None and told.endswith(">") else ()
    return Draft(
        kind="UPDATE" if current else "ADD",
        path=path,
        target=current[-1].id if current else None,
        text=words,
        message_id=turn.message_id,
        quote=turn.content,
        origin="inferred" if guessed else "stated",
        confidence=0.5 if guessed else 1.0,
    )


@pytest.fixture
def listener() -> Notes:
    return Notes()


@pytest.fixture
def heard() -> list[Heard]:
    return []


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def memory(
    tmp_path: Path, listener: Notes, clock: ManualClock, heard: list[Heard], sdk: Callable[[Memory], Memory]
) -> Iterator[Memory]:
    with Memory(
        tmp_path,
        embedder="hash",
        listener=listener,
        clock=clock,
        background=False,
        observe=lambda _, one: heard.append(one),
    ) as opened:
        yield sdk(opened)


def say(memory: Memory, *texts: str) -> list[Claim]:
    """Messages m1, m2, … on as many days, each listened to; the claims that live then, oldest first."""
    for number, text in enumerate(texts, start=len(memory.turns("ana")) + 1):
        clock = memory._engine.clock
        assert isinstance(clock, ManualClock)
        clock.advance(86_400)
        path, _, words = text.partition(": ")
        message = {"content": f"I am somebody who {words}.", "id": f"m{number}", "metadata": {"path": path}}
        memory.remember("ana", message)
        memory.drain()  # at the store: over HTTP, waiting for it takes as long again
    return live(memory)


def live(memory: Memory) -> list[Claim]:
    _, forest = memory._engine.trees(ANA)
    return sorted((c for tree in forest.values() for c in tree.claims.values()), key=lambda one: one.order)


def known(memory: Memory) -> list[str]:
    return [claim.text for claim in memory.tree("ana").claims]


def assert_sound(memory: Memory) -> None:
    """Everything that is stored fits together: folds, digests, quotations, vectors."""
    memory.drain()
    assert memory.doctor("ana").findings == ()
    assert memory.jobs() == []


# -- confirm


def test_a_confirmed_claim_keeps_its_words_evidence_and_dates(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    done = memory.confirm("ana", claim.id, why="asked in the form")
    assert done.changed
    assert done.before == claim
    assert done.after == claim.model_copy(update={"origin": "manual", "confidence": 1.0})
    assert memory.tree("ana").claims == (done.after,)
    taken, put = memory.history("ana")[-2:]
    assert (taken.author, put.author) == ("feedback", "feedback")
    assert (taken.operation.why, put.operation.why) == ("asked in the form", "asked in the form")
    assert taken.version == put.version == done.version_after
    assert_sound(memory)


def test_confirmed_twice_is_one_version(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    first, second = memory.confirm("ana", claim.id), memory.confirm("ana", claim.id)
    assert (first.changed, second.changed) == (True, False)
    assert second.version_before == second.version_after == first.version_after


def test_a_claim_that_replaced_one_still_replaces_it(memory: Memory) -> None:
    old, new = say(memory, f"{MANY}: climbs rocks", f"{MANY}>: climbs mountains")
    assert new.supersedes == (old.id,)
    memory.confirm("ana", new.id)
    memory.confirm("ana", old.id)
    assert known(memory) == ["climbs mountains"]
    assert_sound(memory)


def test_undo_and_redo_take_a_confirmation_back_and_bring_it_again(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    after = memory.confirm("ana", claim.id).after
    memory.undo("ana")
    assert live(memory) == [claim]
    memory.redo("ana")
    assert live(memory) == [after]
    memory.rewind("ana", 1)
    assert live(memory) == [claim]
    assert_sound(memory)


def test_words_that_are_retracted_are_retracted_from_a_confirmed_claim_too(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    memory.confirm("ana", claim.id)
    memory.retract("ana", "m1")
    assert known(memory) == []
    assert_sound(memory)


# -- correct


def test_a_correction_stands_in_the_place_of_the_claim_since_the_same_day(memory: Memory) -> None:
    [claim] = say(memory, f"{ONE}: lives in Porto")
    after = memory.correct("ana", claim.id, "  lives\nin Braga ").after
    assert after is not None
    assert (after.text, after.valid_from, after.origin, after.evidence) == (
        "lives in Braga",
        claim.valid_from,
        "manual",
        (),
    )
    assert after.id != claim.id
    assert live(memory) == [after]
    assert [entry.operation.kind for entry in memory.history("ana")[1:]] == ["DELETE", "ADD"]
    memory.undo("ana")
    assert live(memory) == [claim]
    assert_sound(memory)


def test_corrected_twice_is_one_version(memory: Memory) -> None:
    [claim] = say(memory, f"{ONE}: lives in Porto")
    first = memory.correct("ana", claim.id, "lives in Braga")
    second = memory.correct("ana", claim.id, "lives in Braga")
    assert (second.changed, second.after, second.version_after) == (False, first.after, first.version_after)
    with pytest.raises(UnknownClaim):
        memory.correct("ana", claim.id, "lives in Faro")
    assert first.after is not None
    assert memory.correct("ana", first.after.id, "lives in Braga").changed is False


def test_what_replaced_a_claim_replaces_its_correction(memory: Memory) -> None:
    old, new = say(memory, f"{MANY}: climbs rocks", f"{MANY}>: climbs mountains")
    after = memory.correct("ana", old.id, "climbed walls").after
    assert known(memory) == ["climbs mountains"]
    assert after is not None
    [replacing] = [claim for claim in live(memory) if claim.id == new.id]
    assert replacing.supersedes == (after.id,)
    assert_sound(memory)


def test_a_correction_into_what_is_known_leaves_one_claim(memory: Memory) -> None:
    _, wrong = say(memory, f"{MANY}: climbs rocks", f"{MANY}: climbs rocs")
    done = memory.correct("ana", wrong.id, "climbs rocks")
    [left] = live(memory)
    assert (left, left.origin, left.evidence[0].message_id) == (done.after, "manual", "m1")
    assert memory.correct("ana", wrong.id, "climbs rocks").changed is False
    assert_sound(memory)


def test_a_correction_that_leaves_the_words_confirms_them(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    done = memory.correct("ana", claim.id, "climbs rocks")
    assert done.after is not None
    assert (done.after.id, done.after.origin) == (claim.id, "manual")


def test_a_correction_says_when_it_is_so(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: drinks coffee")
    done = memory.correct("ana", claim.id, "drinks coffee on weekdays")
    assert done.after is not None
    assert done.after.condition == "on weekdays"


# -- reject


def test_a_rejected_claim_goes_and_is_not_learned_again(memory: Memory, heard: list[Heard]) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    done = memory.reject("ana", claim.id, why="that was my brother")
    assert (done.changed, done.after) == (True, None)
    assert known(memory) == []
    assert say(memory, f"{MANY}: Climbs rocks!") == []
    assert heard[-1].verdicts[0].rule == "forgotten-before"
    assert "climbs rocks" in memory.turns("ana")[0].content, "the words stay"
    assert "climbs rocks" in [getattr(getattr(e.operation, "claim", None), "text", "") for e in memory.history("ana")]
    assert [claim.text for claim in say(memory, f"{MANY}: goes climbing")] == ["goes climbing"]
    assert memory.allow_again("ana", "climbs rocks") == 1
    say(memory, f"{MANY}: climbs rocks")
    assert known(memory) == ["goes climbing", "climbs rocks"]
    assert_sound(memory)


def test_rejected_twice_is_one_version(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    first, second = memory.reject("ana", claim.id), memory.reject("ana", claim.id)
    assert (first.changed, second.changed, second.version_after) == (True, False, first.version_after)


def test_what_a_rejected_claim_had_replaced_holds_again_and_the_chain_closes(memory: Memory) -> None:
    first, second, third = say(memory, f"{MANY}: first", f"{MANY}>: second", f"{MANY}>: third")
    memory.reject("ana", second.id)
    assert known(memory) == ["third"]
    assert [claim.supersedes for claim in live(memory) if claim.id == third.id] == [(first.id,)]
    memory.reject("ana", third.id)
    assert known(memory) == ["first"]
    memory.undo("ana", 2)
    assert live(memory) == [first, second, third]
    assert_sound(memory)


def test_the_mark_follows_undo_redo_and_rewind(memory: Memory) -> None:
    def is_marked() -> bool:
        with memory._engine.store.begin(write=False) as unit:
            return unit.tombstones.of_claims(ANA).cover(claim)

    [claim] = say(memory, f"{MANY}: climbs rocks")
    memory.reject("ana", claim.id)
    assert is_marked()
    memory.undo("ana")
    assert not is_marked(), "the claim lives again"
    memory.redo("ana")
    assert is_marked(), "it is rejected again"
    memory.rewind("ana", 1)
    assert not is_marked()
    memory.undo("ana")
    assert is_marked(), "before the rewind it was rejected"
    memory.undo("ana")
    memory.undo("ana")
    assert (live(memory), is_marked()) == ([], False), "nobody rejected what undo took back"
    assert_sound(memory)


def test_a_claim_that_goes_with_its_message_was_not_rejected(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    memory.retract("ana", "m1")
    with pytest.raises(UnknownClaim):
        memory.reject("ana", claim.id)
    assert [claim.text for claim in say(memory, f"{MANY}: climbs rocks")] == ["climbs rocks"]


# -- by hand


def test_a_claim_by_hand_replaces_what_a_slot_for_one_holds(memory: Memory) -> None:
    path = next(slot.path for slot in memory._engine.trunk.slots if slot.cardinality == "one")
    [old] = say(memory, f"{path}: first")
    after = memory.add_claim("ana", path, "second", why="from the settings page").after
    assert after is not None
    assert (after.origin, after.evidence, after.supersedes) == ("manual", (), (old.id,))
    assert known(memory) == ["second"]
    assert memory.history("ana")[-1].operation.why == "from the settings page"
    assert_sound(memory)


def test_by_hand_what_is_known_is_confirmed(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    done = memory.add_claim("ana", MANY, "Climbs rocks")
    assert done.after is not None
    assert (done.after.id, done.after.origin, len(live(memory))) == (claim.id, "manual", 1)
    assert memory.add_claim("ana", MANY, "climbs rocks").changed is False


def test_a_claim_by_hand_has_subject_day_and_condition(memory: Memory, clock: ManualClock) -> None:
    day = clock.now()
    done = memory.add_claim("ana", MANY, "climbs", subject="person:Bo", valid_from=day, condition="in winter")
    [claim] = memory.tree("ana", subject="person:Bo").claims
    assert (claim, claim.valid_from, claim.condition) == (done.after, day, "in winter")
    other = memory.add_claim("ana", MANY, "climbs", subject="person:Bo", condition="in summer")
    assert other.changed, "under another condition it is another claim"


def test_what_was_rejected_or_forgotten_is_not_put_back_by_hand(memory: Memory) -> None:
    rejected, forgotten, other = say(memory, f"{MANY}: climbs rocks", f"{MANY}: sails far out", f"{MANY}: rows")
    memory.reject("ana", rejected.id)
    memory.forget("ana", claims=[forgotten.id])
    for text in ("climbs rocks", "sails far out"):
        with pytest.raises(ForgottenBefore, match="treering allow"):
            memory.add_claim("ana", MANY, text)
        with pytest.raises(ForgottenBefore):
            memory.correct("ana", other.id, text)
    assert live(memory) == [other]


# -- which claim


@pytest.mark.parametrize("call", ["confirm", "reject"])
def test_the_beginning_of_an_id_is_enough(memory: Memory, call: str) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    for wrong, error in ((claim.id[:5], InvalidInput), ("0" * 8, UnknownClaim), ("", InvalidInput), (7, InvalidInput)):
        with pytest.raises(error):
            getattr(memory, call)("ana", wrong)
    assert getattr(memory, call)("ana", f" {claim.id[:6].upper()}").before == claim


def test_an_id_that_begins_several_names_none(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(("abcdef" + "0" * 18, "abcdef" + "1" * 18))
    monkeypatch.setattr("treering.memory.drafting.claim_id", lambda *_: next(ids))
    say(memory, f"{MANY}: climbs rocks", f"{MANY}: rows")
    with pytest.raises(InvalidInput, match=r"2 ids begin with 'abcdef'; .*abcdef0{18}, abcdef1{18}"):
        memory.confirm("ana", "abcdef")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("health.nonsense", "text"), UnknownPath),
        (("health", "text"), InvalidInput),
        ((MANY, " \n"), InvalidInput),
        ((MANY, "x" * (MAX_CLAIM_CHARS + 1)), InvalidInput),
        (("Not A Path", "text"), InvalidInput),
    ],
)
def test_what_cannot_be_a_claim_is_refused(memory: Memory, arguments: tuple[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        memory.add_claim("ana", *arguments)
    assert memory.history("ana") == []


def test_people_and_tenants_are_apart(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    for user, tenant in (("bo", "default"), ("ana", "other")):
        for call in (memory.confirm, memory.reject):
            with pytest.raises(UnknownClaim):
                call(user, claim.id, tenant=tenant)
        with pytest.raises(UnknownClaim):
            memory.correct(user, claim.id, "rows", tenant=tenant)
    with pytest.raises(MissingScope):
        memory.confirm("", claim.id)
    assert live(memory) == [claim]


# -- side by side


def test_a_worker_that_hears_the_same_meanwhile_admits_it_on_the_new_tree(
    memory: Memory, listener: Notes, heard: list[Heard]
) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    listener.meanwhile = lambda: memory.reject("ana", claim.id)
    say(memory, f"{MANY}: climbs rocks")
    assert heard[-1].verdicts[0].rule == "forgotten-before"
    assert known(memory) == []
    assert_sound(memory)


def test_of_many_that_say_the_same_at_once_one_makes_a_version(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    start = threading.Barrier(6)
    changed: list[bool] = []

    def confirm() -> None:
        start.wait()
        changed.append(memory.confirm("ana", claim.id).changed)

    threads = [threading.Thread(target=confirm) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [False] * 5 + [True]
    assert_sound(memory)


def test_an_export_brings_it_all_along(memory: Memory, tmp_path: Path) -> None:
    first, second, third = say(memory, f"{MANY}: climbs rocks", f"{MANY}: rows", f"{MANY}: sails")
    memory.confirm("ana", first.id)
    memory.correct("ana", second.id, "rows boats")
    memory.reject("ana", third.id)
    exported = memory.export("ana")
    with Memory(tmp_path / "other", embedder="hash", listener=Notes(), background=False) as other:
        other.restore("ana", exported)
        assert other.tree("ana").digest == memory.tree("ana").digest
        with pytest.raises(ForgottenBefore):
            other.add_claim("ana", MANY, "sails")
        other.undo("ana")
        assert known(other)[-1] == "sails"


def test_a_confirmed_claim_does_not_fade_in_recall(memory: Memory, clock: ManualClock) -> None:
    path = next(slot.path for slot in memory._engine.trunk.slots if slot.half_life_days)
    [claim] = say(memory, f"{path}: adores ramen noodles")
    clock.advance(86_400 * 3_650)

    def score() -> float:
        found = memory.recall("ana", "Who adores ramen noodles?", mode="tree", explain=True)
        return next(line.score for line in found.lines if line.path == path)

    faded = score()
    memory.confirm("ana", claim.id)
    memory.flush()
    assert score() == pytest.approx(faded / FADED)


def test_a_guess_does_not_replace_what_was_confirmed_and_waits_for_a_yes(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    memory.confirm("ana", claim.id)
    say(memory, f"guess {MANY}>: is afraid of heights")
    assert known(memory) == ["climbs rocks"]
    [held] = memory.quarantine("ana")
    assert held.verdict.rule == "contradicts-confirmed"
    with pytest.raises(InvalidInput, match="`release` it"):
        memory.confirm("ana", held.id)
    memory.release("ana", held.id)
    [now] = memory.tree("ana").claims
    assert (now.text, now.origin, now.supersedes) == ("is afraid of heights", "manual", (claim.id,))
    memory.undo("ana")
    assert known(memory) == ["climbs rocks"]
    assert_sound(memory)


def test_what_is_said_outright_replaces_what_was_confirmed(memory: Memory) -> None:
    [claim] = say(memory, f"{MANY}: climbs rocks")
    memory.confirm("ana", claim.id)
    say(memory, f"{MANY}>: climbs mountains")
    assert known(memory) == ["climbs mountains"]


async def test_the_same_for_event_loops(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path / "async", embedder="hash", background=False)) as memory:
        added = await memory.add_claim("ana", MANY, "climbs rocks")
        assert added.after is not None
        assert (await memory.confirm("ana", added.after.id)).changed is False
        corrected = await memory.correct("ana", added.after.id, "climbs mountains")
        assert corrected.after is not None
        assert (await memory.reject("ana", corrected.after.id[:6])).changed
        assert (await memory.tree("ana")).claims == ()
        assert await memory.quarantine("ana") == []
        with pytest.raises(InvalidInput):
            await memory.release("ana", rule="any")


def test_what_nobody_may_keep_is_not_kept_by_hand(tmp_path: Path) -> None:
    policy, secret = Policy.read("health.*=never"), "says that the wifi password is hunter2!"
    with Memory(tmp_path, embedder="hash", policy=policy, background=False) as memory:
        added = memory.add_claim("ana", MANY, "climbs rocks").after
        assert added is not None
        with pytest.raises(InvalidInput, match=r"the policy never keeps health\.allergies"):
            memory.add_claim("ana", "health.allergies", "is allergic to nuts")
        with pytest.raises(InvalidInput, match="a password"):
            memory.add_claim("ana", MANY, secret)
        with pytest.raises(InvalidInput, match="a password"):
            memory.correct("ana", added.id, secret)
        assert known(memory) == ["climbs rocks"]
