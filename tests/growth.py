"""Whether work grows no faster than the text that it is done on: a ratio of processor times, never seconds."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

GROWTH = 16
"""How much longer the longer text is …"""
SLACK = 5
"""… and how much more than that its work may take: noise and tables, but not the 16 times more of a square."""
QUICK_S = 0.01
"""Shorter times say nothing: a tick of the clock, a pause of the machine."""
READINGS = 3
"""The quickest counts; of a longer text, the first that is quick enough is the last."""


def assert_linear(work: Callable[[str], object], text_of: Callable[[int], str], size: int) -> None:
    """Hold work on a text of `size` characters to its length, beside the same on the sixteenth of it."""
    short, text = text_of(size // GROWTH), text_of(size)
    short_s = _seconds(work, short)
    if short_s > QUICK_S:
        short_s = min(short_s, *(_seconds(work, short) for _ in range(READINGS - 1)))
    most_s = SLACK * GROWTH * max(QUICK_S, short_s)
    assert any(_seconds(work, text) < most_s for _ in range(READINGS)), "none was quick enough"


def repeated(piece: str) -> Callable[[int], str]:
    """Texts of a piece again and again, by their length."""
    return lambda size: (piece * (size // len(piece) + 1))[:size]


def _seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time, without the pauses of the garbage collector."""
    gc.disable()
    try:
        began = time.process_time()
        work(text)
        return time.process_time() - began
    finally:
        gc.enable()
