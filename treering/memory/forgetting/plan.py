"""What has to go so that something is forgotten: everything that says it, and everything it was learned from. Pure.

A statement is told in a turn, kept as a claim with a quote of the turn, and repeated in other turns and claims. The
plan is the closure over this: the evidence of what goes, goes too, and so does whatever repeats it word for word.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.forgetting.wishes import Known, Wish, name_of, select, texts_of_turn
from treering.memory.repetition import Sought, is_telling, normal_form, readings
from treering.schemas.claims import FORGOTTEN, SELF

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from treering.memory.ports import Spoken
    from treering.schemas.claims import Claim, Evidence

_MAX_CHARS = 2**62  # past the end of every message

_Spans = dict[str, list[tuple[int, int]]]

Statement = tuple[str, str, str]
"""Subject, path and text of a claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes, and what stays in another form."""

    sought: Sought
    """Texts that must be found nowhere any more."""
    claims: tuple[str, ...] = ()
    """Claims to forget, live and past."""
    blanked: tuple[Claim, ...] = ()
    """Live claims that stay, as they are without the words that go."""
    messages: tuple[str, ...] = ()
    """Turns to empty."""
    entries: tuple[int, ...] = ()
    """Ledger entries whose words go."""
    names: frozenset[str] = frozenset()
    """Subjects whose names go: of them no claim is left."""
    statements: frozenset[Statement] = frozenset()
    """What the forgotten claims said, for the marks that keep it out."""
    contents: tuple[str, ...] = ()
    """What the emptied turns said, likewise; short ones are said by too many."""


def plan(wish: Wish, known: Known) -> Plan:
    """Everything that has to go for a wish to come true."""
    claims, meant = select(wish, known)
    growing = _Closure(known, claims, meant | wish.requests, wish.sought)
    if not wish.is_everything:
        growing.close()
    spans = _spans(growing, wish.messages)
    gone = {
        one.seq
        for one in known.spoken
        if wish.is_everything
        or one.claim_id in growing.claims
        or growing.sought.is_said_in(one.text, one.condition, one.why)
        or any(_is_gone(growing.sought, spans, *quote) for quote in one.quotes)
    }
    blanked = {} if wish.is_everything else _blanked(growing, spans, gone)
    entries = [one.seq for one in known.spoken if one.seq in gone or one.claim_id in blanked]
    contents = [text for ref in sorted(growing.messages) for text in growing.contents[ref] if is_telling(text)]
    return Plan(
        sought=growing.sought,
        claims=tuple(sorted(growing.claims)),
        blanked=tuple(blanked.values()),
        messages=tuple(sorted(growing.messages)),
        entries=tuple(entries),
        names=_names(growing),
        statements=frozenset(one for one in growing.statements() if normal_form(one[2])),
        contents=tuple(dict.fromkeys(contents)),
    )


class _Closure:
    """Claims and messages that go, growing until nothing is left that repeats them."""

    def __init__(self, known: Known, claims: Iterable[str], messages: Iterable[str], sought: Sought) -> None:
        self.known = known
        self.claims = set(claims)
        self.messages = set(messages)
        self.sought = sought
        self.contents: dict[str, list[str]] = defaultdict(list)
        for turn in known.turns:
            former = known.former.get(turn.message_id, ())
            self.contents[turn.message_id] += [turn.content, *(old.content for old in former)]
        self._entries: dict[str, list[Spoken]] = defaultdict(list)
        for one in known.told:
            if one.claim_id is not None:
                self._entries[one.claim_id].append(one)

    def close(self) -> None:
        """Take in what repeats, until nothing new does."""
        turns = {turn.message_id: _padded(texts_of_turn(turn)) for turn in self.known.turns}
        claims: dict[str, str] = defaultdict(str)
        for ref, subject, _, text, condition in self._said():
            claims[ref] += _padded([text, condition or "", name_of(subject)])
        size = -1
        while size != len(self.claims) + len(self.messages):
            size = len(self.claims) + len(self.messages)
            self.messages |= {message for ref in self.claims for message in self._cited(ref)} & self.contents.keys()
            said = [text for _, _, text in self.statements()]
            quotes = [quote for ref in self.claims for _, quote, _ in self._quotes(ref)]
            contents = [text for ref in self.messages for text in self.contents[ref]]
            self.sought = self.sought.and_also([*said, *quotes, *contents])
            self.messages |= {ref for ref, text in turns.items() if self.sought.is_in(text)}
            self.claims |= {ref for ref, text in claims.items() if self.sought.is_in(text)}
            self.claims |= set(self._parts_of(said))

    def statements(self) -> Iterator[Statement]:
        """What the claims that go say, wherever they stand."""
        return ((subject, path, text) for ref, subject, path, text, _ in self._said() if ref in self.claims)

    def _said(self) -> Iterator[tuple[str, str, str, str, str | None]]:
        """Id, subject, path, text and condition of live claims, and of what the ledger or a proposal has words of."""
        for claim in self.known.live.values():
            if claim.text != FORGOTTEN:
                yield claim.id, claim.subject, claim.path, claim.text, claim.condition
        for one in self.known.told:
            if one.claim_id is not None and one.path is not None and one.text not in (None, FORGOTTEN):
                yield one.claim_id, one.subject or SELF, one.path, str(one.text), one.condition

    def _parts_of(self, said: Iterable[str]) -> Iterator[str]:
        """Claims that say a part of what goes."""
        whole = _padded(text for text in said if is_telling(text))
        for ref, _, _, text, _ in self._said():
            if ref not in self.claims and f" {normal_form(text)} " in whole and is_telling(text):
                yield ref

    def _quotes(self, ref: str) -> Iterator[tuple[str, str, int]]:
        claim = self.known.live.get(ref)
        for piece in claim.evidence if claim is not None else ():
            yield piece.message_id, piece.quote, piece.start
        for one in self._entries[ref]:
            yield from one.quotes

    def _cited(self, ref: str) -> Iterator[str]:
        yield from (message for message, _, _ in self._quotes(ref))
        yield from self.known.asked.get(ref, ())

    def spans(self) -> Iterator[tuple[str, int, int]]:
        """Where the claims that go are told: message, first character, and the one after the last."""
        for ref in self.claims:
            for message, quote, start in self._quotes(ref):
                yield message, start, start + len(quote)


def _spans(growing: _Closure, meant: Iterable[str]) -> _Spans:
    """Parts of messages that nothing may quote any more: what was told in them, or all of one that was named."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for message, start, end in growing.spans():
        found[message].append((start, end))
    for message in meant:
        found[message].append((0, _MAX_CHARS))
    return found


