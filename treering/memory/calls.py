"""Calls that a caller gave a name, so that they are known when they come again. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treering.schemas.feedback import FeedbackKind

_CALL_CHARS = 32  # of each half of a call's name: 128 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call by the name that its caller gave it, so that it is known when it comes again."""

    name: str
    """A hash of the name."""
    said: str
    """A hash, keyed by the name, of what was asked for. Neither can be guessed by whoever does not know the name."""

    @classmethod
    def of(cls, once: str, *said: str | None) -> Call:
        """The call of this name that says so.

        Example:
            >>> Call.of("7f9c", "confirm", "a1b2c3") == Call.of("7f9c", "confirm", "a1b2c3")
            True
        """
        content = "\x1f".join("\x00" if one is None else one for one in said)
        digest = hmac.new(_bytes(once), _bytes(content), hashlib.sha256).hexdigest()
        return cls(name=hashlib.sha256(_bytes(once)).hexdigest()[:_CALL_CHARS], said=digest[:_CALL_CHARS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the id of a batch says of the call that made it."""

    call: Call
    kind: FeedbackKind
    ref: str
    """The claim that was spoken of, or was added."""
    after: str | None
    """The claim that stood there then."""


def answered(batch: str) -> Answered | None:
    """What the id of a batch says of the call that made it; none where that had no name."""
    match batch.split(":"):
        case [("confirm" | "correct" | "reject" | "add") as kind, ref, _, after, name, said]:
            return Answered(call=Call(name=name, said=said), kind=kind, ref=ref, after=after or None)
    return None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # what no store takes is refused elsewhere
