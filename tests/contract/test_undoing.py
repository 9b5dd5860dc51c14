"""Undo, redo, rewind and diff over every store, against the undo stack of an editor written apart from them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.errors import (
    InvalidInput,
    NothingToUndo,
    NotInvertible,
    OperationError,
    TreeringError,
    UndoConflict,
    UnknownVersion,
)
from treering.memory.operations import fold, plant, without_bare
from treering.memory.ports import Store
from treering.memory.tree import PersonaTree
from treering.memory.undoing import Undoing
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch, Delete, NoOp, Operation
from treering.schemas.timeline import Reversal
from treering.schemas.trunk import Trunk
from treering.testing import ManualClock

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
IDS = [f"{number:024x}" for number in range(3)]
_users = count()

Live = dict[tuple[str, str], Claim]


def _claim(ref: str, subject: str, text: str) -> Claim:
    return Claim(
        id=ref, subject=subject, path="taste.food", text=text, valid_from=NOON, recorded_at=NOON, origin="manual"
    )


refs = st.sampled_from(IDS)
subjects = st.sampled_from(["self", "self", "person:Bo"])
additions = st.builds(lambda r, s, t: Add(claim=_claim(r, s, t)), refs, subjects, st.sampled_from(["figs", "tea"]))
deletions = st.builds(
    lambda r, s, why: Delete(subject=s, path="taste.food", target=r, reason=why, at=NOON + timedelta(days=1)),
    refs,
    subjects,
    st.sampled_from(["ended", "retracted"]),
)
repetitions = st.builds(NoOp, why=st.just("known"), target=st.none() | refs)
changes = st.lists(additions | additions | deletions | repetitions, min_size=1, max_size=3)
small = st.integers(1, 3)
actions = st.one_of(
    changes.map(lambda operations: ("change", operations)),
    small.map(lambda n: ("undo", n)),
    small.map(lambda n: ("redo", n)),
    st.integers(1, 12).map(lambda version: ("undo one", version)),
    st.integers(0, 12).map(lambda version: ("rewind", version)),
)


class Editor:
    """What a person expects: states of a document, and two stacks."""

    def __init__(self) -> None:
        self.states: list[Live] = [{}]
        self.done: list[int] = []
        self.undone: list[int] = []
        self.taken_back: dict[int, int] = {}
        """What each undo took back."""
        self.redos: set[int] = set()

    def change(self, after: Live) -> None:
        changed = after != self.states[-1]
        self.states.append(after)
        if changed:
            self.done.append(len(self.states) - 1)
            self.undone.clear()

    def undo(self, n: int) -> None:
        if n > len(self.done):
            raise NothingToUndo(n, len(self.done))
        self._undo(self.done[-n:][::-1])

    def undo_one(self, version: int) -> None:
        self._check(version)
        if version in self.taken_back or version in self.redos:
            raise InvalidInput("version", "is an undo")
        if version not in self.done:
            raise NothingToUndo(1, 0)
        self._undo([version])

    def redo(self, n: int) -> None:
        if n > len(self.undone):
            raise NothingToUndo(n, len(self.undone), action="redo")
        for undo in self.undone[-n:][::-1]:
            self._revert(undo)
            self.redos.add(len(self.states) - 1)
            self.undone.remove(undo)
            self.done = sorted([*self.done, self.taken_back[undo]])

    def rewind(self, version: int) -> None:
        self._check(version)
        if self.states[version] != self.states[-1]:
            self.change(self.states[version])

    def _check(self, version: int) -> None:
        if version >= len(self.states):
            raise UnknownVersion(version, len(self.states) - 1)

    def _undo(self, versions: list[int]) -> None:
        for version in versions:
            self._revert(version)
            self.done.remove(version)
            self.undone.append(len(self.states) - 1)
            self.taken_back[len(self.states) - 1] = version

    def _revert(self, version: int) -> None:
        old, new, now = self.states[version - 1], self.states[version], dict(self.states[-1])
        for key in {*old, *new}:
            if old.get(key) == new.get(key):
                continue
            if now.get(key) != new.get(key):
                raise UndoConflict(version, key[1])
            now.pop(key, None)
            if key in old:
                now[key] = old[key]
        self.states.append(now)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(script=st.lists(actions, min_size=1, max_size=14))
def test_undo_redo_and_rewind_do_what_an_editor_does(
    store: Store, small_trunk: Trunk, script: list[tuple[str, int | list[Operation]]]
) -> None:
    scope, editor = Scope(user=f"user {next(_users)}"), Editor()
    undoing = Undoing(store=store, trunk=small_trunk, clock=ManualClock(NOON))
    do: dict[str, tuple[Callable[[Editor, int], None], Callable[[int], Reversal]]] = {
        "undo": (Editor.undo, lambda n: undoing.undo(scope, n)),
        "undo one": (Editor.undo_one, lambda version: undoing.undo(scope, version=version)),
        "redo": (Editor.redo, lambda n: undoing.redo(scope, n)),
        "rewind": (Editor.rewind, lambda version: undoing.rewind(scope, version)),
    }
    for what, how in script:
        if isinstance(how, list):
            commit_what_fits(store, small_trunk, scope, editor, how)
            continue
        expect, act = do[what]
        after = deepcopy(editor)
        try:
            expect(after, how)
        except TreeringError as refusal:
            with pytest.raises(type(refusal)):
                act(how)
        else:
            change = act(how).change
            assert (change.from_version, change.to_version) == (len(editor.states) - 1, len(after.states) - 1)
            editor = after
        assert states(store, scope) == editor.states
    with store.begin(write=False) as unit:
        entries = [entry.operation for entry in unit.ledger.entries(scope)]
        assert unit.ledger.trees(scope) == without_bare(fold(small_trunk, entries))
        assert unit.ledger.first_broken(scope) is None


def commit_what_fits(store: Store, trunk: Trunk, scope: Scope, editor: Editor, operations: list[Operation]) -> None:
    with store.begin() as unit:
        forest, fitting = unit.ledger.trees(scope), []
        for operation in operations:
            try:
                forest = plant(trunk, (operation,), forest)
            except OperationError:
                continue
            fitting.append(operation)
        version = unit.ledger.head(scope).version
        batch = Batch(id=f"b{version}", operations=tuple(fitting), recorded_at=NOON, author="tests/1")
        if unit.ledger.commit(scope, batch, expected_version=version).version > version:
            editor.change(live(forest))


def live(forest: dict[str, PersonaTree]) -> Live:
    return {(subject, ref): claim for subject, tree in forest.items() for ref, claim in tree.claims.items()}


def states(store: Store, scope: Scope) -> list[Live]:
    with store.begin(write=False) as unit:
        head = unit.ledger.head(scope)
        return [live(unit.ledger.trees(scope, version=version)) for version in range(head.version + 1)]


# -- by example


@pytest.fixture
def undoing(store: Store, small_trunk: Trunk) -> Undoing:
    return Undoing(store=store, trunk=small_trunk, clock=ManualClock(NOON))


def commit(store: Store, scope: Scope, batch: Batch) -> None:
    with store.begin() as unit:
        unit.ledger.commit(scope, batch, expected_version=unit.ledger.head(scope).version)


def texts(store: Store, scope: Scope) -> set[str]:
    with store.begin(write=False) as unit:
        return {claim.text for tree in unit.ledger.trees(scope).values() for claim in tree.claims.values()}


def forget(store: Store, scope: Scope, claim: Claim, name: str) -> None:
    gone = Delete(path=claim.path, target=claim.id, reason="forgotten", at=NOON)
    with store.begin() as unit:
        batch = Batch(id=name, operations=(gone,), recorded_at=NOON, author="manual")
        unit.ledger.commit(scope, batch, expected_version=unit.ledger.head(scope).version)
        unit.ledger.erase(scope, [claim.id])


def test_what_was_forgotten_does_not_come_back_by_any_way(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    figs, tea = make.claim("figs"), make.claim("tea")
    commit(store, ana, make.batch(Add(claim=figs)))
    commit(store, ana, make.batch(Add(claim=tea), name="b2"))
    forget(store, ana, figs, "b3")
    for refused in (
        lambda: undoing.undo(ana),
        lambda: undoing.undo(ana, 2),
        lambda: undoing.undo(ana, version=1),
        lambda: undoing.undo(ana, version=3),
        lambda: undoing.rewind(ana, 2),
    ):
        with pytest.raises(NotInvertible) as caught:
            refused()
        assert caught.value.claim_id == figs.id
    assert texts(store, ana) == {"tea"}
    with store.begin(write=False) as unit:
        assert unit.ledger.head(ana).version == 3


def test_what_was_not_forgotten_can_still_be_taken_back(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    commit(store, ana, make.batch(Add(claim=figs)))
    commit(store, ana, make.batch(Add(claim=make.claim("tea")), name="b2"))
    forget(store, ana, figs, "b3")
    assert undoing.undo(ana, version=2).reverted == (2,)
    assert texts(store, ana) == set()
    assert undoing.redo(ana).reverted == (4,)
    assert undoing.rewind(ana, 0).target == 0
    assert texts(store, ana) == set()


def test_a_redo_after_something_was_forgotten_is_refused(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    commit(store, ana, make.batch(Add(claim=figs)))
    commit(store, ana, make.batch(Add(claim=make.claim("tea")), name="b2"))
    undoing.undo(ana)
    forget(store, ana, figs, "b3")
    with pytest.raises(NothingToUndo) as caught:
        undoing.redo(ana)
    assert (caught.value.action, caught.value.asked, caught.value.found) == ("redo", 1, 0)


def test_several_undos_happen_as_a_whole_or_not_at_all(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    commit(store, ana, make.batch(Add(claim=figs)))
    forget(store, ana, figs, "b2")
    commit(store, ana, make.batch(Add(claim=make.claim("tea")), name="b3"))
    with pytest.raises(NotInvertible):
        undoing.undo(ana, 2)
    assert texts(store, ana) == {"tea"}
    with store.begin(write=False) as unit:
        assert unit.ledger.head(ana).version == 3
        assert unit.jobs.jobs(scope=ana) == []


def test_each_version_that_is_taken_back_is_a_commit_that_says_so(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    for number in range(3):
        commit(store, ana, make.batch(Add(claim=make.claim(f"fig {number}")), name=f"b{number}"))
    commit(store, ana, make.batch(NoOp(why="known"), name="idle"))
    assert undoing.undo(ana, 2).reverted == (3, 2)
    assert undoing.redo(ana).reverted == (6,)
    undoing.rewind(ana, 0)
    with store.begin(write=False) as unit:
        assert [(one.version, one.author, one.reverts) for one in unit.ledger.commits(ana, after_version=4)] == [
            (5, "undo", 3),
            (6, "undo", 2),
            (7, "redo", 6),
            (8, "rewind", None),
        ]
        assert [job.kind for job in unit.jobs.jobs(scope=ana)] == ["index"]


def test_a_redo_goes_on_over_what_was_only_heard_again(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    commit(store, ana, make.batch(Add(claim=make.claim("figs"))))
    undoing.undo(ana)
    commit(store, ana, make.batch(NoOp(why="hello again"), name="b2"))
    undoing.redo(ana)
    assert texts(store, ana) == {"figs"}


def test_a_diff_tells_what_became_current_and_what_ceased_to_be_of_every_subject(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    porto, lisbon = make.claim("lives in Porto", path="home.city"), make.claim("lives in Lisbon", path="home.city")
    lisbon = lisbon.model_copy(update={"valid_from": make.moment(60)})
    tea = make.claim("likes tea", subject="person:Bo")
    commit(store, ana, make.batch(Add(claim=porto)))
    commit(store, ana, make.batch(Add(claim=lisbon), Add(claim=tea), name="b2"))
    there, back = undoing.diff(ana, 1), undoing.diff(ana, 2, 1)
    assert [(one.subject, one.gained, one.lost) for one in there.subjects] == [
        ("self", (lisbon,), (porto,)),
        ("person:Bo", (tea,), ()),
    ]
    assert [(one.subject, one.gained, one.lost) for one in back.subjects] == [
        ("self", (porto,), (lisbon,)),
        ("person:Bo", (), (tea,)),
    ]
    assert (there.from_version, there.to_version, back.from_version, back.to_version) == (1, 2, 2, 1)
    assert undoing.diff(ana, 2).subjects == ()
    forget(store, ana, porto, "b3")
    assert undoing.diff(ana, 0, 1).subjects == (), "forgotten words are in no comparison"
    for version in (-1, 4):
        with pytest.raises(UnknownVersion):
            undoing.diff(ana, 0, version)
        with pytest.raises(UnknownVersion):
            undoing.diff(ana, version)


def test_taking_back_a_retraction_gives_the_message_its_text_again(
    store: Store, ana: Scope, undoing: Undoing, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    gone = Delete(path=figs.path, target=figs.id, reason="retracted", at=NOON)
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="quote of figs", id="m1")], NOON)
    commit(store, ana, make.batch(Add(claim=figs)))
    commit(store, ana, make.batch(gone, name="b2", author="retract"))
    with store.begin() as unit:
        unit.turns.replace(ana, "m1", None, version=2, now=NOON)

    def text() -> str:
        with store.begin(write=False) as unit:
            return str(unit.turns.get(ana, ["m1"])["m1"].content)

    assert undoing.undo(ana).messages == ("m1",)
    assert text() == "quote of figs"
    assert undoing.redo(ana).messages == ("m1",)
    assert text() == ""
    assert undoing.undo(ana).messages == ("m1",)
    assert text() == "quote of figs"
    undoing.redo(ana)
    assert undoing.rewind(ana, 1).messages == ("m1",)
    assert text() == "quote of figs"
    undoing.undo(ana)
    assert text() == ""
