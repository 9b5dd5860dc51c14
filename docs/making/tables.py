"""Tables in Markdown, and words that may stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing where it has no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, ""]) if lines else ""


def cell(text: str) -> str:
    """Plain words, on one line, in which nothing is taken for markup but code."""
    flat = " ".join(text.split())
    pieces = flat.split("`")
    for place in range(0, len(pieces), 2):  # outside of `code`
        for mark in "*_[<":
            pieces[place] = pieces[place].replace(mark, f"\\{mark}")
    return "`".join(pieces).replace("|", "\\|")
