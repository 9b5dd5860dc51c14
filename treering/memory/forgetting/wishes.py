"""What somebody wants to have forgotten, and the claims and turns that it means at first. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.memory.repetition import Sought

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.ports import Spoken
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Turn
    from treering.schemas.forgetting import SelectorKind
    from treering.schemas.retraction import FormerText


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Everything that one of these names is to go; with none of them, the whole person."""

    path: str | None = None
    """A slot, or a branch with all that is below it."""
    claims: frozenset[str] = frozenset()
    """Claims by id, also those of the past."""
    messages: frozenset[str] = frozenset()
    """Messages by id, with what rests on nothing else."""
    about: str | None = None
    """What says this: all words that carry its subject."""
    near: frozenset[str] = frozenset()
    """Live claims that mean nearly what `about` says."""

    requests: frozenset[str] = frozenset()
    """Messages that asked for it: they name what is to be gone, so their words go, and nothing that rests on them."""

    @property
    def kinds(self) -> tuple[SelectorKind, ...]:
        """How it was said what to forget."""
        given: dict[SelectorKind, object] = {
            "path": self.path,
            "claims": self.claims,
            "messages": self.messages,
            "about": self.about,
        }
        return tuple(kind for kind, value in given.items() if value) or ("person",)

    @property
    def is_everything(self) -> bool:
        """Whether the whole person is meant."""
        return self.kinds == ("person",)

    @property
    def sought(self) -> Sought:
        """What is looked for before anything was found."""
        return Sought.of((), about=self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored about a person, as far as it has words."""

    live: Mapping[str, Claim]
    """The live claims, by id."""
    spoken: Sequence[Spoken] = ()
    """The entries of the ledger, oldest first."""
    waiting: Sequence[Spoken] = ()
    """What proposals in quarantine would bring; they have no place in the ledger yet."""
    turns: Sequence[Turn] = ()
    """All turns."""
    former: Mapping[str, Sequence[FormerText]] = field(default_factory=dict)
    """What turns said before, by message id."""
    names: frozenset[str] = frozenset()
    """Subjects that are not the user."""

    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Messages that wish a claim gone and wait to be confirmed, by claim."""

    @property
    def told(self) -> Sequence[Spoken]:
        """What the ledger says, and what waits to be said there."""
        return (*self.spoken, *self.waiting)

    @property
    def ids(self) -> frozenset[str]:
        """Claims that live, and those that have words somewhere because they did, or wait to."""
        past = (one.claim_id for one in self.told if _has_words(one))
        return frozenset(self.live) | {ref for ref in past if ref is not None}


def select(wish: Wish, known: Known) -> tuple[frozenset[str], frozenset[str]]:
    """The claims and the messages that a wish means by itself, before anything that repeats them."""
    if wish.is_everything:
        return known.ids, frozenset(_with_words(known))
    sought = wish.sought
    messages = {ref for ref in _with_words(known) if ref in wish.messages}
    messages |= {turn.message_id for turn in known.turns if sought.is_said_in(*texts_of_turn(turn))}
    claims = {ref for ref in wish.claims if ref in known.ids} | wish.near
    for claim in known.live.values():
        cited = [piece.message_id for piece in claim.evidence]
        if _is_meant(wish, claim.path, cited) or sought.is_said_in(claim.text, claim.condition, name_of(claim.subject)):
            claims.add(claim.id)
    for one in known.told:
        if one.claim_id is None or one.claim_id in known.live or one.path is None or not _has_words(one):
            continue
        cited = [message for message, _, _ in one.quotes] if one.text is not None else []
        if _is_meant(wish, one.path, cited) or sought.is_said_in(one.text, one.condition, name_of(one.subject)):
            claims.add(one.claim_id)
    return frozenset(claims), frozenset(messages)


def texts_of_turn(turn: Turn | FormerText) -> tuple[str, ...]:
    """Everything in a turn that is somebody's words."""
    notes = (note for note in turn.metadata.values() if isinstance(note, str))
    return (turn.content, turn.speaker or "", *notes)


def name_of(subject: str | None) -> str:
    """The name in a subject; of the user, none."""
    return (subject or "").partition(":")[2]


def _is_meant(wish: Wish, path: str, cited: Sequence[str]) -> bool:
    if wish.path is not None and (path == wish.path or path.startswith(f"{wish.path}.")):
        return True
    return bool(cited) and wish.messages.issuperset(cited)


def _has_words(one: Spoken) -> bool:
    """Whether anything is there to be erased; what merely ends a claim says nothing of it."""
    return bool(one.text or one.condition or one.why or one.quotes)


def _with_words(known: Known) -> set[str]:
    return {turn.message_id for turn in known.turns if any(texts_of_turn(turn))} | set(known.former)
