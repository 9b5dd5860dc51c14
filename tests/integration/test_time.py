"""Time from the outside: the tree then and now, undo with its vectors, rewind, and how a slot changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import AsyncMemory, Memory
from treering.errors import (
    InvalidInput,
    NothingToUndo,
    NotInvertible,
    UndoConflict,
    UnknownVersion,
)
from treering.schemas.dialogue import Scope, Turn
from treering.schemas.listening import Draft
from treering.schemas.operations import Add
from treering.testing import ManualClock, TurnListener, quoted

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path / "home", embedder="hash", clock=clock, background=False) as opened:
        yield sdk(opened)


@pytest.fixture
def moved(memory: Memory, clock: ManualClock) -> Memory:
    """Ana says three things, an hour apart: Porto, peanuts, Lisbon; versions 1 to 3."""
    for number, text in enumerate(("I live in Porto.", "I'm allergic to peanuts.", "I live in Lisbon.")):
        clock.advance(HOUR)
        memory.remember("ana", {"content": text, "id": f"m{number}"})
        memory.flush("ana")
    return memory


def texts(memory: Memory, **when: object) -> list[str]:
    return [claim.text for claim in memory.tree("ana", **when).claims]  # type: ignore[arg-type]


PORTO, PEANUTS, LISBON = "lives in Porto", "is allergic to peanuts", "lives in Lisbon"


# -- two times


def test_the_tree_of_a_version_is_the_tree_as_it_was(moved: Memory) -> None:
    assert [texts(moved, version=version) for version in range(4)] == [
        [],
        [PORTO],
        [PORTO, PEANUTS],
        [LISBON, PEANUTS],
    ]
    view = moved.tree("ana", version=1)
    assert (view.version, view.as_of) == (1, NOW + 3 * HOUR)
    assert view.digest != moved.tree("ana").digest == moved.tree("ana", version=3).digest


def test_the_tree_known_at_a_moment_holds_what_was_committed_by_then(moved: Memory) -> None:
    seen = {hours: moved.tree("ana", known_at=NOW + hours * HOUR) for hours in (0, 1, 1.5, 2, 3, 1000)}
    assert {hours: view.version for hours, view in seen.items()} == {0: 0, 1: 1, 1.5: 1, 2: 2, 3: 3, 1000: 3}
    assert seen[1.5].as_of == NOW + 1.5 * HOUR, "by default it shows what was so then"
    assert seen[1000].as_of == NOW + 3 * HOUR, "nobody has looked at the future yet"
    assert [claim.text for claim in seen[2].claims] == [PORTO, PEANUTS]


def test_what_was_so_and_what_was_known_are_asked_apart(memory: Memory, clock: ManualClock) -> None:
    said = datetime(2020, 1, 1, tzinfo=UTC)
    memory.remember("ana", {"content": "I live in Porto.", "at": said})
    memory.flush()
    clock.advance(HOUR)
    memory.remember("ana", {"content": "I live in Lisbon.", "at": said + timedelta(days=365)})
    memory.flush()
    in_2020, in_2022 = said + timedelta(days=30), said + timedelta(days=800)
    assert texts(memory, as_of=in_2020) == [PORTO]
    assert texts(memory, as_of=in_2022) == ["lives in Lisbon"]
    assert texts(memory, as_of=in_2022, known_at=NOW) == [PORTO], "that she had moved was not known yet"
    assert texts(memory, as_of=said - timedelta(days=1), known_at=NOW) == []


def test_forgotten_words_are_in_no_tree_of_the_past(moved: Memory) -> None:
    [peanuts] = [claim.id for claim in moved.tree("ana").claims if claim.text == PEANUTS]
    moved.forget("ana", claims=[peanuts])
    assert [texts(moved, version=version) for version in range(5)] == [[], [PORTO], [PORTO], [LISBON], [LISBON]]
    assert texts(moved, known_at=NOW + 2 * HOUR) == [PORTO]
    assert "peanuts" not in moved.diff("ana", 0, 2).model_dump_json()


def test_moments_and_versions_that_cannot_be_are_refused(moved: Memory) -> None:
    for wrong in (-1, 4, 10**30):
        with pytest.raises((UnknownVersion, InvalidInput)):
            moved.tree("ana", version=wrong)
        with pytest.raises((UnknownVersion, InvalidInput)):
            moved.rewind("ana", wrong)
        with pytest.raises((UnknownVersion, InvalidInput)):
            moved.diff("ana", wrong)
        with pytest.raises((UnknownVersion, InvalidInput)):
            moved.undo("ana", version=wrong)
    with pytest.raises(InvalidInput, match="known_at and version"):
        moved.tree("ana", known_at=NOW, version=1)
    with pytest.raises(InvalidInput, match="known_at"):
        moved.tree("ana", known_at=datetime(2024, 6, 1))  # noqa: DTZ001
    for n in (0, -1, 1.5, "2", True, None):
        with pytest.raises(InvalidInput, match=r"^n:"):
            moved.undo("ana", n)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match=r"^n:"):
            moved.redo("ana", n)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="n and version"):
        moved.undo("ana", 2, version=1)
    assert moved.tree("ana").version == 3


def test_people_who_said_nothing_have_no_past(memory: Memory) -> None:
    assert memory.versions("nobody") == []
    assert memory.tree("nobody", known_at=NOW).version == 0
    assert memory.diff("nobody", 0).subjects == ()
    with pytest.raises(UnknownVersion):
        memory.tree("nobody", version=1)
    with pytest.raises(NothingToUndo):
        memory.undo("nobody")
    with pytest.raises(NothingToUndo):
        memory.redo("nobody")
    assert memory.rewind("nobody", 0).change.to_version == 0
    assert memory._engine.store.scopes() == [], "asking makes nobody known"


# -- undo, redo, rewind


def vectors(memory: Memory) -> set[str]:
    """Claims that are found by search, by their ids."""
    scope = Scope(user="ana")
    engine = memory._engine
    [dense] = engine._embedder.embed(["anything"])
    with engine.store.begin(write=False) as unit:
        return {ref.partition(":")[2] for ref, _ in unit.vectors.search(scope, dense, {}, kind="claim").dense}


def test_an_undo_takes_back_the_last_change_and_says_what_that_came_to(moved: Memory) -> None:
    done = moved.undo("ana")
    [change] = done.change.subjects
    assert (done.action, done.reverted, change.subject) == ("undo", (3,), "self")
    assert [claim.text for claim in change.lost] == [LISBON]
    assert [claim.text for claim in change.gained] == [PORTO]
    assert texts(moved) == [PORTO, PEANUTS]
    assert moved.versions("ana", 1)[0].reverts == 3
    assert "Lisbon" in moved.history("ana")[2].operation.model_dump_json(), "history is not rewritten"


def test_vectors_follow_every_way_back_and_forth(moved: Memory) -> None:
    def check() -> None:
        moved.flush()
        with moved._engine.store.begin(write=False) as unit:
            live = unit.ledger.trees(Scope(user="ana")).get("self")
        assert vectors(moved) == set(live.claims if live else ())

    check()
    for act in (
        lambda: moved.undo("ana"),
        lambda: moved.undo("ana", 2),
        lambda: moved.redo("ana", 2),
        lambda: moved.redo("ana"),
        lambda: moved.rewind("ana", 1),
        lambda: moved.undo("ana"),
        lambda: moved.rewind("ana", 0),
        lambda: moved.undo("ana", version=moved.tree("ana").version),
    ):
        act()
        check()
    assert texts(moved) == [LISBON, PEANUTS]
    assert PEANUTS in moved.recall("ana", "What is Ana allergic to? peanuts?").context


def test_what_was_undone_is_not_recalled_before_the_vectors_followed_either(moved: Memory) -> None:
    moved.undo("ana", version=2)
    found = moved.recall("ana", "What is Ana allergic to? peanuts?", mode="tree")
    assert PEANUTS not in found.context


def test_what_was_heard_is_not_heard_a_second_time(moved: Memory) -> None:
    moved.undo("ana", 3)
    moved.flush()
    assert texts(moved) == []
    moved.remember("ana", "I love ramen.")
    moved.flush()
    assert len(texts(moved)) == 1


def test_a_change_in_the_middle_is_taken_back_alone_unless_a_later_one_rests_on_it(
    memory: Memory, clock: ManualClock
) -> None:
    for text in ("I love ramen.", "I'm allergic to peanuts.", "I don't love ramen any more."):
        clock.advance(HOUR)
        memory.remember("ana", text)
        memory.flush()
    assert memory.undo("ana", version=2).reverted == (2,)
    assert PEANUTS not in texts(memory)
    ramen = memory.history("ana")[0].operation
    assert isinstance(ramen, Add)
    before = memory.tree("ana")
    with pytest.raises(UndoConflict) as caught:
        memory.undo("ana", version=1)
    assert (caught.value.version, caught.value.claim_id) == (1, ramen.claim.id)
    assert memory.tree("ana") == before
    with pytest.raises(NothingToUndo):
        memory.undo("ana", version=2)


def test_redo_works_until_something_new_is_said(moved: Memory) -> None:
    moved.undo("ana", 2)
    assert [claim.text for claim in moved.redo("ana").change.subjects[0].gained] == [PEANUTS]
    moved.remember("ana", "I love ramen.")
    moved.flush()
    with pytest.raises(NothingToUndo, match="redo"):
        moved.redo("ana")


def test_asking_for_more_than_there_is_changes_nothing(moved: Memory) -> None:
    before = moved.tree("ana")
    for n in (4, 10**12):
        with pytest.raises(NothingToUndo) as caught:
            moved.undo("ana", n)
        assert (caught.value.asked, caught.value.found) == (n, 3)
    assert moved.tree("ana") == before


def test_a_rewind_is_one_change_and_can_be_undone(moved: Memory) -> None:
    done = moved.rewind("ana", 1)
    assert (done.target, done.change.from_version, done.change.to_version) == (1, 3, 4)
    assert texts(moved) == [PORTO]
    assert moved.rewind("ana", 1).change.to_version == 4, "there is nothing to do"
    moved.undo("ana")
    assert texts(moved) == [LISBON, PEANUTS]
    assert moved.tree("ana").digest == moved.tree("ana", version=3).digest


def test_nothing_brings_back_what_was_forgotten(moved: Memory) -> None:
    [peanuts] = [claim.id for claim in moved.tree("ana").claims if claim.text == PEANUTS]
    moved.forget("ana", claims=[peanuts])
    for act in (
        lambda: moved.undo("ana"),
        lambda: moved.undo("ana", version=2),
        lambda: moved.rewind("ana", 2),
        lambda: moved.rewind("ana", 3),
    ):
        with pytest.raises(NotInvertible):
            act()
    assert texts(moved) == [LISBON]
    moved.undo("ana", version=3)
    assert texts(moved) == [PORTO]


class Interrupted(TurnListener):
    """A listener that writes down what is said as food, and while it thinks for the second time, somebody undoes."""

    name = "interrupted/1"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.interrupt: Callable[[], object] = list

    def drafts(self, turn: Turn) -> list[Draft]:
        self.heard.append(turn.content)
        if len(self.heard) == 2:
            self.interrupt()
        return [quoted(turn, "preferences.food")]


def test_an_undo_while_somebody_listens_is_kept_and_what_was_said_is_learned_once(tmp_path: Path) -> None:
    listener = Interrupted()
    with Memory(tmp_path / "home", embedder="hash", listener=listener, background=False) as memory:
        listener.interrupt = lambda: memory.undo("ana")
        for text in ("I love ramen.", "I love figs."):
            memory.remember("ana", text)
            memory.flush()
        assert listener.heard == ["I love ramen.", "I love figs.", "I love figs."], "the second was planned anew"
        assert texts(memory) == ["I love figs."]
        assert [(one.author, one.reverts) for one in memory.versions("ana")][::-1] == [
            ("interrupted/1", None),
            ("undo", 1),
            ("interrupted/1", None),
        ]


# -- how it came about


def test_versions_are_listed_newest_first(moved: Memory) -> None:
    moved.undo("ana")
    assert [one.version for one in moved.versions("ana")] == [4, 3, 2, 1]
    assert [one.version for one in moved.versions("ana", 2)] == [4, 3]
    assert moved.versions("ana", 1)[0].recorded_at == NOW + 3 * HOUR
    with pytest.raises(InvalidInput, match="limit"):
        moved.versions("ana", 0)


def test_the_history_of_a_slot_holds_each_change_with_its_words_and_what_took_it_back(moved: Memory) -> None:
    moved.undo("ana")
    steps = moved.history("ana", "home.city")
    assert [(step.version, step.operation.kind, step.reverts) for step in steps] == [
        (1, "ADD", None),
        (3, "UPDATE", None),
        (4, "DELETE", 3),
    ]
    first = steps[0].operation
    assert isinstance(first, Add)
    assert [piece.quote for piece in first.claim.evidence] == ["I live in Porto."]
    assert moved.history("ana", "home") == steps


async def test_the_async_memory_goes_back_and_forth_too(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path / "home", embedder="hash", background=False)) as memory:
        await memory.remember("ana", "I live in Porto.")
        await memory.flush("ana")
        assert [one.version for one in await memory.versions("ana")] == [1]
        assert (await memory.undo("ana")).reverted == (1,)
        assert (await memory.redo("ana")).reverted == (2,)
        assert (await memory.rewind("ana", 0)).target == 0
        assert len((await memory.diff("ana", 3, 4)).subjects[0].lost) == 1
        assert len((await memory.tree("ana", version=1)).claims) == 1
        assert len(await memory.history("ana", "home.city")) == 4
