"""The grammar of the training sentences: templates with alternatives and words to draw."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

_CHOICE = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(r"\{([a-z_]+)(?::(\d))?\}")
_CLITIC = re.compile(r"\s+(?='(?:m|ve|d)\b)")


@dataclass(frozen=True, slots=True)
class Words:
    """Lists of words by name, to draw from."""

    lists: Mapping[str, Sequence[str]]

    def split(self, every: int) -> tuple[Words, Words]:
        """Words to learn with, and words held out: the last of each `every`; a list too short to be cut is in both.

        Example:
            >>> Words({"pet": ["cat", "dog", "owl"], "age": ["9"]}).split(3)
            (Words(lists={'pet': ['cat', 'dog'], 'age': ['9']}), Words(lists={'pet': ['owl'], 'age': ['9']}))
        """
        kept, held = {}, {}
        for name, words in self.lists.items():
            cut = len(words) >= every
            kept[name] = [word for place, word in enumerate(words) if not cut or place % every != every - 1]
            held[name] = [word for place, word in enumerate(words) if not cut or place % every == every - 1]
        return Words(kept), Words(held)


def phrase(template: str, words: Words, chance: np.random.Generator) -> str:
    """One sentence from a template: `(a|b)` is one of the two, `{pet}` a word of that list.

    A word is drawn once a phrase: `{pet}` twice is the same animal, `{pet:1}` and `{pet:2}` are different ones.

    Raises:
        KeyError: There is no such list.

    Example:
        >>> import numpy as np
        >>> chance = np.random.default_rng(1)
        >>> phrase("I {like} my {pet}, a {pet}", Words({"like": ["'m fond of"], "pet": ["cat"]}), chance)
        "I'm fond of my cat, a cat"
    """
    drawn: dict[tuple[str, str], str] = {}
    return tidy(_fill(_choose(template, chance), words, chance, drawn))


def phrases(templates: Sequence[str], words: Words, chance: np.random.Generator) -> list[str]:
    """Several templates with the same words drawn in all of them."""
    drawn: dict[tuple[str, str], str] = {}
    return [tidy(_fill(_choose(template, chance), words, chance, drawn)) for template in templates]


def tidy(text: str) -> str:
    """The text without doubled spaces, with `'m` joined to its pronoun."""
    return re.sub(r"\s+", " ", _CLITIC.sub("", text)).strip()


def _choose(template: str, chance: np.random.Generator) -> str:
    def one(hit: re.Match[str]) -> str:
        options = hit[1].split("|")
        return options[int(chance.integers(len(options)))]

    return _CHOICE.sub(one, template)


def _fill(template: str, words: Words, chance: np.random.Generator, drawn: dict[tuple[str, str], str]) -> str:
    def one(hit: re.Match[str]) -> str:
        name, number = hit[1], hit[2] or ""
        if (name, number) not in drawn:
            taken = {word for (other, at), word in drawn.items() if other == name and at and number}
            options = [word for word in words.lists[name] if word not in taken] or list(words.lists[name])
            drawn[name, number] = options[int(chance.integers(len(options)))]
        return drawn[name, number]

    return _WORD.sub(one, template)
