"""Fits lines into a token budget and writes the context, in a stable order. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from treering.schemas.recall import RecallLine

if TYPE_CHECKING:
    from datetime import datetime

    from treering.schemas.recall import Found, LineKind
    from treering.schemas.trunk import Sensitivity

HEADINGS: Mapping[LineKind, str] = {
    "claim": "Known about the person:",
    "summary": "Earlier conversations in short:",
    "turn": "Said in earlier conversations:",
}
"""What stands above each part of the context."""

MAX_TURN_TOKENS = 160
"""A longer turn is cut to the sentences that match the question best."""

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")

CountTokens = Callable[[str], int]


class Draft(NamedTuple):
    """A line that has no place in a context yet, with the fields of a `RecallLine`, which costs ten times as much."""

    kind: LineKind
    text: str
    at: datetime
    score: float
    tokens: int
    ref: str
    subject: str
    path: str | None = None
    sensitivity: Sensitivity = "open"
    message_ids: tuple[str, ...] = ()
    found_by: tuple[Found, ...] = ()

    def placed(self, name: str) -> RecallLine:
        """The line with its short id."""
        kind, text, at, score, tokens, ref, subject, path, sensitivity, message_ids, found_by = self
        return RecallLine(
            id=name,
            kind=kind,
            text=f"[{name}] {text}",
            at=at,
            score=score,
            tokens=tokens,
            ref=ref,
            subject=subject,
            path=path,
            sensitivity=sensitivity,
            message_ids=message_ids,
            found_by=found_by,
        )


Line = Draft | RecallLine
_L = TypeVar("_L", bound=Line)


def fit(lines: Sequence[_L], *, budget_tokens: int, count: CountTokens) -> tuple[_L, ...]:
    """The best lines that fit, best first; headings are paid for. A line that is too long makes room for the next."""
    kept: list[_L] = []
    spent = 0
    opened: set[LineKind] = set()
    for line in sorted(lines, key=lambda one: (-one.score, one.ref)):
        cost = line.tokens if line.kind in opened else line.tokens + count(HEADINGS[line.kind])
        if spent + cost <= budget_tokens:
            kept.append(line)
            opened.add(line.kind)
            spent += cost
    return tuple(kept)


def arrange(lines: Sequence[Line], slot_order: Mapping[str, int]) -> tuple[RecallLine, ...]:
    """Claims in trunk order, then summaries and turns by time; each gets its short id `c1…`, `s1…`, `t1…`."""
    claims = sorted((line for line in lines if line.kind == "claim"), key=lambda one: _claim_key(one, slot_order))
    summaries, turns = (
        sorted((line for line in lines if line.kind == kind), key=lambda one: (one.at, one.ref))
        for kind in ("summary", "turn")
    )
    return tuple(
        _placed(line, f"{letter}{number}")
        for letter, part in (("c", claims), ("s", summaries), ("t", turns))
        for number, line in enumerate(part, start=1)
    )


def _placed(line: Line, name: str) -> RecallLine:
    if isinstance(line, Draft):
        return line.placed(name)
    return line.model_copy(update={"id": name, "text": f"[{name}] {line.text}"})


def _claim_key(line: Line, slot_order: Mapping[str, int]) -> tuple[str, int, datetime, str]:
    return (line.subject, slot_order.get(line.path or "", len(slot_order)), line.at, line.ref)


def write(lines: Sequence[RecallLine]) -> str:
    """The context: a heading above each part, one line each; empty when there are no lines."""
    parts = []
    for kind, heading in HEADINGS.items():
        texts = [line.text for line in lines if line.kind == kind]
        if texts:
            parts.append("\n".join((heading, *texts)))
    return "\n".join(parts)


def excerpt(text: str, wanted: Callable[[str], float], *, max_tokens: int, count: CountTokens) -> str:
    """`text` on one line, cut to its best sentences in their order when it is longer than `max_tokens`."""
    flat = " ".join(text.split())
    if count(flat) <= max_tokens:
        return flat
    sentences = [" ".join(sentence.split()) for sentence in _SENTENCE.split(text) if sentence.strip()]
    chosen: set[int] = set()
    spent = 0
    for number in sorted(range(len(sentences)), key=lambda n: (-wanted(sentences[n]), n)):
        cost = count(sentences[number]) + 1
        if spent + cost <= max_tokens:
            chosen.add(number)
            spent += cost
    if not chosen:
        return _cut(flat, max_tokens, count)
    return " … ".join(_runs(sentences, sorted(chosen)))


def _runs(sentences: Sequence[str], chosen: Sequence[int]) -> list[str]:
    runs: list[str] = []
    previous = -2
    for number in chosen:
        if number == previous + 1:
            runs[-1] += f" {sentences[number]}"
        else:
            runs.append(sentences[number])
        previous = number
    return runs


def _cut(text: str, max_tokens: int, count: CountTokens) -> str:
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= max_tokens - 1 else (low, middle - 1)
    return f"{text[:low]}…"
