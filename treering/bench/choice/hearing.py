"""Has a system hear a conversation, and tells what it would put before a model. It sees no gold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.asking import ask
from treering.bench.choice.folder import Heard, Recalled
from treering.bench.systems.catalogue import make_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from treering.bench.choice.folder import RunFolder
    from treering.bench.samples import Conversation
    from treering.bench.systems.port import System
    from treering.memory.ports import Embedder

LENGTH_RULE = "length-rule"
"""Stands among the systems, and answers by itself: the longest option."""

CONTROL = "none"
"""The system without memory, above which the others are told."""


def hear(
    folder: RunFolder,
    system: str,
    conversations: Sequence[Conversation],
    embedder: Callable[[], Embedder],
    progress: Callable[[int], None],
) -> None:
    """Let a system hear what it has not heard yet, and keep what it would put before a model.

    Args:
        folder: Where it is kept.
        system: The name of the system.
        conversations: Each is another person.
        embedder: Makes the embedder of the run.
        progress: Told how many steps more are done.
    """
    left = still_to_hear(folder, system, conversations)
    progress(steps_of(conversations) - steps_of(conversations[number] for number in left))
    if not left:
        return
    under_test = system_of(system, embedder)
    try:
        for number in left:
            folder.keep_heard(system, number, hear_one(under_test, conversations[number], progress))
    finally:
        under_test.close()


def still_to_hear(folder: RunFolder, system: str, conversations: Sequence[Conversation]) -> list[int]:
    """The places of conversations to whose end a system has not come yet."""
    return [number for number in range(len(conversations)) if not folder.has_heard(system, number)]


def steps_of(conversations: Iterable[Conversation]) -> int:
    """Turns and questions together."""
    return sum(len(one.steps) for one in conversations)


def system_of(name: str, embedder: Callable[[], Embedder]) -> System:
    """The system of a name; the rule of the longest option hears nothing."""
    return make_system(CONTROL if name == LENGTH_RULE else name, embedder)


def hear_one(
    under_test: System, conversation: Conversation, progress: Callable[[int], None], *, workers: int = 1
) -> Heard:
    """What a system makes of a conversation.

    Args:
        under_test: The system.
        conversation: What is said and asked; each question is put where it stands, and nothing later is handed over.
        progress: Told how many steps more are done.
        workers: How many conversations are heard at the same time.
    """
    before = under_test.stats().disk_bytes
    answers = ask(under_test, [conversation], progress, depth=0)
    recalled = tuple(
        Recalled(
            question=one.question,
            memory=one.context.text,
            tokens=one.context.tokens,
            turns=tuple(sorted(one.context.turns)),
            seconds=one.context_seconds,
            order=one.context.order,
            turns_before=one.turns_before,
        )
        for one in answers.answers
    )
    stats = under_test.stats()
    return Heard(
        conversation=conversation.id,
        turns=answers.turns,
        ingest_s=answers.ingest_s,
        asked=recalled,
        ingest_seconds=answers.ingest_seconds,
        flush_seconds=answers.flush_seconds,
        stats=stats.model_copy(update={"disk_bytes": _added(stats.disk_bytes, before)}),
        mode=under_test.mode,
        embedder=under_test.embedder,
        workers=workers,
    )


def _added(now: int | None, before: int | None) -> int | None:
    """What has come to a store, where the system tells how large it is."""
    return None if now is None or before is None else now - before
