"""What a system has to offer to be measured."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from treering.bench.samples import Question, SaidTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a system would put before a model."""

    tokens: int
    turns: frozenset[str]
    """Ids of the turns that it reads out, or that its lines rest on."""
    text: str = ""
    """What a model would read."""
    order: tuple[str, ...] = ()
    """The same turns, the best first; empty where a system does not tell."""


class Change(Value):
    """What a system did to what it holds of a person."""

    kind: Literal["ADD", "UPDATE", "DELETE"]
    """The operation."""
    path: str
    """The slot, in the trunk `core`; empty where a system has no slots."""
    says: str
    """The claim in words; of a DELETE what went."""
    turns: tuple[str, ...]
    """Ids of the turns that it rests on, sorted; empty where a system does not say."""


class HeldClaim(Value):
    """Something that a system holds to be so of a person now."""

    path: str
    """The slot, in the trunk `core`; empty where a system has no slots."""
    says: str
    """In words."""


class Stats(Value):
    """What a memory has come to. What a system does not tell is None; what asks no model has asked it 0 times."""

    disk_bytes: int | None = None
    """What its store takes on disk, of all people that it has heard."""
    memory_bytes: int | None = None
    """What it holds in memory for searching, of all people."""
    model_calls: int | None = 0
    """Calls of a chat model for the person at hand, up to now."""
    input_tokens: int | None = 0
    """What those calls read."""
    output_tokens: int | None = 0
    """What they wrote."""
    changes: tuple[Change, ...] | None = None
    """What it did to what it holds of the person at hand, in order."""
    held: tuple[HeldClaim, ...] | None = None
    """What it holds to be so of the person at hand, now."""


class System(Protocol):
    """A memory under measurement: five methods. One person is in it at a time; it sees no gold."""

    @property
    def mode(self) -> str:
        """How it looks for turns, in a word or two."""
        ...

    @property
    def embedder(self) -> str:
        """Which embedder it uses; empty without one."""
        ...

    def reset(self, person: str) -> None:
        """Begin with a person of whom nothing is known yet."""
        ...

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Take in consecutive turns of one session."""
        ...

    def flush(self, *, is_over: bool) -> None:
        """Wait until all that was taken in can be found; `is_over`: the session at hand has ended."""
        ...

    def recall(self, question: Question) -> Context:
        """What would stand in a prompt, at most `CONTEXT_TOKENS`."""
        ...

    def stats(self) -> Stats:
        """What it has come to."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


@runtime_checkable
class Ranker(System, Protocol):
    """A system that ranks single turns too, which `treering bench recall` measures."""

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """Ids of distinct turns, best first, at most `limit`."""
        ...


CONTEXT_TOKENS = 1_500
"""What a context may cost, for every system alike."""

LINE_TOKENS = 1
"""What the line break after each line costs."""


def filled(ranking: Sequence[str], lines: Mapping[str, str], count: Callable[[str], int]) -> Context:
    """The context of a system that has only a ranking: its best turns, whole, as long as they fit."""
    tokens = 0
    turns: list[str] = []
    for turn in ranking:
        cost = count(lines[turn]) + LINE_TOKENS
        if tokens + cost > CONTEXT_TOKENS:
            break
        tokens += cost
        turns.append(turn)
    text = "\n".join(lines[turn] for turn in turns)
    return Context(tokens=tokens, turns=frozenset(turns), text=text, order=tuple(turns))


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take on disk, as far as they are still there while it is looked at."""
    found = 0
    for one in folder.rglob("*"):
        with suppress(FileNotFoundError):
            found += one.stat().st_size if one.is_file() else 0
    return found
