"""Headers that name the person and the conversation, where a route takes them from no query."""

from __future__ import annotations

from treering.errors import InvalidInput

USER_HEADER = "X-Treering-User"
"""Names the person."""

SESSION_HEADER = "X-Treering-Session"
"""Names the conversation."""


def utf8_in(name: str, value: str) -> str:
    r"""A header's text: clients send names beyond ASCII in UTF-8, which the server reads as Latin-1.

    Raises:
        InvalidInput: It is not in UTF-8.

    Example:
        >>> utf8_in("X-Treering-User", "Z\xc3\xb6e")
        'Zöe'
    """
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(name, "is not in UTF-8") from error
