"""The training sentences: read from their files, drawn from the grammar, and turned into claims."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import yaml
from pydantic import TypeAdapter, ValidationError

from treering.errors import InvalidInput
from treering.memory.listeners.cessation import ending
from treering.memory.listeners.dates import resolve_dates
from treering.memory.listeners.grammar import rest_in_third_person, third_person_claim
from treering.memory.listeners.worth import shortened
from treering.own_yaml import load_yaml
from treering.schemas.value import Value
from treering.training.phrases import Words, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from treering.schemas.trunk import Trunk

HELD_EVERY = 5
"""Of five templates of a slot, and of five words of a list, the last is held out."""
HELD_WRITTEN_EVERY = 2
"""Of two sentences written by hand, the second is held out."""
DRAWN = 10
"""Sentences drawn from one template."""
DRAWN_TO_TEST = 4
"""The same for the held-out splits."""
SPOKEN_AT = datetime(2024, 3, 5, 12, tzinfo=UTC)
"""When the sentences are taken to be said; "last week" becomes a date, as it does in a claim."""

_Lists = dict[str, tuple[str, ...]]


class _Talk(Value):
    lexicons: _Lists = {}
    templates: tuple[str, ...]
    handwritten: tuple[str, ...]


class _Pairs(Value):
    templates: _Lists
    apart: tuple[str, ...] = ()
    handwritten: _Lists


_Shape = TypeVar("_Shape")
_LISTS: TypeAdapter[_Lists] = TypeAdapter(_Lists)
_TALK, _PAIRS = TypeAdapter(_Talk), TypeAdapter(_Pairs)

_NOT_SLOTS = ("lexicons.yaml", "negatives.yaml", "relations.yaml", "handwritten.yaml")

Split = Literal["train", "words", "phrasing", "written"]
"""`train` is learned from; `words`: known templates with unknown words; `phrasing`: unknown templates with unknown
words; `written`: sentences by hand."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A claim with its slot; None for one that is not worth keeping."""

    text: str
    path: str | None


@dataclass(frozen=True, kw_only=True)
class Material:
    """What sentences are drawn from."""

    slots: Mapping[str, Sequence[str]]
    """Templates of each slot."""
    written: Mapping[str, Sequence[str]]
    """Sentences by hand of each slot."""
    talk: Sequence[str]
    """Templates of what is not worth keeping."""
    written_talk: Sequence[str]
    """The same by hand."""
    pairs: Mapping[str, Sequence[str]]
    """Templates of pairs, `older => newer`, by relation."""
    apart: Sequence[str]
    """Templates of what can be said of one thing and is all true at once, with ` | ` between them."""
    written_pairs: Mapping[str, Sequence[str]]
    """The same by hand."""
    words: Words
    digest: str
    """SHA-256 over all files, in hex."""

    @cached_property
    def split_words(self) -> tuple[Words, Words]:
        """Words to learn with, and words held out."""
        return self.words.split(HELD_EVERY)


def read_material(folder: Traversable | None = None) -> Material:
    """The sentences that ship with Treering, or those of another folder.

    Raises:
        InvalidInput: A file is not what it should be.
    """
    folder = folder or files("treering.training") / "sentences"
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")}
    digest = hashlib.sha256("\x1f".join(f"{name}\x1e{texts[name]}" for name in sorted(texts)).encode()).hexdigest()
    slots: dict[str, tuple[str, ...]] = {}
    for name, text in sorted(texts.items()):
        if name not in _NOT_SLOTS:
            slots.update(_lists(name, text))
    talk = _read(_TALK, "negatives.yaml", texts.get("negatives.yaml", ""))
    relations = _read(_PAIRS, "relations.yaml", texts.get("relations.yaml", ""))
    return Material(
        slots=slots,
        written=_lists("handwritten.yaml", texts.get("handwritten.yaml", "")),
        talk=talk.templates,
        written_talk=talk.handwritten,
        pairs=relations.templates,
        apart=relations.apart,
        written_pairs=relations.handwritten,
        words=Words(_lists("lexicons.yaml", texts.get("lexicons.yaml", "")) | talk.lexicons),
        digest=digest,
    )


def sentences(material: Material, trunk: Trunk, split: Split, seed: int) -> list[Sentence]:
    """The claims of one split, each once; the trunk's own examples belong to `train`.

    Example:
        >>> from treering.schemas.trunks import load_trunk
        >>> material = read_material()
        >>> len(sentences(material, load_trunk("core"), "written", seed=0)) > 250
        True
    """
    chance = np.random.default_rng([seed, _number(split)])
    found = dict.fromkeys(_sentences(material, trunk, split, chance))
    return [sentence for sentence in found if len(sentence.text.split()) > 1]


@cache  # two of three are asked for again: pairs are drawn from the same sentences
def claim_of(sentence: str) -> str:
    """What the local listener would make of a sentence in the first person; a claim stays as it is.

    Example:
        >>> claim_of("I moved to Lisbon last week"), claim_of("I don't eat meat any more"), claim_of("is Black")
        ('moved to Lisbon in the week of 2024-02-26', 'no longer eats meat', 'is Black')
    """
    if sentence[:1].islower():
        return sentence
    dated = resolve_dates(sentence, SPOKEN_AT).text
    claim = third_person_claim(dated) or rest_in_third_person(dated)
    claim = shortened(claim) or claim
    over = ending(claim)
    return over.negative if over is not None and over.is_sure else claim


def drawn(templates: Sequence[str], split: Split) -> Sequence[str]:
    """Those templates that a split draws from."""
    is_held = split == "phrasing"
    kept = [t for place, t in enumerate(templates) if (place % HELD_EVERY == HELD_EVERY - 1) == is_held]
    return kept or (() if is_held else templates)


def written(texts: Sequence[str], split: Split) -> Sequence[str]:
    """Those sentences by hand that belong to a split."""
    if split not in ("train", "written"):
        return ()
    return texts[1::HELD_WRITTEN_EVERY] if split == "written" else texts[::HELD_WRITTEN_EVERY]


def _sentences(material: Material, trunk: Trunk, split: Split, chance: np.random.Generator) -> Iterator[Sentence]:
    known, held = material.split_words
    words, times = (known, DRAWN) if split == "train" else (held, DRAWN_TO_TEST)
    if split == "train":
        yield from (Sentence(example, slot.path) for slot in trunk.slots for example in slot.examples)
    paths = [*(slot.path for slot in trunk.slots), None]
    for path in paths:
        templates = material.talk if path is None else material.slots.get(path, ())
        by_hand = material.written_talk if path is None else material.written.get(path, ())
        yield from (Sentence(claim_of(text), path) for text in written(by_hand, split))
        if split != "written":
            for template in drawn(templates, split):
                yield from (Sentence(claim_of(phrase(template, words, chance)), path) for _ in range(times))


def _number(split: Split) -> int:
    return ("train", "words", "phrasing", "written").index(split)


def _lists(name: str, text: str) -> _Lists:
    return _read(_LISTS, name, text)


def _read(shape: TypeAdapter[_Shape], name: str, text: str) -> _Shape:
    try:
        return shape.validate_python(load_yaml(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise InvalidInput(f"training file {name}", f"cannot be read: {error}") from error
