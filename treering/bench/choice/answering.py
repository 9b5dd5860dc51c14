"""Has an answerer answer prompts: each once, several at a time, again after a failure; nothing that came is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from treering.bench.choice.folder import Answered
from treering.bench.choice.prompts import Written
from treering.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from treering.bench.choice.answerers import Replies
    from treering.bench.choice.folder import RunFolder
    from treering.memory.ports import ModelAnswer

Asked = TypeVar("Asked", bound=Written)

ATTEMPTS = 5
"""Times that a prompt is asked, beside what the provider's client tries by itself."""

FIRST_PAUSE_S = 1.0
"""Seconds before the second attempt, twice as many before each later one, and never less than the provider says."""

Pause = Callable[[float], bool]
"""Waits so many seconds; whether no further attempt is wanted."""


def answer(
    folder: RunFolder,
    asked: Iterable[tuple[Replies[Asked], Asked]],
    progress: Callable[[Answered], None],
    *,
    parallel: int,
    pause: Pause | None = None,
) -> None:
    """Have all prompts answered that were not yet, each once, and keep every reply when it comes.

    What a provider refuses to answer is kept as an empty reply, which is wrong; unless it refuses everything.

    Args:
        folder: Where it is kept.
        asked: Who answers what; the same prompt may come several times, and is told once.
        progress: Told of every reply: those that were kept, then each that comes.
        parallel: How many are asked at the same time, at most.
        pause: Waits between two attempts; None: in fact, but no longer than until something else fails.

    Raises:
        ModelUnavailable: The answerer does not answer; replies that came are kept.
    """
    stopping = Event()
    answering = _Answering(folder, progress)
    waiting: set[Future[Answered]] = set()
    pool = ThreadPoolExecutor(parallel, thread_name_prefix="answers")
    try:
        for who, prompt in _left(folder, asked, progress):
            if len(waiting) == parallel:
                waiting = answering.take(waiting)
            waiting.add(pool.submit(_asked, who, prompt, pause or stopping.wait))
        while waiting:
            waiting = answering.take(waiting)
        answering.take_refused()
    except BaseException:
        stopping.set()
        pool.shutdown(cancel_futures=True)  # what is under way is paid for: it is waited for, and kept
        answering.keep(waiting)
        raise
    pool.shutdown()


class _Answering:
    """Keeps what comes."""

    def __init__(self, folder: RunFolder, progress: Callable[[Answered], None]) -> None:
        self._folder = folder
        self._progress = progress
        self._refused: list[Answered] = []
        self._answerers: set[str] = set()

    def take(self, waiting: set[Future[Answered]]) -> set[Future[Answered]]:
        """Keep what comes next; returns what is still to come.

        Raises:
            ModelUnavailable: One of them did not come; the others are kept.
        """
        done, rest = wait(waiting, return_when=FIRST_COMPLETED)
        self.keep(done)
        for one in done:
            one.result()
        return rest

    def keep(self, some: Iterable[Future[Answered]]) -> None:
        """Keep those that have come."""
        for one in some:
            if one.cancelled() or not one.done() or one.exception() is not None:
                continue
            reply = one.result()
            if reply.refused:
                self._refused.append(reply)
            elif self._folder.answered(reply.answerer, reply.prompt) is None:
                self._keep(reply)

    def take_refused(self) -> None:
        """Keep the refusals of who answers other prompts.

        Raises:
            ModelUnavailable: All was refused, so that it is not for what the prompts hold.
        """
        answers = self._answerers | self._folder.answerers
        for reply in self._refused:
            if reply.answerer not in answers:
                raise ModelUnavailable(reply.answerer, f"every prompt was refused: {reply.refused}")
            self._keep(reply)

    def _keep(self, reply: Answered) -> None:
        self._folder.keep_reply(reply)
        self._answerers.add(reply.answerer)
        self._progress(reply)


def _left(
    folder: RunFolder, asked: Iterable[tuple[Replies[Asked], Asked]], progress: Callable[[Answered], None]
) -> Iterator[tuple[Replies[Asked], Asked]]:
    """What is not answered yet, each once; what is, is told."""
    seen: set[tuple[str, str]] = set()
    for who, prompt in asked:
        key = who.name, prompt.id
        if key in seen:
            continue
        seen.add(key)
        kept = folder.answered(*key)
        if kept is None:
            yield who, prompt
        else:
            progress(kept)


def _asked(who: Replies[Asked], prompt: Asked, pause: Pause) -> Answered:
    try:
        found = _patiently(who, prompt, pause)
    except ModelUnavailable as error:
        if not error.is_about_prompt:
            raise
        return Answered(answerer=who.name, prompt=prompt.id, reply="", refused=error.why)
    return Answered(
        answerer=who.name,
        prompt=prompt.id,
        reply=found.text,
        input_tokens=found.tokens_in,
        output_tokens=found.tokens_out,
    )


def _patiently(who: Replies[Asked], prompt: Asked, pause: Pause) -> ModelAnswer:
    for attempt in range(ATTEMPTS - 1):
        try:
            return who.answer(prompt)
        except ModelUnavailable as error:
            if error.is_about_prompt or pause(max(error.retry_after_s or 0.0, FIRST_PAUSE_S * 2**attempt)):
                raise
    return who.answer(prompt)
