"""From turns and vectors to passages, level by level: episodes, a session, a theme, the root."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.digest import canonical
from treering.memory.retrieval.sparse import words
from treering.memory.summaries.textrank import extract
from treering.schemas.recall import Dated, Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from treering.memory.retrieval.vector import Vector
    from treering.schemas.dialogue import Turn

EPISODE, SESSION, THEME, ROOT = range(4)
"""The levels."""

TOKENS = (60, 120, 160, 200)
"""What the text of a passage may cost, by level: two or three sentences of an episode, a short paragraph of a life."""

MAX_LINES = 256
"""Lines that are compared for one summary; of more, as many at equal distances. Cost grows with their square."""

MAX_DATES = 32
"""Words about time that a passage keeps."""

MIN_WORDS = 3
"""Words of content, names of speakers aside, that a sentence needs to be worth reading out: "Wow, thanks!" has two."""

ID_CHARS = 24
"""Length of a passage's id, in hex digits."""

Sentences = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condenser:
    """What extracts are made with."""

    embed: Callable[[Sequence[str]], Vector]
    """Unit vectors of sentences, shape (sentences, dimension)."""
    cost: Callable[[str], int]
    """Tokens of a text."""

    def best(self, lines: Sequence[str], said: Sequence[str], speakers: Iterable[str], budget: int) -> list[str]:
        """The lines that say most within a budget of tokens, in their order; one that is too long by itself is cut.

        Args:
            lines: As they are read out.
            said: Each of them without who and when.
            speakers: Whose names tell nothing.
            budget: Tokens.
        """
        names = name_words(speakers)
        content = [content_of(sentence, names) for sentence in said]
        places = _evenly(
            [place for place, size in enumerate(content) if size >= MIN_WORDS] or range(len(said)), MAX_LINES
        )
        if not places:
            return []
        chosen = extract(
            [lines[place] for place in places],
            self.embed([said[place] for place in places]),
            [math.log1p(content[place]) for place in places],
            budget=budget,
            cost=self.cost,
        )
        return [_cut(lines[places[place]], budget, self.cost) for place in chosen]


def sayable(turns: Iterable[Turn], roles: frozenset[str]) -> list[Turn]:
    """The turns of a session that are summarised, in the order of the conversation."""
    found = [turn for turn in turns if turn.role in roles and turn.content]
    return sorted(found, key=lambda turn: (turn.index, turn.seq))


def session_id(turns: Sequence[Turn]) -> str:
    """The id of the summary of a session that has exactly these turns and words."""
    return _id(SESSION, [_identity(turn) for turn in turns])


def name_words(speakers: Iterable[str]) -> frozenset[str]:
    """The words in names of speakers, which tell nothing."""
    return frozenset(words(" ".join(speakers)))


def content_of(sentence: str, names: frozenset[str]) -> int:
    """How many different words of content a statement has, names aside; a question states nothing."""
    return 0 if sentence.rstrip().endswith("?") else len({*words(sentence)} - names)


def episode_passage(
    turns: Sequence[Turn],
    sentences: Mapping[str, Sentences],
    dates: Mapping[str, tuple[Dated, ...]],
    condenser: Condenser,
) -> Passage:
    """An episode, with what is said in it most.

    Args:
        turns: Its turns, in order.
        sentences: Those of each turn, by message id.
        dates: The words about time in each turn, by message id.
        condenser: Makes the extract.
    """
    said = [(turn, sentence) for turn in turns for sentence in sentences[turn.message_id]]
    lines = [f"{speaker(turn)}: {sentence}" for turn, sentence in said]
    text = condenser.best(lines, [sentence for _, sentence in said], _speakers(turns), TOKENS[EPISODE])
    return _of_turns(EPISODE, _id(EPISODE, [_identity(turn) for turn in turns]), turns, "\n".join(text), dates)


def session_passage(
    turns: Sequence[Turn],
    episodes: Sequence[Passage],
    dates: Mapping[str, tuple[Dated, ...]],
    text: str,
) -> Passage:
    """A session with its summary, made of its episodes."""
    made = _of_turns(SESSION, session_id(turns), turns, text, dates)
    return made.model_copy(update={"parts": tuple(episode.id for episode in episodes)})


def session_text(episodes: Sequence[Passage], condenser: Condenser) -> str:
    """The lines of its episodes that say most of a session."""
    speakers = _all_speakers(episodes)
    lines = [line for episode in episodes for line in episode.text.splitlines()]
    said = [_said(line, speakers) for line in lines]
    return "\n".join(condenser.best(lines, said, speakers, TOKENS[SESSION]))


def theme_id(sessions: Sequence[Passage]) -> str:
    """The id of a theme that has exactly these sessions."""
    return _id(THEME, [session.id for session in sessions])


