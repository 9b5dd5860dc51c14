"""What somebody asked to have forgotten: held back from being read out, until that is confirmed or dismissed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from treering.memory.repetition import NOTHING_SOUGHT, Sought, is_telling, normal_form
from treering.memory.tree import Legible
from treering.schemas.operations import Add, Update
from treering.schemas.recall import HeldBackLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.memory.asking import Question
    from treering.memory.operations import Forest
    from treering.memory.ports import UnitOfWork
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.listening import Held
    from treering.schemas.operations import LedgerEntry, Operation
    from treering.schemas.recall import RecallLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one request to forget is about."""

    id: str
    """Its id in quarantine."""
    target: str
    """The claim that it names."""
    messages: frozenset[str]
    """Where that was said, and the message that asks."""
    sought: Sought
    """The words of both."""

    def covers(self, line: RecallLine) -> bool:
        """Whether a line would tell it."""
        if line.ref == self.target:
            return True
        is_told_there = line.kind != "claim" and not self.messages.isdisjoint(line.message_ids)
        return is_told_there or self.sought.is_said_in(line.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """What is not read out for now: about what would be gone if all requests were confirmed."""

    requests: tuple[Request, ...] = ()
    """Those that wait, oldest first."""
    claims: frozenset[str] = frozenset()
    """The claims that they name, and live ones that say the same or a part of it."""
    messages: frozenset[str] = frozenset()
    """Turns in which they were told or said once more, and those that ask to have them forgotten."""
    sought: Sought = NOTHING_SOUGHT
    """The words of both: other turns may repeat them."""

    def __bool__(self) -> bool:
        return bool(self.requests)

    def is_told_in(self, text: str) -> bool:
        """Whether a text repeats something of it word for word."""
        return bool(self.requests) and self.sought.is_said_in(text)

    def left_of(self, legible: Legible) -> Legible:
        """What may be read of a tree."""
        if self.claims.isdisjoint(legible.by_id):
            return legible
        return Legible.of(claim for ref, claim in legible.by_id.items() if ref not in self.claims)

    def requests_about(self, claim: Claim) -> tuple[str, ...]:
        """The requests for which a claim is not read out, by their ids."""
        if claim.id not in self.claims:
            return ()
        found = tuple(one.id for one in self.requests if one.target == claim.id or one.sought.is_said_in(claim.text))
        return found or tuple(one.id for one in self.requests)  # it says a part of what several of them name

    def outside_of(self, question: Question) -> Question:
        """The question, to be asked without the turns."""
        return replace(question, exclude=question.exclude | self.messages) if self.messages else question

    def lines_of(self, lines: Iterable[RecallLine], shown: Iterable[RecallLine]) -> tuple[HeldBackLine, ...]:
        """Which of the lines that would be there without any request are not shown for one."""
        there = {(line.kind, line.ref) for line in shown}
        left_out = [line for line in lines if (line.kind, line.ref) not in there]
        return tuple(
            HeldBackLine(kind=line.kind, ref=line.ref, requests=requests)
            for line in left_out
            if (requests := self._because_of(line))
        )

    def _because_of(self, line: RecallLine) -> tuple[str, ...]:
        """The requests for which a line stays out; none: it does for another reason."""
        found = tuple(one.id for one in self.requests if one.covers(line))
        return found or (tuple(one.id for one in self.requests) if line.ref in self.claims else ())


NOTHING_HELD_BACK = HeldBack()
"""Nobody asked to have anything forgotten."""


class Trees(NamedTuple):
    """The trees of a scope at a version, by subject, and what of them is not read out for now."""

    version: int
    forest: Forest
    held_back: HeldBack

    @property
    def sayable(self) -> Forest:
        """The trees without what is held back."""
        gone = self.held_back.claims
        if not gone:
            return self.forest
        kept = {
            subject: replace(tree, claims={ref: claim for ref, claim in tree.claims.items() if ref not in gone})
            for subject, tree in self.forest.items()
        }
        return {subject: tree for subject, tree in kept.items() if tree.claims}

    @classmethod
    def of(cls, unit: UnitOfWork, scope: Scope, *, version: int | None, known_at: datetime | None) -> Trees:
        """The present ones, those of a version, or those known at a moment."""
        if known_at is not None:
            version = unit.ledger.version_at(scope, known_at)
        head = unit.ledger.head(scope)
        forest = unit.ledger.trees(scope, version=version)
        held = held_back(unit, scope, forest) if head.wishes else NOTHING_HELD_BACK
        return cls(head.version if version is None else version, forest, held)


def held_back(unit: UnitOfWork, scope: Scope, forest: Forest) -> HeldBack:
    """What waits to be forgotten. Worth asking where `Head.wishes` is not 0: it costs a few milliseconds.

    It follows what forgetting would follow, from the ledger's entries about each claim and not from all that was ever
    said: their evidence, the turns that say the same once more, and live claims and turns that repeat their words.
    """
    wishes = unit.quarantine.wishes(scope)
    if not wishes:
        return NOTHING_HELD_BACK
    about = _entries_by_claim(unit, scope, wishes)
    turns = unit.turns.get(scope, sorted({ref for one in wishes for ref in _messages(one, about)}))
    requests = tuple(_request(one, about, turns) for one in wishes)
    sought = Sought(texts=frozenset[str]().union(*(one.sought.texts for one in requests)))
    targets = {one.target for one in requests}
    statements = [claim.text for ref in targets for claim in _claims(about.get(ref, ()))]
    return HeldBack(
        requests=requests,
        claims=frozenset(targets | set(_alike(forest, sought, statements))),
        messages=frozenset[str]().union(*(one.messages for one in requests)),
        sought=sought,
    )


_About = dict[str, list["LedgerEntry"]]


def _entries_by_claim(unit: UnitOfWork, scope: Scope, wishes: Iterable[Held]) -> _About:
    targets = sorted({_target(one) for one in wishes})
    found: _About = {}
    for entry in unit.ledger.entries_about(scope, targets):
        operation = entry.operation
        ref = operation.claim.id if isinstance(operation, Add | Update) else operation.target
        if ref is not None:
            found.setdefault(ref, []).append(entry)
    return found


def _request(wish: Held, about: _About, turns: Mapping[str, Turn]) -> Request:
    messages = _messages(wish, about)
    entries = about.get(_target(wish), ())
    said = [claim.text for claim in _claims(entries)]
    quotes = [piece.quote for entry in entries for piece in _evidence(entry.operation)]
    contents = [turns[ref].content for ref in messages if ref in turns]
    return Request(
        id=wish.id,
        target=_target(wish),
        messages=frozenset(messages),
        sought=Sought.of([*said, *quotes, *contents]),
    )


def _target(wish: Held) -> str:
    return wish.verdict.forgets or ""


def _messages(wish: Held, about: _About) -> set[str]:
    """Where the claim was told, said once more or ended, and where somebody asks to have it forgotten."""
    operations = [entry.operation for entry in about.get(_target(wish), ())]
    asked = [] if wish.verdict.operation is None else [wish.verdict.operation]
    return {piece.message_id for operation in (*operations, *asked) for piece in _evidence(operation)}


def _claims(entries: Iterable[LedgerEntry]) -> list[Claim]:
    return [entry.operation.claim for entry in entries if isinstance(entry.operation, Add | Update)]


def _evidence(operation: Operation) -> Sequence[Evidence]:
    return operation.claim.evidence if isinstance(operation, Add | Update) else operation.evidence


def _alike(forest: Forest, sought: Sought, statements: Iterable[str]) -> Iterable[str]:
    """Live claims that repeat what is sought, or say a part of one of the statements."""
    whole = "\x00".join(f" {normal_form(text)} " for text in statements if is_telling(text))
    for tree in forest.values():
        for claim in tree.claims.values():
            said = f" {normal_form(claim.text)} "
            is_part = said in whole and is_telling(claim.text)
            if is_part or sought.is_in(said) or sought.is_said_in(claim.condition):
                yield claim.id
