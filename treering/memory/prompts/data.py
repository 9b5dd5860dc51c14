"""Words of people as data inside a prompt: JSON, one object a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Line breaks that JSON leaves as they are; as escapes, they cannot end the line that fences the data.
_LINE_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def data_line(fields: Mapping[str, str | None]) -> str:
    r"""One object on one line, whatever its texts hold.

    Example:
        >>> data_line({"text": "Hello,\n\u2028you!"})
        '{"text": "Hello,\\n\\u2028you!"}'
    """
    return json.dumps(fields, ensure_ascii=False).translate(_LINE_BREAKS)


def data_block(title: str, lines: Iterable[str]) -> str:
    """Lines of data under what they are."""
    return f"{title} (JSON, one object a line):\n{data_lines(lines)}"


def data_lines(lines: Iterable[str]) -> str:
    """Lines of data, or the word that there are none."""
    return "\n".join(lines) or "(none)"
