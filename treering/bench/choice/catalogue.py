"""Suites whose questions have options, with their answer keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering import __version__
from treering.bench.choice.folder import About
from treering.bench.gold.choices import read_personamem_key, read_quartet_choices
from treering.bench.gold.quartet import GOLD
from treering.bench.suites.personamem import CONTEXTS
from treering.bench.suites.personamem_choices import QUESTIONS, read_personamem_choices
from treering.bench.suites.quartet import PEOPLE, read_quartet
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from treering.bench.gold.choices import ChoiceKey
    from treering.bench.samples import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSuite:
    """Conversations whose questions have options, with what is right."""

    name: str
    data: Path
    conversations: tuple[Conversation, ...]
    key: ChoiceKey
    left_out: int
    """Questions of the files that have no single right answer."""

    @property
    def questions(self) -> int:
        """How many are asked."""
        return sum(one.questions for one in self.conversations)

    @property
    def steps(self) -> int:
        """Turns and questions together."""
        return sum(len(one.steps) for one in self.conversations)

    def about(self, embedder: str, limit: int | None) -> About:
        """What a run on it is a run of."""
        files = _files(self.name, self.data)
        return About(
            suite=self.name,
            data=str(self.data.resolve()),
            sha256={file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
            conversations=limit,
            embedder=embedder,
            treering=__version__,
        )


_SUITES: dict[str, tuple[Callable[[Path], list[Conversation]], Callable[[Path], ChoiceKey], tuple[str, ...]]] = {
    "quartet": (read_quartet, read_quartet_choices, (PEOPLE, GOLD)),
    "personamem": (read_personamem_choices, read_personamem_key, (QUESTIONS, CONTEXTS)),
}

CHOICE_SUITES = tuple(_SUITES)
"""Their names."""


def read_choice_suite(name: str, data: Path, limit: int | None = None) -> ChoiceSuite:
    """A suite from files.

    Args:
        name: One of `CHOICE_SUITES`.
        data: Its folder.
        limit: Most conversations.

    Raises:
        InvalidInput: There is no such suite, or a file cannot be read, or has another shape.
    """
    if name not in _SUITES:
        raise InvalidInput("--suite", f"{name!r} is none; known are {', '.join(CHOICE_SUITES)}")
    read, read_key, _ = _SUITES[name]
    conversations, key = read(data), read_key(data)
    asked = sum(one.questions for one in conversations)
    return ChoiceSuite(
        name=name,
        data=data,
        conversations=tuple(conversations[:limit]),
        key=key,
        left_out=max(0, len(key) - asked),
    )


def _files(name: str, data: Path) -> list[Path]:
    folder = data if data.is_dir() else data.parent
    return sorted(file for pattern in _SUITES[name][2] for file in folder.glob(pattern))
