"""Has systems hear conversations, and an answerer answer from what they would put before a model. It sees no gold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from treering.bench.asking import ask
from treering.bench.choice.answerers import LongestOption
from treering.bench.choice.folder import Heard, Recalled
from treering.bench.choice.prompts import prompt_of
from treering.bench.samples import Question
from treering.bench.systems.catalogue import make_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.folder import RunFolder
    from treering.bench.choice.prompts import Prompt
    from treering.bench.samples import Conversation
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
    left = [number for number in range(len(conversations)) if not folder.has_heard(system, number)]
    progress(sum(len(one.steps) for one in conversations) - sum(len(conversations[number].steps) for number in left))
    if not left:
        return
    under_test = make_system(CONTROL if system == LENGTH_RULE else system, embedder)
    try:
        for number in left:
            conversation = conversations[number]
            answers = ask(under_test, [conversation], progress, depth=0)
            recalled = tuple(
                Recalled(
                    question=one.question,
                    memory=one.context.text,
                    tokens=one.context.tokens,
                    turns=tuple(sorted(one.context.turns)),
                    seconds=one.context_seconds,
                )
                for one in answers.answers
            )
            heard = Heard(conversation=conversation.id, turns=answers.turns, ingest_s=answers.ingest_s, asked=recalled)
            folder.keep_heard(system, number, heard)
    finally:
        under_test.close()


def prompts(
    folder: RunFolder, systems: Sequence[str], conversations: Sequence[Conversation]
) -> Iterator[tuple[str, str, str, Prompt]]:
    """System, conversation, question, and what is to be answered, for all that was heard."""
    for system in systems:
        for number, conversation in enumerate(conversations):
            heard = folder.heard(system, number)
            if heard is None:
                continue
            by_id: Mapping[str, Question] = {step.id: step for step in conversation.steps if isinstance(step, Question)}
            for one in heard.asked:
                yield system, conversation.id, one.question, prompt_of(by_id[one.question], one.memory)


def answerer_of(system: str, answerer: Answerer) -> Answerer:
    """Who answers for a system."""
    return LongestOption() if system == LENGTH_RULE else answerer


def answer(
    folder: RunFolder,
    asked: Sequence[tuple[Answerer, Prompt]],
    progress: Callable[[int], None],
    *,
    parallel: int,
) -> None:
    """Have all prompts answered that were not yet, each once, and keep every reply when it comes.

    Args:
        folder: Where it is kept.
        asked: Who answers what; the same prompt may come several times.
        progress: Told how many prompts more are done.
        parallel: How many are asked at the same time, at most.

    Raises:
        ModelUnavailable: The answerer does not answer; replies that came are kept.
    """
    todo = {(who.name, prompt.id): (who, prompt) for who, prompt in asked}
    left = {key: one for key, one in todo.items() if folder.reply(*key) is None}
    progress(len(todo) - len(left))
    with ThreadPoolExecutor(parallel, thread_name_prefix="answers") as pool:
        waiting = {pool.submit(who.answer, prompt): key for key, (who, prompt) in left.items()}
        try:
            for done in as_completed(waiting):
                folder.keep_reply(*waiting[done], done.result())
                progress(1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def exported(
    folder: RunFolder, systems: Sequence[str], conversations: Sequence[Conversation]
) -> Iterator[dict[str, str]]:
    """Every different prompt of a run, to be answered elsewhere; the rule of the longest option needs nobody."""
    asked = [system for system in systems if system != LENGTH_RULE]
    unique = {prompt.id: prompt.text for _, _, _, prompt in prompts(folder, asked, conversations)}
    for identity, text in sorted(unique.items()):
        yield {"id": identity, "prompt": text}
