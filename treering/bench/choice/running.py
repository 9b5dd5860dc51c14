"""The prompts of a run: what each system would put before a model, with the question. It sees no gold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.choice.answerers import LongestOption
from treering.bench.choice.hearing import LENGTH_RULE
from treering.bench.choice.prompts import prompt_of
from treering.bench.samples import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.folder import RunFolder
    from treering.bench.choice.prompts import Prompt
    from treering.bench.samples import Conversation


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


def exported(
    folder: RunFolder, systems: Sequence[str], conversations: Sequence[Conversation]
) -> Iterator[dict[str, str]]:
    """Every different prompt of a run, to be answered elsewhere; the rule of the longest option needs nobody."""
    asked = [system for system in systems if system != LENGTH_RULE]
    unique = {prompt.id: prompt.text for _, _, _, prompt in prompts(folder, asked, conversations)}
    for identity, text in sorted(unique.items()):
        yield {"id": identity, "prompt": text}
