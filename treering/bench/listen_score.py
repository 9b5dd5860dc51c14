"""The score of listening on PERMA: which triples were found, and which claims match one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.listen_claims import sentences
from treering.bench.listen_words import has_enough, is_negative, said, stems, without_negation
from treering.bench.samples import SaidTurn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.gold.perma import Triple, Triples
    from treering.bench.listen_claims import HeardClaim
    from treering.bench.samples import Conversation

MAX_CLAIM_WORDS = 25
"""A claim with more words counts as wrong; so does one that rests on a span of more than one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A reachable triple that no claim of its dialog says."""

    person: str
    session: str
    triple: str
    said: str
    """The sentence of the user that has most of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A claim that matches nothing, or is none by its form."""

    person: str
    claim: HeardClaim
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a system's claims come to."""

    dialogs: int
    triples: int
    reachable: int
    """Triples three quarters of whose words the user says in their dialog."""
    found: int
    """Of those."""
    claims: int
    """A claim counts once in every dialog that it has evidence in."""
    right: int
    """Claims that match some triple of the person."""
    missed: tuple[Missed, ...] = ()
    wrong: tuple[Wrong, ...] = ()

    @property
    def recall(self) -> float:
        """Share of the reachable triples that were found."""
        return self.found / self.reachable if self.reachable else 0.0

    @property
    def precision(self) -> float:
        """Share of the claims that match a triple."""
        return self.right / self.claims if self.claims else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def numbers(self) -> dict[str, float]:
        """As they are printed."""
        return {
            "recall": round(self.recall, 4),
            "precision": round(self.precision, 4),
            "f1": round(self.f1, 4),
            "claims_a_dialog": round(self.claims / self.dialogs, 2) if self.dialogs else 0.0,
            "claims": self.claims,
            "found": self.found,
        }


def score(conversations: Sequence[Conversation], key: Triples, heard: Mapping[str, Sequence[HeardClaim]]) -> Score:
    """Compare the claims of each person with their triples.

    Args:
        conversations: What was said.
        key: The triples.
        heard: The claims, by person.
    """
    parts = [_person(one, key[one.id], heard[one.id]) for one in conversations]
    return Score(
        dialogs=sum(part.dialogs for part in parts),
        triples=sum(part.triples for part in parts),
        reachable=sum(part.reachable for part in parts),
        found=sum(part.found for part in parts),
        claims=sum(part.claims for part in parts),
        right=sum(part.right for part in parts),
        missed=tuple(one for part in parts for one in part.missed),
        wrong=tuple(one for part in parts for one in part.wrong),
    )


def _person(conversation: Conversation, triples: Mapping[str, Sequence[Triple]], claims: Sequence[HeardClaim]) -> Score:
    spoken: dict[str, list[str]] = defaultdict(list)
    for turn in conversation.steps:
        if isinstance(turn, SaidTurn) and turn.role == "user":
            spoken[turn.session].append(turn.text)
    sound: dict[str, list[HeardClaim]] = defaultdict(list)
    wrong: list[Wrong] = []
    known = {triple for some in triples.values() for triple in some}
    for claim in claims:
        why = _fault(claim) or ("" if any(says(claim.text, one) for one in known) else _nearly(claim.text, known))
        if why:
            wrong.append(Wrong(person=conversation.id, claim=claim, why=why))
        if not _fault(claim):
            sound[claim.session].append(claim)
    reachable, missed = 0, []
    for session, some in triples.items():
        words = stems("\n".join(spoken[session]))
        for triple in some:
            if not has_enough(_wanted(triple), words):
                continue
            reachable += 1
            if not any(says(claim.text, triple) for claim in sound[session]):
                closest = _closest(spoken[session], triple)
                missed.append(Missed(person=conversation.id, session=session, triple=triple.name, said=closest))
    return Score(
        dialogs=len(triples),
        triples=sum(len(some) for some in triples.values()),
        reachable=reachable,
        found=reachable - len(missed),
        claims=len(claims),
        right=len(claims) - len(wrong),
        missed=tuple(missed),
        wrong=tuple(wrong),
    )


def says(text: str, triple: Triple) -> bool:
    """Whether a text has three quarters of the stems of a triple's value, affirmed or denied as the triple has them.

    Example:
        >>> from treering.bench.gold.perma import Triple
        >>> window = Triple(domain="Flights", attribute="Seat Preference", value="window")
        >>> says("prefers window seats", window), says("does not want a window seat", window)
        (True, False)
    """
    found = said(text)
    return has_enough(_wanted(triple), found.denied if _is_negative(triple) else found.affirmed)


def _is_negative(triple: Triple) -> bool:
    return is_negative(triple.attribute, triple.value)


def _wanted(triple: Triple) -> frozenset[str]:
    return without_negation(triple.value) if _is_negative(triple) else stems(triple.value)


def _fault(claim: HeardClaim) -> str:
    """What makes a claim wrong whatever it says; empty if nothing does."""
    words = len(claim.text.split())
    if words > MAX_CLAIM_WORDS:
        return f"has {words} words"
    most = max((len(sentences(quote)) for quote in claim.quotes), default=1)
    return f"rests on a span of {most} sentences" if most > 1 else ""


def _nearly(text: str, triples: set[Triple]) -> str:
    """Why a claim matches nothing."""
    everything = said(text).all
    turned = [one.name for one in triples if has_enough(_wanted(one), everything)]
    return f"the other polarity of {min(turned)}" if turned else "matches no triple"


def _closest(spoken: Sequence[str], triple: Triple) -> str:
    wanted = _wanted(triple)
    some = [sentence for text in spoken for sentence in sentences(text)]
    return max(some, key=lambda sentence: len(wanted & stems(sentence)), default="")
