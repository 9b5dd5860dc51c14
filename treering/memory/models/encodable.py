"""Text that every encoder takes."""

from __future__ import annotations


def encodable(text: str) -> str:
    r"""The text with question marks for lone surrogates, which no UTF-8 can hold.

    Example:
        >>> encodable("\ud800 alone")
        '? alone'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
