"""What each dialog of PERMA tells about the person: its `Domain-Attribute-Value` triples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.suites.files import WrongShape, read_json
from treering.bench.suites.perma import dialog_id, dialogs_file, perma_people

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_NEXT = re.compile(r",\s*(?=[A-Z][\w &]*-[A-Z])")
"""Where one triple ends and the next begins: a value may have commas and hyphens of its own. A few dialogs part their
triples with semicolons as well; what stands between those stays one triple."""

_FIELDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple:
    """One thing that holds of a person."""

    domain: str
    attribute: str
    value: str

    @property
    def name(self) -> str:
        """As the authors write it."""
        return f"{self.domain}-{self.attribute}-{self.value}"


Triples = dict[str, dict[str, tuple[Triple, ...]]]
"""By person, then by dialog; each triple of a dialog once."""


def read_perma_gold(data: Path, names: Sequence[str] | None = None, *, noisy: bool = False) -> Triples:
    """The triples of every dialog.

    Raises:
        InvalidInput: A person or file is missing, cannot be read, or has another shape.
    """
    return {folder.name: _person(dialogs_file(folder, noisy=noisy)) for folder in perma_people(data, names)}


def _person(file: Path) -> dict[str, tuple[Triple, ...]]:
    topics = read_json(file)
    try:
        return dict(_dialogs(topics))
    except (KeyError, TypeError, ValueError) as error:
        raise WrongShape(file, "PERMA", error) from error


def _dialogs(topics: Sequence[Mapping[str, Sequence[Mapping[str, str]]]]) -> Iterator[tuple[str, tuple[Triple, ...]]]:
    for number, topic in enumerate(topics):
        for place, dialog in enumerate(topic["dialogs"]):
            yield dialog_id(number, place), tuple(dict.fromkeys(split_triples(dialog["preferences"])))


def split_triples(text: str) -> Iterator[Triple]:
    """The triples of a dialog.

    Raises:
        ValueError: One has no domain, attribute and value.

    Example:
        >>> [one.value for one in split_triples("Books-Genre-non-fiction, Books-Favourite Books-Eats, Shoots & Leaves")]
        ['non-fiction', 'Eats, Shoots & Leaves']
    """
    for part in _NEXT.split(text):
        if not part.strip():
            continue
        fields = [field.strip() for field in part.split("-", _FIELDS - 1)]
        if len(fields) < _FIELDS or not all(fields):
            raise ValueError(f"{part!r} is no Domain-Attribute-Value")
        domain, attribute, value = fields
        yield Triple(domain=domain, attribute=attribute, value=value)
