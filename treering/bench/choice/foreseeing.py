"""What a run would take: turns, contexts, prompts, tokens and time, without asking a model and without writing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

from treering.bench.asking import ask
from treering.bench.choice.hearing import CONTROL, LENGTH_RULE, system_of
from treering.bench.choice.prompts import prompt_of
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.systems.port import CONTEXT_TOKENS
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.tokens import RegexTokenCounter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from treering.bench.choice.prompts import Prompt
    from treering.memory.ports import Embedder

FREE = (CONTROL, "full-context", "last-turns")
"""Systems whose contexts cost nothing to make, so that their prompts are counted and not estimated."""

REPLY_TOKENS = {"options": 5, "fact": 20, "request": 270}
"""What a reply has, by what is asked for: a letter, a few words, 200 words. A model that thinks aloud has far more."""

PROBE_TURNS = 60
"""Turns that a system hears so that its time can be told: a second or two of the local listener."""

PROBE_QUESTIONS = 3
"""Questions that are put to it then."""

_count = RegexTokenCounter().count


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What one system would take."""

    turns: int
    """Turns that it hears."""
    contexts: int
    """Questions for which it makes a context."""
    prompts: int = 0
    """Prompts that are answered: each different one once, where that is known beforehand."""
    input_tokens: int = 0
    """What is sent to the answerer, by our own count; at most, where it is not exact."""
    output_tokens: int = 0
    """What comes back, if the answers are as long as they should be."""
    free_answers: int = 0
    """Prompts among them without options, whose answers a judge would be asked about."""
    is_exact: bool = True
    """Whether prompts and what is sent were counted; else each is taken to be different, and its context to be full."""
    listening_calls: int = 0
    """Calls of the chat model that listens."""
    listening_tokens: int = 0
    """What is sent to it."""
    hearing_s: float | None = None
    """Seconds to hear and recall it all, alone on the machine; None: it was not tried."""


def foresee(
    system: str,
    conversations: Sequence[Conversation],
    *,
    embedder: Callable[[], Embedder] | None,
    listening: Callable[[Conversation], tuple[int, int]] | None = None,
) -> Foreseen:
    """What a system would take.

    Args:
        system: Its name.
        conversations: What it would hear.
        embedder: Makes the embedder of the run, to take the time of a few turns; None: no time is taken.
        listening: Tells the calls and tokens of a chat model that listens to the beginning; None: none listens.
    """
    turns = sum(isinstance(step, SaidTurn) for one in conversations for step in one.steps)
    contexts = sum(one.questions for one in conversations)
    answers = _answers(system, conversations) if system != LENGTH_RULE else _Answers()
    calls, tokens = _listening(conversations, listening, turns) if listening else (0, 0)
    return Foreseen(
        turns=turns,
        contexts=contexts,
        prompts=answers.prompts,
        input_tokens=answers.sent,
        output_tokens=answers.came,
        free_answers=answers.free,
        is_exact=system in (*FREE, LENGTH_RULE),
        listening_calls=calls,
        listening_tokens=tokens,
        hearing_s=None if embedder is None else _hearing_s(system, conversations, embedder, turns, contexts),
    )


def _listening(
    conversations: Sequence[Conversation], listening: Callable[[Conversation], tuple[int, int]], turns: int
) -> tuple[int, int]:
    """What listening to the beginning takes, for as many turns as there are."""
    some = [_beginning(one) for one in conversations[:1]]
    heard = sum(isinstance(step, SaidTurn) for one in some for step in one.steps)
    told = [listening(one) for one in some]
    share = turns / heard if heard else 0.0
    return round(share * sum(calls for calls, _ in told)), round(share * sum(tokens for _, tokens in told))


@dataclass(slots=True)
class _Answers:
    """Prompts, those without options, and the tokens that are sent for them and that come back."""

    prompts: int = 0
    free: int = 0
    sent: int = 0
    came: int = 0


def _answers(system: str, conversations: Sequence[Conversation]) -> _Answers:
    seen: set[str] = set()
    found = _Answers()
    for conversation in conversations:
        for prompt, context_tokens in _prompts(system, conversation):
            if system in FREE and prompt.id in seen:
                continue
            seen.add(prompt.id)
            found.prompts += 1
            found.free += not prompt.options
            found.sent += _count(replace(prompt, memory="").text) + context_tokens
            found.came += REPLY_TOKENS[prompt.kind]
    return found


def _prompts(system: str, conversation: Conversation) -> Iterator[tuple[Prompt, int]]:
    """The prompts of a conversation, each with what its context has; a full one where it is not known."""
    questions = {step.id: step for step in conversation.steps if isinstance(step, Question)}
    if system not in FREE:
        yield from ((prompt_of(one, ""), CONTEXT_TOKENS) for one in questions.values())
        return
    for answer in ask(system_of(system, HashEmbedder), [conversation], _ignored, depth=0).answers:
        yield prompt_of(questions[answer.question], answer.context.text), answer.context.tokens


def _hearing_s(
    system: str, conversations: Sequence[Conversation], embedder: Callable[[], Embedder], turns: int, contexts: int
) -> float:
    """Seconds to open a system, and then to hear and recall everything as it does the beginning."""
    began = perf_counter()
    under_test = system_of(system, embedder)
    try:
        opening_s = perf_counter() - began
        found = ask(under_test, [_beginning(one) for one in conversations[:1]], _ignored, depth=0)
    finally:
        under_test.close()
    recall_s = [one.context_seconds for one in found.answers]
    of_a_turn = found.ingest_s / found.turns if found.turns else 0.0
    return opening_s + turns * of_a_turn + contexts * (sum(recall_s) / len(recall_s) if recall_s else 0.0)


def _beginning(conversation: Conversation) -> Conversation:
    """The first turns, and after them the first questions, wherever those stand."""
    said = islice((step for step in conversation.steps if isinstance(step, SaidTurn)), PROBE_TURNS)
    asked = islice((step for step in conversation.steps if isinstance(step, Question)), PROBE_QUESTIONS)
    return Conversation(id=conversation.id, steps=(*said, *(replace(one, session=None) for one in asked)))


def _ignored(_: int) -> None: ...
