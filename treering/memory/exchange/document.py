"""The export as a document: its members in their order, their checksum, and its text. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, get_args

from treering.memory.digest import canonical
from treering.schemas.export import Export, Section
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue
SECTIONS: tuple[Section, ...] = get_args(Section)
"""The lists."""

CHECKSUM = "sha256"
"""The last member."""

MEMBERS = tuple(Export.model_fields)
"""All members, in the order of the file."""

SINGLE = tuple(name for name in MEMBERS if name not in SECTIONS and name != CHECKSUM)
"""The members before the lists."""

Part = tuple[str, str]
"""The name of a member, and its value or one item of its list as canonical JSON."""


class Checksum:
    """SHA-256 over the parts of a document, one line each: it depends on neither spaces nor line breaks."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, part: Part) -> None:
        """Take in the next part."""
        name, text = part
        self._hash.update(f'["{name}",{text}]\n'.encode())

    @property
    def hex(self) -> str:
        """The checksum of the parts so far."""
        return self._hash.hexdigest()


def part_of(name: str, value: Value | JsonValue) -> Part:
    """A value as a part."""
    return name, canonical(value.model_dump(mode="json") if isinstance(value, Value) else value)


def parts_of(export: Export) -> Iterator[tuple[str, JsonValue]]:
    """The members of an export that is in memory, lists item by item, with the checksum at the end."""
    for name in MEMBERS:
        value = getattr(export, name)
        for item in value if name in SECTIONS else (value,):
            yield name, item.model_dump(mode="json") if isinstance(item, Value) else item


def text_of(parts: Iterable[Part], checksum: Checksum) -> Iterator[str]:
    """The document piece by piece: a member or an item a line. The parts come in the order of `MEMBERS`.

    `checksum` takes them in, and is whole when the last piece is out.
    """
    waiting = iter(parts)
    part = next(waiting, None)
    opening = "{"
    for name in MEMBERS[:-1]:
        yield f'{opening}"{name}":' + ("[" if name in SECTIONS else "")
        comma = "\n"
        while part is not None and part[0] == name:
            checksum.add(part)
            yield f"{comma}{part[1]}" if name in SECTIONS else part[1]
            comma = ",\n"
            part = next(waiting, None)
        yield "]" if name in SECTIONS else ""
        opening = ",\n"
    yield f',\n"{CHECKSUM}":"{checksum.hex}"}}\n'