def theme_passage(sessions: Sequence[Passage], condenser: Condenser) -> Passage:
    """A theme: the lines of its sessions that say most of it, each with its day."""
    speakers = _all_speakers(sessions)
    lines = [f"{session.at:%Y-%m-%d}: {line}" for session in sessions for line in session.text.splitlines()]
    text = condenser.best(lines, [_said_then(line, speakers) for line in lines], speakers, TOKENS[THEME])
    return _of_parts(THEME, theme_id(sessions), sessions, "\n".join(text))


def root_id(themes: Sequence[str]) -> str:
    """The id of the root above exactly these themes."""
    return _id(ROOT, themes)


def root_passage(themes: Sequence[Passage], condenser: Condenser) -> Passage:
    """The root: the lines of the themes that say most of all, from the first day to the last."""
    lines = sorted((line for theme in themes for line in theme.text.splitlines()), key=_day)
    speakers = _all_speakers(themes)
    text = condenser.best(lines, [_said_then(line, speakers) for line in lines], speakers, TOKENS[ROOT])
    return _of_parts(ROOT, root_id([theme.id for theme in themes]), themes, "\n".join(text))


def within(text: str, budget: int, cost: Callable[[str], int]) -> str:
    """The first lines of a text that a budget has room for; of the very first one at least some words."""
    lines = text.splitlines()
    kept = [_cut(lines[0], budget, cost)] if lines else []
    for line in lines[1:]:
        if cost("\n".join([*kept, line])) > budget:
            break
        kept.append(line)
    return "\n".join(kept)


def middle(vectors: Vector) -> Vector:
    """The unit vector in the middle of others: what stands for a passage in a search, shape (dimension,)."""
    total = vectors.sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    unit: Vector = (total / length if length else total).astype(np.float32)
    return unit


def speaker(turn: Turn) -> str:
    """Who speaks, by name or else by role."""
    return turn.speaker or turn.role


def _of_turns(
    level: int, name: str, turns: Sequence[Turn], text: str, dates: Mapping[str, tuple[Dated, ...]]
) -> Passage:
    named = dict.fromkeys(date for turn in turns for date in dates.get(turn.message_id, ()))
    return Passage(
        id=name,
        level=level,
        session=turns[0].session,
        message_ids=tuple(turn.message_id for turn in turns),
        text=text,
        at=min(turn.at for turn in turns),
        until=max(turn.at for turn in turns),
        seq=max(turn.seq for turn in turns),
        speakers=_speakers(turns),
        dates=tuple(named)[:MAX_DATES],
    )


def _of_parts(level: int, name: str, parts: Sequence[Passage], text: str) -> Passage:
    return Passage(
        id=name,
        level=level,
        message_ids=(),
        parts=tuple(part.id for part in parts),
        text=text,
        at=min(part.at for part in parts),
        until=max(part.until or part.at for part in parts),
        seq=max(part.seq for part in parts),
        speakers=_all_speakers(parts),
    )


def _speakers(turns: Iterable[Turn]) -> tuple[str, ...]:
    return tuple(sorted({speaker(turn) for turn in turns}))


def _all_speakers(parts: Iterable[Passage]) -> tuple[str, ...]:
    return tuple(sorted({name for part in parts for name in part.speakers}))


def _identity(turn: Turn) -> list[str | None]:
    return [turn.session, turn.message_id, turn.speaker, turn.content]


def _id(level: int, content: Sequence[object]) -> str:
    return hashlib.sha256(canonical([level, *content]).encode()).hexdigest()[:ID_CHARS]


def _said(line: str, speakers: Collection[str]) -> str:
    """A line without who says it."""
    who, _, sentence = line.partition(": ")
    return sentence if who in speakers else line


def _said_then(line: str, speakers: Collection[str]) -> str:
    """A line without its day, and without who says it."""
    return _said(line.partition(": ")[2], speakers)


def _day(line: str) -> str:
    return line.partition(":")[0]


def _evenly(places: Sequence[int], count: int) -> list[int]:
    if len(places) <= count:
        return list(places)
    return [places[number * len(places) // count] for number in range(count)]


def _cut(line: str, budget: int, cost: Callable[[str], int]) -> str:
    """The line, or as many of its first words as the budget has room for."""
    if cost(line) <= budget:
        return line
    pieces = line.split(" ")
    fits, too_many = 0, len(pieces)
    while too_many - fits > 1:
        some = (fits + too_many) // 2
        fits, too_many = (some, too_many) if cost(f"{' '.join(pieces[:some])} …") <= budget else (fits, some)
    return f"{' '.join(pieces[:fits])} …" if fits else "…"