def _is_gone(sought: Sought, spans: _Spans, message: str, quote: str, start: int) -> bool:
    if quote == FORGOTTEN:
        return False
    touched = any(start < last and first < start + len(quote) for first, last in spans.get(message, ()))
    return touched or sought.is_said_in(quote)


def _blanked(growing: _Closure, spans: _Spans, gone: Container[int]) -> dict[str, Claim]:
    """Live claims that stay, and share words with one that goes: a quote, or the entry that brought them."""

    def without(piece: Evidence) -> Evidence:
        is_gone = _is_gone(growing.sought, spans, piece.message_id, piece.quote, piece.start)
        return piece.model_copy(update={"quote": FORGOTTEN}) if is_gone else piece

    brought = {one.claim_id: one.seq for one in growing.known.spoken if one.text is not None}  # the last counts
    found: dict[str, Claim] = {}
    for claim in growing.known.live.values():
        if claim.id in growing.claims:
            continue
        evidence = tuple(without(piece) for piece in claim.evidence)
        if evidence != claim.evidence or brought.get(claim.id) in gone:
            found[claim.id] = claim.model_copy(update={"evidence": evidence})
    return found


def _names(growing: _Closure) -> frozenset[str]:
    known = growing.known
    left = {claim.subject for claim in known.live.values() if claim.id not in growing.claims}
    gone = {subject for subject, _, _ in growing.statements()}
    gone |= {name for name in known.names if growing.sought.is_said_in(name_of(name))}
    return frozenset(gone - left - {SELF})


def _padded(texts: Iterable[str]) -> str:
    """Texts in normal form, between spaces, with something between them that no text has."""
    return "\x00".join(f" {normal_form(reading)} " for text in texts for reading in readings(text))
