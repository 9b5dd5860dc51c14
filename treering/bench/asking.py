"""Puts the questions of a suite to a system, each at its own point of the conversation, and takes the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from time import perf_counter
from typing import TYPE_CHECKING

from treering.bench.samples import Question, SaidTurn
from treering.bench.systems.port import Ranker
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from treering.bench.samples import Conversation
    from treering.bench.systems.port import Context, System

DEPTH = 20
"""Turns of each ranking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system found for a question."""

    conversation: str
    question: str
    ranking: tuple[str, ...]
    context: Context
    seconds: float
    """Of the search; the context is not part of it."""
    context_seconds: float = 0.0
    """Of the context."""
    turns_before: int = 0
    """Turns of the conversation that were taken in before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a system found for all questions."""

    answers: tuple[Answer, ...]
    turns: int
    """Turns taken in."""
    ingest_seconds: tuple[float, ...]
    """Seconds of each time that turns were taken in."""
    flush_seconds: tuple[float, ...]
    """Seconds of each wait until they could be found."""

    @property
    def ingest_s(self) -> float:
        """Seconds until all turns could be found."""
        return sum(self.ingest_seconds) + sum(self.flush_seconds)


def ask(
    system: System, conversations: Iterable[Conversation], progress: Callable[[int], None], *, depth: int = DEPTH
) -> Answers:
    """Let a system hear every conversation, and ask where the questions stand.

    Args:
        system: The system.
        conversations: With their questions; each is another person.
        progress: Told how many steps more are done.
        depth: Turns of each ranking; with 0 nothing is ranked, and a system need not be able to.

    Raises:
        InvalidInput: Rankings are asked of a system that makes none.
    """
    answers: list[Answer] = []
    turns = 0
    ingested: list[float] = []
    flushed: list[float] = []
    for conversation in conversations:
        system.reset(conversation.id)
        open_session: str | None = None
        waits, before = False, turns
        for session, steps in _groups(conversation.steps):
            said = [one for one in steps if isinstance(one, SaidTurn)]
            asked = [one for one in steps if isinstance(one, Question)]
            waits = bool(said)
            if said:
                ingested.append(_seconds(partial(system.ingest, said)))
                open_session, turns = session, turns + len(said)
            else:
                flushed.append(_seconds(partial(system.flush, is_over=session != open_session)))
            found = [_answer(system, conversation.id, one, depth) for one in asked]
            answers += [replace(one, turns_before=turns - before) for one in found]
            progress(len(steps))
        if waits:  # what is said after the last question is taken in too, or its time would be nobody's
            flushed.append(_seconds(partial(system.flush, is_over=True)))
    return Answers(
        answers=tuple(answers),
        turns=turns,
        ingest_seconds=tuple(ingested),
        flush_seconds=tuple(flushed),
    )


def _seconds(action: Callable[[], None]) -> float:
    began = perf_counter()
    action()
    return perf_counter() - began


def _groups(steps: Sequence[SaidTurn | Question]) -> Iterable[tuple[str | None, list[SaidTurn | Question]]]:
    """Consecutive turns of a session, and consecutive questions."""
    for (session, _), group in groupby(steps, key=lambda step: (step.session, type(step))):
        yield session, list(group)


def _answer(system: System, conversation: str, question: Question, depth: int) -> Answer:
    began = perf_counter()
    ranking = _ranking(system, question, depth) if depth else ()
    seconds = perf_counter() - began
    began = perf_counter()
    context = system.recall(question)
    return Answer(
        conversation=conversation,
        question=question.id,
        ranking=ranking,
        context=context,
        seconds=seconds,
        context_seconds=perf_counter() - began,
    )


def _ranking(system: System, question: Question, depth: int) -> tuple[str, ...]:
    if not isinstance(system, Ranker):
        raise InvalidInput("--systems", f"one of them ({system.mode}) ranks no turns; `treering bench run` measures it")
    return system.search(question, depth)
