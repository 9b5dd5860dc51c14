"""The formats by name, and which of them a document has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from treering.memory.exchange.foreign import chatgpt, langmem, letta, mem0, persona_tree, zep
from treering.memory.exchange.foreign.fields import Unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign, ForeignFormat


class Format(Protocol):
    """A module of this folder."""

    def looks_like(self, data: JsonValue) -> bool:
        """Whether a document has this format."""
        ...

    def read(self, data: JsonValue) -> Foreign:
        """What a document holds.

        Raises:
            Unusable: It cannot be one person's.
        """
        ...


FORMATS: Mapping[ForeignFormat, Format] = {
    "chatgpt": chatgpt,
    "langmem": langmem,
    "letta": letta,
    "mem0": mem0,
    "persona-tree": persona_tree,
    "zep": zep,
}
"""Every format of another memory."""


def detect(data: JsonValue) -> ForeignFormat:
    """The format of a document.

    Raises:
        Unusable: None fits, or several do.
    """
    found = [name for name, module in FORMATS.items() if name != "persona-tree" and module.looks_like(data)]
    if not found and persona_tree.looks_like(data):
        return "persona-tree"  # asked last, because it is nothing but names and texts
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unusable(f"its format is not known; name it, one of {', '.join(FORMATS)}")
    raise Unusable(f"it could be {' or '.join(found)}; name its format")
