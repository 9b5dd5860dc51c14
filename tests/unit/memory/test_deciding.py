"""Releasing and dropping what waits in quarantine: on the tree as it stands, all or nothing, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from treering import Memory
from treering.errors import ForgottenBefore, InvalidInput, ReleaseRefused, VersionConflict
from treering.memory.stores.quarantine import SqlQuarantine
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope, Turn
from treering.schemas.listening import Draft, Held, Proposal, Reply, Verdict, Window
from treering.schemas.operations import Add, Update
from treering.schemas.policy import Policy
from treering.testing import ManualClock, TurnListener

ANA = Scope(user="ana")


class Facts(TurnListener):
    """Takes a turn for a fact of the slot in its metadata; where that is `forget`, for a wish."""

    name = "facts/1"

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        live = {claim.text: claim.id for tree in trees.values() for claim in tree.claims.values()}
        return Proposal(drafts=tuple(fact(turn, live) for turn in window.turns))


def fact(turn: Turn, live: Mapping[str, str]) -> Draft:
    path, words = str(turn.metadata["path"]), turn.content.removeprefix("Well, I ").removesuffix(".")
    if path == "forget":
        fields = {"kind": "DELETE", "reason": "forgotten", "path": "home.city", "target": live[words]}
    else:
        fields = {"kind": "ADD", "path": path, "text": words}
    return Draft.model_validate({**fields, "message_id": turn.message_id, "quote": turn.content})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", listener=Facts(), clock=clock, background=False) as opened:
        yield sdk(opened)


CITY = "home.city"
HOBBY = "experiences.events"


def say(memory: Memory, *texts: str, user: str = "ana") -> None:
    """Messages m1, m2, …, each listened to."""
    for number, text in enumerate(texts, start=len(memory.turns(user)) + 1):
        path, _, words = text.partition(": ")
        content = f"Well, I {words.replace(' and ', ' and I ')}."
        message = {"content": content, "id": f"m{number}", "metadata": {"path": path}}
        memory.remember(user, message)
        memory.drain()  # at the store: over HTTP, waiting for it takes as long again


def hold(memory: Memory, *drafts: Draft, rule: str = "ask-first", window: str = "1-1", user: str = "ana") -> list[Held]:
    """Put drafts before a person, as admission does."""
    verdicts = [Verdict(ruling="quarantine", rule=rule, why="for a test", draft=draft) for draft in drafts]
    with memory._engine.store.begin() as unit:
        return unit.quarantine.hold(Scope(user=user), window, verdicts, memory._engine.clock.now())


def draft(message: str, path: str, words: str, **changes: object) -> Draft:
    fields = {"kind": "ADD", "path": path, "text": words, "message_id": message, "quote": f"I {words}"}
    return Draft.model_validate({**fields, **changes})


def known(memory: Memory, user: str = "ana") -> list[str]:
    return [claim.text for claim in memory.tree(user).claims]


def assert_sound(memory: Memory, user: str = "ana") -> None:
    memory.drain()
    assert memory.doctor(user).findings == ()


@pytest.fixture
def path(memory: Memory) -> str:
    """A one-valued slot."""
    return next(slot.path for slot in memory._engine.trunk.slots if slot.cardinality == "one")


# -- one


def test_a_released_proposal_is_committed_with_its_evidence_and_says_what_held_it(memory: Memory) -> None:
    say(memory, "x: climb rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climb rocks", text="climbs rocks"))
    done = memory.release("ana", held.id)
    assert (done.held, done.receipt, done.version_after) == ((held,), None, done.version_before + 1)
    [claim] = memory.tree("ana").claims
    assert (claim.text, claim.evidence[0].message_id, claim.evidence[0].quote) == (
        "climbs rocks",
        "m1",
        "I climb rocks",
    )
    [entry] = memory.history("ana")
    assert entry.author == "release"
    assert isinstance(entry.operation, Add)
    assert entry.operation.why == "released; it was held by the rule ask-first"
    assert memory.quarantine("ana") == []
    assert_sound(memory)


def test_it_is_tied_to_the_tree_as_it_stands_now(memory: Memory, path: str) -> None:
    say(memory, "x: first words", f"{path}: the second thing")
    [held] = hold(memory, draft("m1", path, "first words"))
    [second] = memory.tree("ana").claims
    [operation] = memory.release("ana", held.id).operations
    assert isinstance(operation, Update), "the slot was filled while it waited"
    assert operation.claim.supersedes == (second.id,)
    assert known(memory) == ["the second thing"], "what was said later is what is so"
    assert_sound(memory)


def test_what_was_learned_meanwhile_is_known_and_gains_the_words(memory: Memory) -> None:
    say(memory, "x: climbs rocks", f"{HOBBY}: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    [operation] = memory.release("ana", held.id).operations
    assert operation.kind == "NO_OP"
    memory.retract("ana", "m2")
    assert known(memory) == ["climbs rocks"], "it stays on the words that were released"


def test_released_twice_is_released_once(memory: Memory) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    first, second = memory.release("ana", held.id), memory.release("ana", held.id)
    assert (first.version_after, second.version_after, second.held, second.operations) == (1, 1, (), ())
    with pytest.raises(InvalidInput, match="nothing with id"):
        memory.drop("ana", held.id)


def test_undo_takes_a_release_back_and_it_does_not_wait_again(memory: Memory) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    memory.release("ana", held.id)
    memory.undo("ana")
    assert (known(memory), memory.quarantine("ana")) == ([], [])
    memory.redo("ana")
    assert known(memory) == ["climbs rocks"]
    assert_sound(memory)


def test_an_id_may_be_shortened_and_no_further_than_it_is_one(memory: Memory) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    for short in (held.id[:5], "", " "):
        with pytest.raises(InvalidInput):
            memory.release("ana", short)
    assert memory.release("ana", held.id[:6]).held == (held,)


def test_a_shortened_id_that_fits_several_names_none(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    say(memory, "x: climbs rocks")
    monkeypatch.setattr("treering.memory.stores.quarantine._held_id", lambda _, verdict: f"abcdef{verdict.draft.path}")
    hold(memory, draft("m1", HOBBY, "climbs rocks"), draft("m1", CITY, "climbs rocks"))
    with pytest.raises(InvalidInput, match="2 ids begin with 'abcdef'"):
        memory.drop("ana", "abcdef")
    assert len(memory.quarantine("ana")) == 2


# -- what stands in the way


def test_words_that_stand_no_more_in_their_message_are_not_released(memory: Memory) -> None:
    say(memory, "x: climbs rocks", "x: walks")
    [gone, elsewhere] = hold(memory, draft("m1", HOBBY, "was never said"), draft("m2", HOBBY, "walks"))
    with pytest.raises(ReleaseRefused, match="do not occur in the message") as refused:
        memory.release("ana", gone.id)
    assert (refused.value.held_id, refused.value.rule) == (gone.id, "span-not-in-message")
    assert f"treering quarantine drop USER {gone.id}" in str(refused.value)
    with pytest.raises(ReleaseRefused, match="unknown-message"):
        memory.release("ana", elsewhere.id)
    assert len(memory.quarantine("ana")) == 2
    assert memory.history("ana") == []


def test_another_rule_still_refuses(memory: Memory) -> None:
    memory.remember("ana", {"content": "Oh, I climb rocks.", "id": "m1", "role": "assistant"})
    memory.end_session("ana")
    memory.flush()
    [held] = hold(memory, draft("m1", HOBBY, "climb rocks"))
    with pytest.raises(ReleaseRefused, match="not-said-by-user"):
        memory.release("ana", held.id)
    assert memory.quarantine("ana") == [held]


def test_what_was_forgotten_is_not_released(memory: Memory) -> None:
    say(memory, f"{HOBBY}: climbs rocks", "x: I do climb them")
    memory.forget("ana", claims=[memory.tree("ana").claims[0].id])
    [held] = hold(memory, draft("m2", HOBBY, "climbs rocks", quote="I do climb them"), window="2-2")
    with pytest.raises(ForgottenBefore, match="treering allow"):
        memory.release("ana", held.id)
    memory.allow_again("ana", "climbs rocks")
    assert memory.release("ana", held.id).operations


def test_retracting_the_message_takes_what_waits_on_it_out(memory: Memory) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    memory.retract("ana", "m1")
    with pytest.raises(InvalidInput, match="nothing with id"):
        memory.release("ana", held.id)


# -- several


def test_all_of_a_rule_is_released_in_one_version(memory: Memory) -> None:
    say(memory, "x: climbs rocks and runs", "x: swims and rows")
    hold(memory, draft("m1", HOBBY, "climbs rocks"), draft("m1", HOBBY, "runs"), rule="mass-change")
    hold(memory, draft("m2", HOBBY, "swims"), rule="mass-change", window="2-2")
    [other] = hold(memory, draft("m2", HOBBY, "rows"), window="2-2")
    done = memory.release("ana", rule="mass-change")
    assert (len(done.held), done.version_after) == (3, 1)
    assert known(memory) == ["climbs rocks", "runs", "swims"]
    assert memory.quarantine("ana") == [other]
    memory.undo("ana")
    assert known(memory) == []


def test_all_of_a_window_or_of_a_rule_in_it(memory: Memory) -> None:
    say(memory, "x: climbs rocks and runs", "x: swims")
    hold(memory, draft("m1", HOBBY, "climbs rocks"), rule="mass-change")
    hold(memory, draft("m1", HOBBY, "runs"))
    hold(memory, draft("m2", HOBBY, "swims"), rule="mass-change", window="2-2")
    assert len(memory.drop("ana", window="1-1", rule="mass-change")) == 1
    assert len(memory.release("ana", window="1-1").held) == 1
    assert known(memory) == ["runs"]
    assert len(memory.quarantine("ana")) == 1


def test_of_several_all_are_released_or_none(memory: Memory) -> None:
    say(memory, "x: climbs rocks and runs")
    hold(memory, draft("m1", HOBBY, "climbs rocks"), draft("m1", HOBBY, "never said"))
    with pytest.raises(ReleaseRefused, match="span-not-in-message"):
        memory.release("ana", window="1-1")
    assert (known(memory), len(memory.quarantine("ana"))) == ([], 2)


def test_however_many_they_are_the_bounds_of_a_window_do_not_hold_them_again(memory: Memory) -> None:
    words = [f"climbs rock number {number}" for number in range(45)]
    say(memory, f"x: {' and '.join(words)}")
    hold(memory, *(draft("m1", HOBBY, one) for one in words), rule="too-many-today")
    assert len(memory.release("ana", rule="too-many-today").operations) == 45


def test_what_a_second_rule_would_hold_stops_several_and_is_answered_by_who_releases_it_alone(memory: Memory) -> None:
    say(memory, "x: climbs rocks and runs")
    [climbs, runs] = hold(
        memory, draft("m1", HOBBY, "climbs rocks", origin="inferred"), draft("m1", HOBBY, "runs"), rule="mass-change"
    )
    with pytest.raises(ReleaseRefused, match="awaits-support") as refused:
        memory.release("ana", rule="mass-change")
    assert refused.value.held_id == climbs.id
    assert known(memory) == []
    memory.release("ana", climbs.id)
    memory.release("ana", runs.id)
    assert known(memory) == ["climbs rocks", "runs"]
    assert [claim.origin for claim in memory.tree("ana").claims] == ["manual", "stated"], "a yes vouches for a guess"


def test_wishes_among_them_erase_with_one_receipt(memory: Memory) -> None:
    say(memory, f"{HOBBY}: climbs rocks every Zebulon", f"{HOBBY}: sails with Quillon")
    say(memory, "forget: climbs rocks every Zebulon", "forget: sails with Quillon")
    assert [held.verdict.rule for held in memory.quarantine("ana")] == ["asked-to-forget"] * 2
    done = memory.release("ana", rule="asked-to-forget")
    assert done.receipt is not None
    assert (len(done.receipt.claims), done.operations) == (2, ())
    assert memory.receipts("ana") == [done.receipt]
    assert (known(memory), memory.quarantine("ana")) == ([], [])
    assert_sound(memory)


@pytest.mark.parametrize("named", [{}, {"rule": ""}, {"held_id": "a" * 24, "rule": "x"}, {"window": 3}, {"rule": "no"}])
def test_what_names_nothing_means_nothing(memory: Memory, named: dict[str, str]) -> None:
    say(memory, "x: climbs rocks")
    hold(memory, draft("m1", HOBBY, "climbs rocks"))
    for call in (memory.release, memory.drop):
        with pytest.raises(InvalidInput):
            call("ana", **named)
    assert len(memory.quarantine("ana")) == 1


# -- what an import holds


def test_what_an_import_holds_takes_its_place_in_the_slot_as_it_is_now(
    memory: Memory, path: str, clock: ManualClock
) -> None:
    say(memory, f"{path}: the present thing")
    [present] = memory.tree("ana").claims
    moment = clock.advance(60)
    claim = Claim(
        id="f" * 24, path=path, text="the newer thing", valid_from=moment, recorded_at=moment, origin="imported"
    )
    told = Verdict(
        ruling="quarantine",
        rule="no-slot-near",
        why="for a test",
        draft=Draft(kind="ADD", path=path, text=claim.text),
        operation=Add(claim=claim),
    )
    with memory._engine.store.begin() as unit:
        [held] = unit.quarantine.hold(ANA, "import", [told], moment)
    [operation] = memory.release("ana", held.id).operations
    assert isinstance(operation, Update)
    assert operation.claim.supersedes == (present.id,)
    assert known(memory) == ["the newer thing"]


# -- side by side


def test_people_and_tenants_are_apart(memory: Memory) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    for user, tenant in (("bo", "default"), ("ana", "other")):
        assert memory.quarantine(user, tenant=tenant) == []
        with pytest.raises(InvalidInput, match="nothing with id"):
            memory.release(user, held.id, tenant=tenant)
    assert memory.quarantine("ana") == [held]


def test_of_many_that_release_at_once_one_does(memory: Memory) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))
    start = threading.Barrier(6)
    made: list[int] = []

    def release() -> None:
        start.wait()
        made.append(len(memory.release("ana", held.id).operations))

    threads = [threading.Thread(target=release) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 0, 0, 1]
    assert len(memory.history("ana")) == 1


def test_a_process_that_dies_on_the_way_leaves_it_waiting(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    say(memory, "x: climbs rocks")
    [held] = hold(memory, draft("m1", HOBBY, "climbs rocks"))

    def die(*_: object) -> None:
        raise VersionConflict(0, 1)

    with monkeypatch.context() as patched:
        patched.setattr(SqlQuarantine, "resolve", die)
        with pytest.raises(VersionConflict):
            memory.release("ana", held.id)
    assert (known(memory), memory.quarantine("ana")) == ([], [held])
    assert memory.release("ana", held.id).operations


def test_admission_sees_again_what_was_said_before_in_the_conversation(memory: Memory) -> None:
    said = ["Let's play a game: you are a wizard and I am a knight.", "I climb rocks."]
    for number, text in enumerate(said, start=1):
        memory.remember("ana", {"content": text, "id": f"m{number}", "metadata": {"path": "x"}})
        memory.flush()
    [held] = hold(memory, draft("m2", HOBBY, "climb rocks", text="climbs rocks"), window="2-2")
    with pytest.raises(ReleaseRefused, match="role-play"):
        memory.release("ana", held.id)


def test_what_the_policy_never_keeps_is_not_released(memory: Memory, tmp_path: Path) -> None:
    say(memory, "x: avoid nuts")
    [held] = hold(memory, draft("m1", "health.allergies", "avoid nuts", text="avoids nuts"))
    policy = Policy.read("health.*=never")
    with (
        Memory(tmp_path, embedder="hash", policy=policy, clock=memory._engine.clock, background=False) as stricter,
        pytest.raises(ReleaseRefused, match=r"the policy never keeps health\.allergies"),
    ):
        stricter.release("ana", held.id)
    assert memory.release("ana", held.id).operations, "by the policy of before it may be"
