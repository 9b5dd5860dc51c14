"""Has several processes hear conversations. They are handed turns and questions; only who started them writes."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter, deque
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from typing import TYPE_CHECKING, Self

from treering.bench.choice.folder import Heard
from treering.bench.choice.hearing import hear_one, steps_of, still_to_hear, system_of
from treering.errors import TreeringError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.connection import Connection
    from types import FrameType

    from treering.bench.choice.folder import RunFolder
    from treering.bench.samples import Conversation
    from treering.bench.systems.port import System
    from treering.memory.ports import Embedder

DEATHS = 2
"""Processes that may die over one conversation before the run is given up."""

END_S = 10.0
"""Seconds that a process has to remove its store once it is told to end."""

Task = tuple[str, int]
"""The name of a system, and the place of a conversation."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A system raised something."""

    why: str


def hear_side_by_side(
    folder: RunFolder,
    systems: Sequence[str],
    conversations: Sequence[Conversation],
    embedder: Callable[[], Embedder],
    progress: Callable[[str, int], None],
    *,
    workers: int,
) -> None:
    """As `hear` for every system, in several processes, each with a store of its own; it ends in the same contexts.

    Args:
        folder: Where it is kept.
        systems: The names of the systems.
        conversations: Each is another person.
        embedder: Makes the embedder of a system; can be pickled.
        progress: Told how many steps more of a system are done.
        workers: How many processes, at most.

    Raises:
        TreeringError: A system failed, or process after process died over one conversation; the rest is kept.
    """
    left: deque[Task] = deque()
    for system in systems:
        numbers = still_to_hear(folder, system, conversations)
        left.extend((system, number) for number in numbers)
        progress(system, steps_of(conversations) - steps_of(conversations[number] for number in numbers))
    deaths: Counter[Task] = Counter()
    with _Crew(conversations, embedder, min(workers, len(left))) as crew:
        while left or crew.is_busy:
            crew.give(left)
            for worker, told in crew.told():
                system, number = worker.task
                match told:
                    case int():
                        worker.done += told
                        progress(system, told)
                    case Heard():
                        folder.keep_heard(system, number, told)
                        worker.is_busy = False
                    case Failed():
                        raise TreeringError(f"{system} failed over {conversations[number].id}: {told.why}")
                    case None:
                        progress(system, -worker.done)
                        deaths[worker.task] += 1
                        if deaths[worker.task] == DEATHS:
                            raise TreeringError(_killed(system, conversations[number].id))
                        left.appendleft(worker.task)
                        crew.replace(worker)


def _killed(system: str, conversation: str) -> str:
    return (
        f"{DEATHS} processes were killed while {system} heard {conversation}, perhaps for want of memory; "
        "the same command goes on from here, with fewer --workers if need be"
    )


class _Worker:
    """A process, and what it is at."""

    def __init__(self, embedder: Callable[[], Embedder], workers: int, cores: frozenset[int]) -> None:
        context = get_context("spawn")
        self.cores = cores
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, embedder, workers, cores), daemon=True)
        self.process.start()
        theirs.close()
        self.task: Task = ("", 0)
        self.is_busy = False
        self.done = 0

    def begin(self, task: Task, conversation: Conversation) -> None:
        self.task, self.is_busy, self.done = task, True, 0
        try:
            self.pipe.send((task[0], conversation))
        except OSError:
            return  # it has died; what it says is its end

    def said(self) -> int | Heard | Failed | None:
        """What it tells; None: it has died."""
        try:
            told: int | Heard | Failed = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return told


class _Crew:
    """The processes of a run."""

    def __init__(self, conversations: Sequence[Conversation], embedder: Callable[[], Embedder], size: int) -> None:
        self._conversations = conversations
        self._embedder = embedder
        self._workers: list[_Worker] = []
        self._size = size

    def __enter__(self) -> Self:
        self._workers = [_Worker(self._embedder, self._size, one) for one in shares_of_cores(self._size)]
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(END_S)
            worker.process.kill()

    @property
    def is_busy(self) -> bool:
        return any(one.is_busy for one in self._workers)

    def give(self, left: deque[Task]) -> None:
        """Give those who have nothing to do the next tasks."""
        for worker in self._workers:
            if left and not worker.is_busy:
                task = left.popleft()
                worker.begin(task, self._conversations[task[1]])

    def told(self) -> Iterable[tuple[_Worker, int | Heard | Failed | None]]:
        """What those who are at work say next."""
        busy = [one for one in self._workers if one.is_busy]
        ready = connection.wait([one.pipe for one in busy])
        for worker in busy:
            if worker.pipe in ready:
                yield worker, worker.said()

    def replace(self, dead: _Worker) -> None:
        """Put another process in the place of one that died."""
        dead.process.join()
        self._workers[self._workers.index(dead)] = _Worker(self._embedder, self._size, dead.cores)


def shares_of_cores(workers: int) -> list[frozenset[int]]:
    """The cores that each of so many processes runs on, so that none of them starts threads for all; empty: any.

    Example:
        >>> len(shares_of_cores(2))
        2
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < workers:
        return [frozenset()] * workers
    return [frozenset(cores[place::workers]) for place in range(workers)]


def _work(pipe: Connection, embedder: Callable[[], Embedder], workers: int, cores: frozenset[int]) -> None:
    """Hear what comes, until there is nobody any more who sends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; who started us tells us to end
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if cores:
        os.sched_setaffinity(0, cores)
    with ExitStack() as open_systems:
        name, system = "", None
        while (task := _next(pipe)) is not None:
            wanted, conversation = task
            try:
                if system is None or wanted != name:
                    open_systems.close()
                    system = _opened(wanted, embedder, open_systems)
                    name = wanted
                pipe.send(hear_one(system, conversation, pipe.send, workers=workers))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told where it can be read
                pipe.send(Failed(str(error) if isinstance(error, TreeringError) else repr(error)))


def _next(pipe: Connection) -> tuple[str, Conversation] | None:
    try:
        task: tuple[str, Conversation] = pipe.recv()
    except EOFError:
        return None
    return task


def _opened(name: str, embedder: Callable[[], Embedder], open_systems: ExitStack) -> System:
    system = system_of(name, embedder)
    open_systems.callback(system.close)
    return system


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


def _end_with_parent() -> None:
    """A process whose parent was killed would stay for ever: it waits for what nobody sends."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
