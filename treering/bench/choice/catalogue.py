"""Suites whose questions have options, with their answer keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering import __version__
from treering.bench.choice.folder import About
from treering.bench.gold.choices import read_personamem_key, read_quartet_choices
from treering.bench.gold.quartet import GOLD
from treering.bench.suites.personamem_choices import PERSONAMEM, read_personamem_choices
from treering.bench.suites.quartet import PEOPLE, read_quartet
from treering.bench.suites.source import Source
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.samples import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSuite:
    """Conversations whose questions have options, with what is right."""

    name: str
    data: Path
    conversations: tuple[Conversation, ...]
    key: AnswerSheet
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
        return About(
            suite=self.name,
            data=str(self.data.resolve()),
            sha256=_SUITES[self.name].source.checksums(self.data),
            conversations=limit,
            embedder=embedder,
            treering=__version__,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFiles:
    """How the files of a suite are read."""

    source: Source
    """Who publishes them."""
    read: Callable[[Path], list[Conversation]]
    """What is said and asked."""
    read_key: Callable[[Path], AnswerSheet]
    """What is right."""


_QUARTET = Source(name="Quartet", url="`treering bench make`", licence="Apache-2.0", files=(PEOPLE, GOLD))

_SUITES: dict[str, SuiteFiles] = {
    "quartet": SuiteFiles(source=_QUARTET, read=read_quartet, read_key=read_quartet_choices),
    "personamem": SuiteFiles(source=PERSONAMEM, read=read_personamem_choices, read_key=read_personamem_key),
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
    suite = _SUITES[name]
    suite.source.found(data)
    conversations, key = suite.read(data), suite.read_key(data)
    asked = sum(one.questions for one in conversations)
    return ChoiceSuite(
        name=name,
        data=data,
        conversations=tuple(conversations[:limit]),
        key=key,
        left_out=max(0, len(key) - asked),
    )
