"""Takes the person's own name out of a question, since all that is known is about that person anyway.

A name is most of a short sentence's meaning to an embedder: "What does Viktor do for a living?" has a cosine of .40
with "What does she do for a living?", and .8 once it asks for "they".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.word_caches import word_cache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from treering.memory.tree import PersonaTree

NAME_SEGMENT = "name"
"""Last part of the path of a slot that holds the person's name, in any trunk; in any case."""

_WORD = re.compile(r"[^\W\d_]{2,}")


def names_of(user: str, tree: PersonaTree | None) -> frozenset[str]:
    """The words by which a question may name the person: out of the user id, and of the claims about the name."""
    names = {word.capitalize() for word in _WORD.findall(user)}
    if tree is not None:
        for path in _of_names(tuple(tree.trunk.by_path)):
            claims = tree.by_path.get(path, ())
            names.update(word for claim in claims for word in _WORD.findall(claim.text) if word[0].isupper())
    return frozenset(names)


@word_cache(maxsize=64)
def _of_names(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Those slots that hold a person's name; remembered, as every question looks for them."""
    return tuple(path for path in paths if path.rpartition(".")[2].lower() == NAME_SEGMENT)


def impersonal(question: str, names: Iterable[str]) -> str:
    """`question` with "they" and "their" for the names.

    Example:
        >>> impersonal("Where does Ana Ribeiro live, and who is Ana's boss?", ["Ana", "Ribeiro"])
        'Where does they live, and who is their boss?'
    """
    one = "|".join(re.escape(name) for name in sorted(names))
    if not one:
        return question
    return re.sub(rf"\b(?:{one})(?:\s+(?:{one}))*(?P<whose>['\u2019]s)?\b", _pronoun, question)


def _pronoun(found: re.Match[str]) -> str:
    return "their" if found["whose"] else "they"
