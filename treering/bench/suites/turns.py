"""How turns are called that have no name of their own in their file."""

from __future__ import annotations


def turn_id(session: str | int, place: int) -> str:
    """The id of a turn, from its session's id or place in the file, and its own place there, counted from 0."""
    return f"{session}:{place}"
