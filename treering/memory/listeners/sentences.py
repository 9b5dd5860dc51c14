"""Sentences with their place, where the listeners look for them."""

from treering.memory.wording.sentences import MAX_LINE_CHARS, Span, sentences

__all__ = ["MAX_LINE_CHARS", "Span", "sentences"]
