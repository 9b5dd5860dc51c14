"""Operations to text and values to quoted strings; and quoted strings back to values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from treering.errors import OperationError
from treering.memory.parsing.grammar import QUOTES, UNSTORABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from treering.schemas.listening import TextOperation

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"} | {char: char for char in f"\\/{QUOTES}"}
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})++|\\[\s\S]")


def render_operations(operations: Iterable[TextOperation]) -> str:
    r"""One operation a line, in the paper's grammar; `parse_operations` gives the same operations back.

    Raises:
        OperationError: An operation lacks its path or its value.

    Example:
        >>> from treering.schemas.listening import TextOperation
        >>> print(render_operations([TextOperation(kind="ADD", path="name", value='Ana "Nita"')]))
        ADD(name, "Ana \"Nita\"")
    """
    return "\n".join(_render(operation) for operation in operations)


def _render(operation: TextOperation) -> str:
    if operation.kind == "NO_OP":
        return "NO_OP()"
    if not operation.path:
        raise OperationError(f"{operation.kind} has no path; only NO_OP is written without")
    if operation.value is not None:
        return f"{operation.kind}({operation.path}, {quote(operation.value)})"
    if operation.kind == "DELETE":
        return f"DELETE({operation.path}, None)"
    raise OperationError(f"{operation.kind} at {operation.path} has no value; only DELETE is written without")


def quote(value: str) -> str:
    """`value` in double quotes on one line."""
    return f'"{value.translate(_ESCAPES)}"'


def storable(text: str) -> str:
    """`text` with U+FFFD for each character that no store holds: NUL and lone surrogates."""
    return UNSTORABLE.sub("\ufffd", text)


def unescape(text: str) -> str:
    """What stands between quotes, without its escapes; an unknown escape stays as it is."""
    return _ESCAPE.sub(_replacement, text) if "\\" in text else text


def _replacement(match: re.Match[str]) -> str:
    escape = match[0]
    if escape.startswith("\\u") and len(escape) > len("\\u"):
        decoded: str = json.loads(f'"{escape}"')
        return escape if UNSTORABLE.search(decoded) else decoded
    return _ESCAPED.get(escape[1:], escape)
