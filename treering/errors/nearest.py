"""What somebody may have meant by a name that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 3
LEAST_ALIKE = 0.6
"""Of 1, which is the same; as `difflib` counts."""


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Known names that look like this one, the most alike first."""
    from difflib import get_close_matches  # noqa: PLC0415 - where somebody mistook a name

    return tuple(get_close_matches(name, list(known), n=MOST, cutoff=LEAST_ALIKE))


def did_you_mean(near: tuple[str, ...]) -> str:
    """The end of a sentence that says that there is no such name.

    Example:
        >>> did_you_mean(("home.city",)), did_you_mean(())
        ('; did you mean home.city?', '')
    """
    return f"; did you mean {' or '.join(near)}?" if near else ""
