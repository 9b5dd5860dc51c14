"""How the help of a command is laid out."""

from __future__ import annotations

from inspect import cleandoc

_AS_IT_IS = "\b\n"
"""Begins a paragraph whose lines stay as they are: the examples."""


def flowing(text: str) -> str:
    """Help whose paragraphs fill the terminal: their lines were broken for the source, not for the reader."""
    paragraphs = cleandoc(text).split("\n\n")
    return "\n\n".join(one if one.startswith(_AS_IT_IS) else " ".join(one.split("\n")) for one in paragraphs)
