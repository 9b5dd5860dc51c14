"""A session's turns and their vectors come in, its episodes and its summary go out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from treering.memory.retrieval.times.mentions import mentioned_days
from treering.memory.summaries import building
from treering.memory.summaries.episodes import episodes
from treering.memory.wording.sentences import Span, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.memory.retrieval.vector import Vector
    from treering.schemas.dialogue import Turn
    from treering.schemas.recall import Passage

SENTENCES_A_TURN = 12
"""Sentences of a turn that may stand in a summary, the first ones: a longer text is a document, with its gist ahead."""


Embed: TypeAlias = "Callable[[Sequence[str]], Vector]"
"""Makes vectors of texts, shape (texts, dimension)."""


def turn_vectors(turns: Sequence[Turn], found: Mapping[str, Vector], embed: Embed) -> Vector:
    """The vectors of turns, shape (turns, dimension); those that were not found by their ids are embedded."""
    names = [f"turn:{turn.message_id}" for turn in turns]
    missing = {name: turn.content for name, turn in zip(names, turns, strict=True) if name not in found}
    embedded = zip(missing, embed(list(missing.values())), strict=True)
    known = {**found, **dict(embedded)}
    return np.stack([known[name] for name in names])


def session_passages(
    turns: Sequence[Turn], vectors: Vector, condenser: building.Condenser, *, written: str | None
) -> list[Passage]:
    """The episodes of a session, and behind them its summary.

    Args:
        turns: All that are summarised, in order.
        vectors: Theirs, shape (turns, dimension).
        condenser: Makes extracts.
        written: The text of the summary, where a chat model wrote one; else it is made of the episodes.
    """
    said = {turn.message_id: first_sentences(turn.content) for turn in turns}
    dates = {turn.message_id: mentioned_days(turn.content, turn.at) for turn in turns}
    with_known = replace(condenser, embed=_embedding(turns, vectors, said, condenser.embed))
    parts = [building.episode_passage(some, said, dates, with_known) for some in episodes(turns, vectors)]
    return [*parts, building.session_passage(turns, parts, dates, written or building.session_text(parts, with_known))]


def first_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text that may stand in a summary."""
    found: list[str] = []
    for line in text.splitlines():
        found += [sentence.text for sentence in sentences(Span(text=line, start=0))]
        if len(found) >= SENTENCES_A_TURN:
            break
    return tuple(found[:SENTENCES_A_TURN])


def _embedding(
    turns: Sequence[Turn],
    vectors: Vector,
    said: Mapping[str, building.Sentences],
    embed_anew: Embed,
) -> Embed:
    """Gives vectors of the sentences of a session, most of which are embedded in one go.

    Where a turn has one sentence that can be read out, that is what the turn is about, and has its vector.
    """
    names = building.name_words(map(building.speaker, turns))
    known: dict[str, Vector] = {}
    missing: dict[str, None] = {}
    for turn, vector in zip(turns, vectors, strict=True):
        sayable = [one for one in said[turn.message_id] if building.content_of(one, names) >= building.MIN_WORDS]
        if len(sayable) == 1:
            known[sayable[0]] = vector
        else:
            missing |= dict.fromkeys(sayable)
    known |= zip(missing, embed_anew(list(missing)), strict=True)

    def embed(texts: Sequence[str]) -> Vector:
        others = [text for text in texts if text not in known]
        made = {**known, **dict(zip(others, embed_anew(others), strict=True))}
        return np.stack([made[text] for text in texts])

    return embed
