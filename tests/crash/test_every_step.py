"""A process is killed after one step of the write path after another; whoever goes on ends with the same memory."""

from __future__ import annotations

import pickle
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from treering import Memory, Settings
from treering.memory.ports import UnitOfWork
from treering.memory.stores.upgrading import upgrade_store
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Scope
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.testing import ManualClock, Step, each_step, killed_at

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

COMMITS = 5
"""Commits after which the short form kills on each database, spread over all of them."""

STEPS = 2
"""Other steps, likewise. A death within a transaction leaves what the last commit did, so few are tried."""

DEED_COMMITS = 3
"""Commits after which the short form kills whoever forgets, undoes and the like."""

MOST_DEATHS = 4
"""In a row: a fifth process that dies of the same job would have it put aside."""

LEASE_S = 60.0
START = datetime(2024, 6, 1, tzinfo=UTC)

SAID = {
    "one": ("I live in Porto.", "I love hiking.", "I queued an hour."),
    "two": ("I moved to Lisbon.", "No more hiking for me.", "I waited all day.", "Do not keep where I live."),
}
HEARS = {
    "I live in Porto.": {"path": "home.city", "text": "lives in Porto"},
    "I love hiking.": {"path": "preferences.nature", "text": "loves hiking"},
    "I queued an hour.": {"path": "personality.traits", "text": "is patient", "origin": "inferred"},
    "I moved to Lisbon.": {"path": "home.city", "text": "lives in Lisbon"},
    "No more hiking for me.": {"kind": "DELETE", "path": "preferences.nature"},
    "I waited all day.": {"path": "personality.traits", "text": "is patient", "origin": "inferred"},
    "Do not keep where I live.": {"kind": "DELETE", "path": "home.city", "reason": "forgotten"},
}

Forked = Callable[[Callable[[], object]], int]


class Scripted:
    """Hears what is written above, and has it in writing first, as a chat model's answer."""

    name = "scripted/1"
    window_turns = 2
    context_turns = 1

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        return Reply(raw="as written", model="scripted", prompt_version="1")

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        assert reply is not None
        return Proposal(
            drafts=tuple(
                Draft(**{"kind": "ADD", **HEARS[turn.content]}, message_id=turn.message_id, quote=turn.content)
                for turn in window.turns
                if turn.content
            )
        )


class Place:
    """Where one person's life is led: a database, and whose it is there."""

    def __init__(self, folder: Path, user: str, url: str | None) -> None:
        self.folder = folder
        self.user = user
        self._settings = Settings(home=folder, database_url=url, embedder="hash", lease_s=LEASE_S)
        self._now = START

    def outlast(self) -> None:
        """Let the leases of whoever died run out."""
        self._now += timedelta(seconds=LEASE_S + 1)

    def open(self) -> Memory:
        """The memory of this process."""
        clock = ManualClock(self._now)
        return Memory(settings=self._settings, listener=Scripted(), clock=clock, background=False)

    def lead(self, memory: Memory) -> None:
        """Say everything, in order, and have it learned; whoever comes again says it again."""
        for month, (session, texts) in enumerate(SAID.items(), start=3):
            said = [
                {"role": "user", "content": text, "id": f"{session}-{day}", "at": f"2024-0{month}-0{day}T12:00:00Z"}
                for day, text in enumerate(texts, start=1)
            ]
            memory.remember(self.user, said[:2], session=session)
            memory.flush(self.user)
            memory.remember(self.user, said[2:], session=session)
            memory.flush(self.user)
        memory.end_session(self.user)
        memory.flush(self.user)

    def live(self) -> None:
        """Lead the life in a memory of this process."""
        with self.open() as memory:
            self.lead(memory)

    def outcome(self, memory: Memory) -> dict[str, object]:
        """Everything that a death could change."""
        assert memory.doctor(self.user).findings == ()
        with memory._engine.store.begin(write=False) as unit:
            return {"jobs": memory.jobs(self.user), **_stored(unit, Scope(user=self.user))}


NewPlace = Callable[[str], Place]


def _stored(unit: UnitOfWork, scope: Scope) -> dict[str, object]:
    head = unit.ledger.head(scope)
    entries = unit.ledger.entries(scope)
    return {
        "trees": {subject: tree.digest for subject, tree in unit.ledger.trees(scope).items()},
        "ledger": [(one.version, one.batch_id, _timeless(one.operation.model_dump())) for one in entries],
        "commits": [_timeless(commit.model_dump()) for commit in unit.ledger.commits(scope)],
        "turns": unit.turns.turns(scope),
        "sessions": [(session.id, session.turns, session.ended) for session in unit.turns.sessions(scope)],
        "passages": [sorted(map(repr, unit.passages.level(scope, level))) for level in range(4)],
        "vectors": unit.vectors.ids(scope),
        "held": [_timeless(held.model_dump(exclude={"id"})) for held in unit.quarantine.held(scope)],
        "marks": head.model_dump(exclude={"digest", "fence"}),
        "graph": repr(unit.mentions.graph(scope).mentioned),
    }


