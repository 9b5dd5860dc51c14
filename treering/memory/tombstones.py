"""Marks of what was forgotten: they tell when it comes again, and nobody can read the words from them. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from treering.memory.repetition import normal_form

if TYPE_CHECKING:
    from treering.schemas.claims import Claim

KEY_BYTES = 32
"""Length of the key of a scope's marks: 256 bits, as long as the hash."""

TombstoneKind = Literal["claim", "turn"]


def turn_mark(key: bytes, content: str) -> str:
    """The mark of what a turn says, 64 hex digits: equal for texts that differ in case and punctuation at most.

    Example:
        >>> turn_mark(b"k", "I'm vegan!") == turn_mark(b"k", "i'm  vegan")
        True
        >>> turn_mark(b"k", "I'm vegan!") == turn_mark(b"another key", "I'm vegan!")
        False
    """
    return _mark(key, "turn", normal_form(content))


def claim_mark(key: bytes, subject: str, path: str, text: str) -> str:
    """The mark of a statement about a subject in a slot, 64 hex digits."""
    return _mark(key, "claim", subject, path, normal_form(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstones:
    """The marks of claims that one scope forgot."""

    key: bytes = b""
    marks: frozenset[str] = frozenset()

    def cover(self, claim: Claim) -> bool:
        """Whether the same was forgotten before: the same words, in the same slot, of the same subject."""
        return bool(self.marks) and claim_mark(self.key, claim.subject, claim.path, claim.text) in self.marks


NO_TOMBSTONES = Tombstones()
"""Of a scope that forgot nothing."""


def _mark(key: bytes, kind: TombstoneKind, *parts: str) -> str:
    # the lengths keep ("ab", "c") and ("a", "bc") apart
    content = "\x1f".join((kind, *(f"{len(part)}:{part}" for part in parts)))
    return hmac.new(key, content.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
