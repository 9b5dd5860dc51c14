"""Help fills the terminal; its examples stay as they are."""

from __future__ import annotations

from treering.cli.help import flowing


def test_lines_of_a_paragraph_are_joined_and_examples_are_not() -> None:
    text = """First line.

    Broken here
    and there.

    \b
    treering one
    treering two
    """
    assert flowing(text) == "First line.\n\nBroken here and there.\n\n\b\ntreering one\ntreering two"