def _timeless(value: Any) -> Any:  # noqa: ANN401 - whatever a value holds
    """Without the moments at which something was written down or done, which differ between processes."""
    if isinstance(value, dict):
        return {name: _timeless(inner) for name, inner in value.items() if name != "recorded_at" and not _is_now(inner)}
    return [_timeless(inner) for inner in value] if isinstance(value, list | tuple) else value


def _is_now(value: object) -> bool:
    """Whether it is a moment of the processes, after all of which the person tells."""
    return isinstance(value, datetime) and value >= START


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def new_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewPlace]:
    """Makes places where nothing was said: a file each, or one schema with a person each."""
    folder, numbers = tmp_path_factory.mktemp("places"), count()
    if request.param == "sqlite":
        yield lambda name: Place(folder / f"{name}-{next(numbers)}", "ana", None)
        return
    with request.getfixturevalue("new_schemas")() as new_url:
        upgrade_store(url := new_url())
        yield lambda name: Place(folder, f"{name}-{next(numbers)}", url)


class Walk:
    """One life that nobody disturbed, and others that end in the same memory."""

    def __init__(self, new_place: NewPlace, forked: Forked) -> None:
        self._new_place = new_place
        self._forked = forked
        place = new_place("undisturbed")
        self.steps = _steps_of(place.live, forked, place.folder)
        self.commits = _lasting(self.steps)
        with place.open() as memory:
            self.expected = place.outcome(memory)

    def dying_at(self, *numbers: int) -> None:
        """One process after another is killed, each at a step of its own; then one is left alone."""
        place = self._new_place("-".join(map(str, ("dying", *numbers))))
        for number in numbers:

            def live(number: int = number) -> None:
                with killed_at(number):
                    place.live()

            status = self._forked(live)
            place.outlast()
            assert status in (0, -signal.SIGKILL), f"the process that was to die at {number} failed by itself"
            if status == 0:  # less was left to do than it was to live for
                break
        with place.open() as memory:
            place.lead(memory)
            assert place.outcome(memory) == self.expected, self._told(numbers)

    def dying_again_and_again(self, seed: int) -> None:
        """Processes are killed in a row, as many as one job may kill."""
        dice = random.Random(seed)
        self.dying_at(*(dice.randint(1, len(self.steps) // 2) for _ in range(MOST_DEATHS)))

    def _told(self, numbers: Sequence[int]) -> str:
        return "; ".join(str(self.steps[number - 1]) for number in numbers[:1])


@pytest.fixture(scope="module")
def walk(new_place: NewPlace, forked: Forked) -> Walk:
    return Walk(new_place, forked)


def test_the_life_that_is_disturbed_has_everything_in_it(walk: Walk) -> None:
    expected: Any = walk.expected
    assert expected["jobs"] == []
    assert {one["kind"] for _, _, one in expected["ledger"]} >= {"ADD", "UPDATE", "DELETE"}
    assert any(batch.startswith("hear:") for _, batch, _ in expected["ledger"])
    assert any(batch.startswith("consolidate") for _, batch, _ in expected["ledger"])
    assert len(expected["held"]) >= 1
    assert all(expected["passages"][level] for level in (0, 1, 3))
    assert {step.kind for step in walk.steps} == {"statement", "before commit", "after commit"}


def test_whoever_is_killed_at_a_step_the_next_one_ends_with_the_same_memory(walk: Walk, crash_seed: int) -> None:
    dice = random.Random(crash_seed)
    for step in [*_spread(walk.commits, COMMITS, dice), *_spread(walk.steps, STEPS, dice)]:
        walk.dying_at(step.number)


@pytest.mark.crash_long
@pytest.mark.timeout(7_200)
def test_every_step_of_a_life_may_be_the_last_of_its_process(walk: Walk) -> None:
    for step in walk.steps:
        walk.dying_at(step.number)


def test_processes_that_are_killed_one_after_the_other_leave_the_same_memory(walk: Walk, crash_seed: int) -> None:
    walk.dying_again_and_again(crash_seed)


@pytest.mark.crash_long
@pytest.mark.timeout(7_200)
def test_many_rows_of_deaths_leave_the_same_memory(walk: Walk, crash_seed: int) -> None:
    for nth in range(1, 101):
        walk.dying_again_and_again(crash_seed + nth)


def carry_out_the_wish(memory: Memory, user: str) -> None:
    [wish] = [held for held in memory.quarantine(user) if held.verdict.rule == "asked-to-forget"]
    memory.release(user, wish.id)


DEEDS: Mapping[str, Callable[[Memory, str], object]] = {
    "forget": lambda memory, user: memory.forget(user, "home.city"),
    "forget_all": lambda memory, user: memory.forget(user),
    "release": carry_out_the_wish,
    "undo": lambda memory, user: memory.undo(user),
    "retract": lambda memory, user: memory.retract(user, "two-1"),
    "amend": lambda memory, user: memory.amend(user, "one-1", "I love hiking."),
}


@pytest.fixture(scope="module")
def new_life(new_place: NewPlace) -> NewPlace:
    """Makes places where a life was led: copies of one file, or a person more."""
    led = new_place("led")
    led.live()

    def new(name: str) -> Place:
        place = new_place(name)
        if led.folder == place.folder:
            place.live()
        else:
            copytree(led.folder, place.folder)
        return place

    return new


def seen(place: Place) -> dict[str, object]:
    """What is there, when what was queued is done."""
    with place.open() as memory:
        memory.flush(place.user)
        return place.outcome(memory)


def do(place: Place, deed: Callable[[Memory, str], object], killed: int = 0) -> None:
    """Do it, and what it queues, in a process that is killed at a step."""
    with killed_at(killed), place.open() as memory:
        deed(memory, place.user)
        memory.flush(place.user)


class Deed:
    """One deed that nobody disturbed, and others that end likewise."""

    def __init__(self, new_life: NewPlace, forked: Forked, what: str) -> None:
        self._new_life = new_life
        self._forked = forked
        self._what = DEEDS[what]
        place = new_life("undisturbed")
        self._old = seen(place)
        steps = _steps_of(partial(do, place, self._what), forked, place.folder)
        self._new = seen(place)
        assert self._old != self._new
        self.commits = _lasting(steps)
        self.not_yet = steps[self.commits[0].number - 2]
        """The last step at which nothing is done: just before the first commit."""

    def dying_at(self, step: Step) -> None:
        """It was not done, and can be; or it was, wholly."""
        place = self._new_life(f"dying at {step.number}")
        assert self._forked(partial(do, place, self._what, step.number)) == -signal.SIGKILL
        place.outlast()
        found = seen(place)
        assert found in (self._old, self._new), step
        if found == self._old:
            do(place, self._what)
        assert seen(place) == self._new, step


@pytest.mark.parametrize("what", DEEDS)
@pytest.mark.parametrize("new_place", ["sqlite"], indirect=True)
def test_what_takes_words_back_is_done_or_not_wherever_it_is_killed(
    new_life: NewPlace, forked: Forked, what: str, crash_seed: int
) -> None:
    deed = Deed(new_life, forked, what)
    for step in [deed.not_yet, *_spread(deed.commits, DEED_COMMITS, random.Random(crash_seed))]:
        deed.dying_at(step)


@pytest.mark.crash_long
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("what", DEEDS)
def test_every_commit_of_a_deed_may_be_the_last_of_its_process(new_life: NewPlace, forked: Forked, what: str) -> None:
    deed = Deed(new_life, forked, what)
    for step in deed.commits:
        deed.dying_at(step)


def _spread(steps: Sequence[Step], count: int, dice: random.Random) -> list[Step]:
    """So many of the steps, one from each of as many equal parts."""
    count = min(count, len(steps))
    edges = [len(steps) * part // count for part in range(count + 1)]
    return [steps[dice.randrange(low, high)] for low, high in pairwise(edges)]


def _steps_of(action: Callable[[], None], forked: Forked, folder: Path) -> list[Step]:
    """Each step of something that is done: in a process of its own, since other threads of this one take steps too."""
    told = folder / "steps"

    def do_and_tell() -> None:
        steps: list[Step] = []
        with each_step(steps.append):
            action()
        told.write_bytes(pickle.dumps(steps))

    assert forked(do_and_tell) == 0
    return list(pickle.loads(told.read_bytes()))  # noqa: S301 - our own


def _lasting(steps: Sequence[Step]) -> list[Step]:
    """The commits of transactions that changed something."""
    found, has_changed = [], False
    for step in steps:
        has_changed = has_changed or step.statement.startswith(("INSERT", "UPDATE", "DELETE"))
        if step.kind == "after commit" and has_changed:
            found.append(step)
            has_changed = False
    return found
