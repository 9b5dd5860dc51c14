"""What a question takes for granted about its asker: "for my favourite player, Roger Federer"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = r"[A-ZÀ-Þ][\w'&.-]*"
_SMALL_WORD = r"(?:of|the|de|la|del|and the|van|von)"
_NAME = rf"(?:['\"\u201c][^'\"\u201d]{{2,60}}['\"\u201d]|{_WORD}(?: {_SMALL_WORD}(?= [A-ZÀ-Þ])| {_WORD})*)"
_NO_KIND = r"(?!(?:like|such|are|is|or|in|on|from|for|to|of)\b)"
_FAVOURITE = re.compile(
    rf"\b[Mm]y (?:all-time |absolute )?(?P<fav>favou?rites?) (?P<kind>[a-z]+(?:[ -]{_NO_KIND}[a-z]+){{0,2}}?)"
    rf"(?:,? (?:like|such as|including|is|are|namely)|,|:|(?= [A-ZÀ-Þ'\"])) "
    rf"(?P<names>{_NAME}(?:(?:, (?:and |or )?| and | or | & ){_NAME})*)"
)


def presupposed(sentence: str) -> Iterator[str]:
    """Claims that a sentence makes by the way, in the third person.

    Example:
        >>> list(presupposed("Any news of my favorite player, Roger Federer?"))
        ['their favorite player is Roger Federer']
    """
    for hit in _FAVOURITE.finditer(sentence):
        is_many = hit["kind"].endswith("s") or re.search(r", | and | or | & ", hit["names"])
        yield f"their {hit['fav'].lower()} {hit['kind']} {'are' if is_many else 'is'} {hit['names'].rstrip('.')}"
