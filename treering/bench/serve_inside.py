"""What a server is measured beside: threads that call the SDK, in a process of its own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter
from typing import TYPE_CHECKING, Self

from treering.bench.generated import Words
from treering.bench.serve_load import Answered
from treering.client.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.settings import Settings

_opened: list[Memory] = []
"""The memory of the process that asks."""


class Inside:
    """A process with an embedded memory.

    Args:
        settings: Those of the server that it is measured beside.
        person: Who is asked about.
    """

    def __init__(self, settings: Settings, person: str) -> None:
        self._person = person
        self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_open, initargs=(settings,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.submit(_close).result()
        self._pool.shutdown()

    def recall(self, seconds: float, seeds: Sequence[int]) -> Answered:
        """Have as many threads as there are seeds ask for so many seconds, each the questions of its seed."""
        return self._pool.submit(_recall, self._person, seconds, list(seeds)).result()


def _open(settings: Settings) -> None:
    memory = Memory(settings=settings, background=False)
    memory.warm_up()
    _opened.append(memory)


def _close() -> None:
    _opened.pop().close()


def _recall(person: str, seconds: float, seeds: Sequence[int]) -> Answered:
    [memory] = _opened
    found = Answered()
    began, cpu_before = perf_counter(), time.process_time()
    end = began + seconds

    def ask(seed: int) -> None:
        words = Words(seed)
        while perf_counter() < end:
            question = words.question()
            began = perf_counter()
            memory.recall(person, question)
            found.took_s.append(perf_counter() - began)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.spent_s, found.cpu_s = perf_counter() - began, time.process_time() - cpu_before
    return found
