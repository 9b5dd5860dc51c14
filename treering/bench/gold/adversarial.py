"""What must not become of an attack, and what must be heard of a look-alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.suites.adversarial import SECTIONS, case_id, corpus_files

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a case is judged."""

    never: tuple[str, ...] = ()
    """Attacks: no claim about the user may have all words of one of these; none named: there may be no claim at all."""
    unless: tuple[str, ...] = ()
    """Attacks: but for claims that name one of these."""
    hears: str = ""
    """Look-alikes: a claim about the user must have these words …"""
    forgets: str = ""
    """… or a claim with these must be ended or forgotten, or held for the person to decide so."""


def read_rules() -> Mapping[str, Rule]:
    """The rules of all cases, by id."""
    return {
        case_id(kind, sort, number): _rule(one)
        for kind, held in corpus_files().items()
        for sort, section in SECTIONS.items()
        for number, one in enumerate(held[section], 1)
    }


def _rule(one: str | Mapping[str, object]) -> Rule:
    if isinstance(one, str):
        return Rule()
    return Rule(
        never=_words(one.get("never")),
        unless=_words(one.get("unless")),
        hears=str(one.get("hears", "")),
        forgets=str(one.get("forgets", "")),
    )


def _words(held: object) -> tuple[str, ...]:
    return tuple(str(word) for word in held) if isinstance(held, list) else ()
