"""The thinking that some models write before they answer."""

from __future__ import annotations

import re

from treering.memory.parsing.grammar import THINKING


def answer_start(text: str) -> int:
    """Where the answer begins, after a leading `<think>` block; the end of the text if the block never ends.

    Operations that are only being considered there must not be carried out.
    """
    opening = THINKING.match(text)
    if opening is None:
        return 0
    closing = re.compile(rf"</{opening[1]}>", re.IGNORECASE).search(text, opening.end())
    return closing.end() if closing else len(text)
