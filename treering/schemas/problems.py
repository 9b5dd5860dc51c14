"""Problems as RFC 9457 has them, and which error each of them is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import JsonValue

from treering import errors
from treering.errors import TreeringError
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

BLANK = "about:blank"
"""The type of a problem that its status says all about."""

_PREFIX = "urn:treering:problem:"
"""What the types of our own errors begin with; the rest is the name of the class."""


class Problem(Value):
    """What went wrong."""

    type: str = BLANK
    """A URI that names the kind of problem: `urn:treering:problem:` and a name of docs/rest.md, or `about:blank`."""
    title: str
    """The status in words."""
    status: int
    """The HTTP status."""
    detail: str | None = None
    """What to do about this one, where it is the caller's to know."""
    request_id: str | None = None
    """The request, as the server's log has it."""
    data: dict[str, JsonValue] = {}
    """What the problem is about, by name, where it is the caller's to know: e.g. the version that was expected."""


def type_of(error: type[BaseException]) -> str:
    """The type of the problem that an error is: that of its nearest class in `treering.errors`.

    Example:
        >>> type_of(errors.VersionConflict), type_of(OSError)
        ('urn:treering:problem:version-conflict', 'about:blank')
    """
    return next((type_ for kind in error.__mro__ if (type_ := _TYPES.get(kind))), BLANK)


def kind_of(type_: str) -> type[TreeringError] | None:
    """The class of the error that a problem is; none where this version knows no such type.

    Example:
        >>> kind_of("urn:treering:problem:version-conflict").__name__
        'VersionConflict'
    """
    return _KINDS.get(type_)


def data_of(error: BaseException, *, is_told: bool) -> dict[str, JsonValue]:
    """What the attributes of an error say; of one whose words are not told, its numbers.

    Example:
        >>> data_of(errors.StoreBusy("/home/ana/treering.db", 5.0), is_told=False)
        {'timeout_s': 5.0}
    """
    found = {name: _as_json(value) for name, value in vars(error).items() if not name.startswith("_")}
    return {name: value for name, value in found.items() if is_told or isinstance(value, int | float | None)}


def _as_json(value: object) -> JsonValue:
    match value:
        case None | str() | int() | float():
            return value
        case tuple() | list():
            return [_as_json(one) for one in value]
        case dict():
            return {str(name): _as_json(one) for name, one in value.items()}
    return None


def _types() -> Mapping[type[BaseException], str]:
    kinds = [getattr(errors, name) for name in errors.__all__]
    return {
        kind: _PREFIX + re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
        for kind in kinds
        if kind is not TreeringError
    }


_TYPES = _types()
_KINDS = {type_: kind for kind, type_ in _TYPES.items() if issubclass(kind, TreeringError)}
