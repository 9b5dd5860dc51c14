"""Docstrings as our readers of them want them: one `Example:` is a section of examples like any other."""

from __future__ import annotations

import re

from griffe import Extension, Object

_ONE = re.compile(r"^Example:$", re.MULTILINE)


class OneExample(Extension):
    """Griffe knows sections of `Examples:` only."""

    def on_object(self, *, obj: Object, **_: object) -> None:
        """Called for each object once it is read."""
        if obj.docstring is not None:
            obj.docstring.value = _ONE.sub("Examples:", obj.docstring.value)
