"""A person with sessions, and an engine that learns nothing from them and summarises them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.memory.shelf import Shelf
from treering.errors import StoreBusy
from treering.memory.engine import Engine
from treering.memory.forgetting import Wish
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.ports import Store, Summariser, UnitOfWork
from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Message, Scope, Turn
from treering.schemas.jobs import Job
from treering.schemas.listening import Proposal, Reply, Window
from treering.schemas.recall import Passage
from treering.schemas.trunk import Trunk
from treering.testing import ManualClock, MemoryStore, NotingEmbedder
from treering.workers.runner import Runner

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
ANA = Scope(user="ana")

GARDEN = [
    "The garden needs three tomato beds this spring.",
    "I planted basil beside the tomato beds yesterday.",
    "The tomato plants in the garden have grown tall.",
    "Compost from the garden feeds the tomato beds.",
]
BOATS = [
    "The sailing boat got a new mainsail in Porto.",
    "We sailed the boat along the coast for two days.",
    "The boat and its mainsail survived the storm at sea.",
    "Next month the sailing boat goes into the harbour.",
]


class Deaf:
    """A listener that learns nothing."""

    name, window_turns, context_turns = "deaf/1", 64, 0

    def ask(self, window: Window, trees: Mapping[str, object]) -> Reply | None:
        return None

    def read(self, window: Window, trees: Mapping[str, object], reply: Reply | None) -> Proposal:
        return Proposal()


class Writer:
    """A chat model that writes summaries, or fails."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []

    def summarise(self, turns: Sequence[Turn], *, tokens: int) -> str:
        self.asked.append([turn.message_id for turn in turns])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Failing:
    """A store whose n-th writing transaction is not committed: the process died before."""

    def __init__(self, store: Store, at: int) -> None:
        self._store = store
        self.left = at

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[UnitOfWork]:
        self.left -= write
        with self._store.begin(write=write) as unit:
            yield unit
            if write and self.left == 0:
                raise StoreBusy("the store", 0)

    def scopes(self, *, tenant: str | None = None) -> list[Scope]:
        return self._store.scopes(tenant=tenant)

    def close(self) -> None:
        self._store.close()


class World:
    """An engine whose listener learns nothing, and the tree of one person."""

    garden, boats = GARDEN, BOATS

    def __init__(
        self, folder: Path | None, trunk: Trunk, *, index: Shelf | None = None, writer: Summariser | None = None
    ) -> None:
        self.embedder = NotingEmbedder()
        self.shelf = index
        self.clock = ManualClock(NOON)
        name = self.embedder.fingerprint
        self.store: Store = (
            MemoryStore(trunk, fingerprint=name)
            if folder is None
            else SqlStore(f"sqlite:///{folder}/x.db", trunk, fingerprint=name)
        )
        self._trunk, self._writer = trunk, writer
        self.engine = self.open(self.store)

    def open(self, store: Store) -> Engine:
        def nothing() -> None:
            raise NotImplementedError

        return Engine(
            store=store,
            index=self.shelf,
            embedder=self.embedder,
            router=nothing,  # type: ignore[arg-type]  # nothing is recalled here
            slots=nothing,  # type: ignore[arg-type]
            listener=Deaf,
            trunk=self._trunk,
            counter=RegexTokenCounter(),
            clock=self.clock,
            observe=lambda *_: None,
            summariser=lambda: self._writer,
        )

    def say(self, session: str, *texts: str, first: int = 0, drain: bool = True) -> None:
        """Say something on the next day; messages are called `session-place`."""
        at = self.clock.now()
        messages = [
            Message(content=text, id=f"{session}-{place}", at=at + timedelta(seconds=place), speaker="Ana")
            for place, text in enumerate(texts, start=first)
        ]
        self.clock.advance(timedelta(days=1))
        self.engine.remember(ANA, messages, session)
        if drain:
            self.drain()

    def fill(self, sessions: int = 5, *, drain: bool = True) -> None:
        """Sessions on the garden and on boats, in turn."""
        for number in range(sessions):
            subject = BOATS if number % 2 else GARDEN
            self.say(f"s{number}", *subject, f"The {number} ended well for everybody.", drain=False)
        if drain:
            self.drain()

    def forget(self, *messages: str) -> None:
        """Forget messages."""
        self.engine.forgetting.forget(ANA, Wish(messages=frozenset(messages)))

    def leased(self) -> Job:
        """The summarise job, after all others were done and all turns were indexed."""
        while True:
            with self.store.begin() as unit:
                job = unit.jobs.claim(self.clock.now(), lease_s=60)
            assert job is not None
            if job.kind == "summarise":
                self.engine._indexing.index(job)
                return job
            self.engine.run(job, last_try=True)
            with self.store.begin() as unit:
                unit.jobs.finish(job)

    def end(self) -> None:
        self.engine.end_session(ANA)
        self.drain()

    def drain(self) -> None:
        Runner(self.engine, lease_s=60).drain()
        with self.store.begin(write=False) as unit:
            assert [job for job in unit.jobs.jobs() if job.state != "done"] == []

    @property
    def passages(self) -> dict[str, Passage]:
        with self.store.begin(write=False) as unit:
            return {passage.id: passage for level in range(4) for passage in unit.passages.level(ANA, level)}

    def level(self, level: int) -> list[Passage]:
        return sorted((one for one in self.passages.values() if one.level == level), key=lambda one: one.at)

    @property
    def asked(self) -> list[list[str]]:
        """The messages of each summary that the chat model was asked for."""
        return self._writer.asked if self._writer is not None else []

    @property
    def entries(self) -> dict[str, bytes]:
        """The vectors of summaries, to the last bit."""
        with self.store.begin(write=False) as unit:
            index = self.shelf or unit.vectors
            names = sorted(name for name in index.ids(ANA) if name.startswith("summary:"))
            return {name.removeprefix("summary:"): index.dense(ANA, [name])[name].tobytes() for name in names}

    @property
    def text(self) -> str:
        return "\n".join(passage.model_dump_json() for passage in self.passages.values())

    def is_whole(self) -> bool:
        """Every session that ended has its summary, all hangs together, and each passage has its vector."""
        with self.store.begin(write=False) as unit:
            ended = {one.id for one in unit.turns.sessions(ANA) if one.ended}
            said = {turn.message_id for turn in unit.turns.turns(ANA) if turn.content and turn.session in ended}
            tree = unit.passages.tree(ANA)
        return (
            tree.episode_of.keys() == said
            and len(tree.roots) == bool(said)
            and self.entries.keys() == tree.names == self.passages.keys()
        )


@pytest.fixture(params=["rows", "server"])
def world(request: pytest.FixtureRequest, tmp_path: Path, small_trunk: Trunk) -> Iterator[World]:
    """Vectors in the store, and on a server."""
    world = World(tmp_path, small_trunk, index=Shelf() if request.param == "server" else None)
    yield world
    world.store.close()


@pytest.fixture
def new_world(small_trunk: Trunk) -> Callable[..., World]:
    """Worlds in memory, with or without a server for the vectors, and with what a chat model answers."""

    def make(*answers: str | Exception, has_server: bool = False) -> World:
        index, writer = Shelf() if has_server else None, Writer(*answers) if answers else None
        return World(None, small_trunk, index=index, writer=writer)

    return make


@pytest.fixture
def dying() -> type[Failing]:
    """A store whose n-th write never comes to be."""
    return Failing
