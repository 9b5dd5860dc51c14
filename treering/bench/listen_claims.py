"""What a listener made of a conversation, and two baselines that make every sentence a claim."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentencex import segment

from treering.bench.samples import SaidTurn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from treering.bench.samples import Conversation

EVERY = "every sentence"
FIRST_PERSON = "first person"
"""The baselines: each sentence of the user is a claim; each that says I, my or me is one."""

_FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|[Mm]e)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardClaim:
    """One claim in one session that it has evidence in."""

    session: str
    text: str
    quotes: tuple[str, ...]
    """Its evidence in that session, word for word."""
    path: str = ""
    """Its slot, if it has one."""


def sentences(text: str) -> list[str]:
    """The sentences of a message, line by line.

    Example:
        >>> sentences("I met Dr. Wu. She is nice!")
        ['I met Dr. Wu.', 'She is nice!']
    """
    found = (sentence.strip() for line in text.splitlines() for sentence in segment("en", line))
    return [sentence for sentence in found if sentence]


def every_sentence(conversation: Conversation) -> list[HeardClaim]:
    """Each sentence of the user as a claim."""
    return list(_spoken(conversation, lambda _: True))


def first_person(conversation: Conversation) -> list[HeardClaim]:
    """Each sentence of the user that says I, my or me as a claim."""
    return list(_spoken(conversation, lambda sentence: _FIRST_PERSON.search(sentence) is not None))


BASELINES: Mapping[str, Callable[[Conversation], list[HeardClaim]]] = {
    EVERY: every_sentence,
    FIRST_PERSON: first_person,
}
"""By name."""


def _spoken(conversation: Conversation, is_claim: Callable[[str], bool]) -> Iterator[HeardClaim]:
    for turn in conversation.steps:
        if isinstance(turn, SaidTurn) and turn.role == "user":
            for sentence in filter(is_claim, sentences(turn.text)):
                yield HeardClaim(session=turn.session, text=sentence, quotes=(sentence,))
