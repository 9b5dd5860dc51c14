"""Words that the judge of contradictions goes by, from a file: aversion, endings, opposites, and frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from treering.bench.listen_words import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CORPORA = "treering.bench.corpora"
"""Where the files of our own lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeWords:
    """What `judge.yaml` holds."""

    against: re.Pattern[str]
    """Words that speak against what stands beside them."""
    ended: re.Pattern[str]
    """Words that say that something is over."""
    negations: re.Pattern[str]
    """Plain negations; two of them affirm."""
    frames: Mapping[str, re.Pattern[str]]
    """Where one thing at a time can be, by name."""
    opposites: tuple[tuple[str, str], ...]
    """Pairs of stems that exclude each other."""
    hollow: frozenset[str]
    """Stems without a content of their own."""


@cache
def judge_words() -> JudgeWords:
    """The words, read once."""
    held = yaml.safe_load(resources.files(CORPORA).joinpath("judge.yaml").read_text("utf-8"))
    return JudgeWords(
        against=_words(held["against"]),
        ended=_words(held["ended"]),
        negations=_words(held["not"]),
        frames={name: _words([pattern]) for name, pattern in held["frames"].items()},
        opposites=tuple(_pair(line) for line in held["opposites"]),
        hollow=stems(held["hollow"]),
    )


def _words(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


def _pair(line: str) -> tuple[str, str]:
    [left], [right] = map(stems, line.split())
    return left, right
