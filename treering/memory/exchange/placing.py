"""Where statements of other memories belong: in a slot, or before a person who decides. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.errors import UnknownPath
from treering.memory.admission import MAX_CLAIM_WORDS
from treering.memory.drafting import claim_id, same_words
from treering.memory.listeners.routing import route
from treering.memory.repetition import normal_form
from treering.memory.tombstones import NO_TOMBSTONES, Tombstones
from treering.memory.wording.sentences import Span, sentences
from treering.schemas.claims import MAX_CLAIM_CHARS, Claim
from treering.schemas.foreign import Fact, LeftOut, Placement
from treering.schemas.listening import Draft, Verdict
from treering.schemas.operations import Add, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.schemas.foreign import ForeignFormat, Outcome
    from treering.schemas.trunk import Trunk

NEAR_ENOUGH = 0.35
"""Least score of a statement in the slot that it is put into unseen.

Of 30 statements as mem0 words them, 27 reach it in a slot that a person would accept; of 15 that are about nobody
("the server runs Ubuntu"), none does, the nearest 0.34. Scores are of the default embedder and the core trunk.
"""

_ABOUT_USER = re.compile(r"^(?:the )?user(?:'s (?P<what>)| (?P<does>)|(?P<none>$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The slot for a fact, and how it was found."""

    path: str
    rule: str
    score: float | None = None


@dataclass(slots=True)
class Placed:
    """What becomes of the facts of a file."""

    operations: list[Operation] = field(default_factory=list)
    """To be committed, in order."""
    held: list[Verdict] = field(default_factory=list)
    """To be shown to a person."""
    placements: dict[int, Placement] = field(default_factory=dict)
    """One a fact, by its place in the file."""


class Map:
    """Names that say where something belongs: those that a person gave, and those of the trunk itself.

    Args:
        trunk: The trunk.
        paths: Slots by the category, label or namespace that others give; they count before anything else.

    Raises:
        UnknownPath: One of them is no slot.
    """

    def __init__(self, trunk: Trunk, paths: Mapping[str, str]) -> None:
        for path in paths.values():
            if path not in trunk.by_path:
                raise UnknownPath(path, tuple(trunk.by_path))
        self._given = {_plain(name): path for name, path in paths.items()}
        paths_of_trunk = (*trunk.by_path, *trunk.branch_paths)
        ends: dict[str, set[str]] = defaultdict(set)
        for path in paths_of_trunk:
            ends[_plain(path.rpartition(".")[2])].add(path)
        self._named = {name: next(iter(places)) for name, places in ends.items() if len(places) == 1}
        self._named |= {_plain(path): path for path in paths_of_trunk}

    def given(self, fact: Fact) -> str | None:
        """The slot that a person gave for one of the fact's hints."""
        return next((self._given[name] for hint in fact.hints if (name := _plain(hint)) in self._given), None)

    def named(self, fact: Fact) -> str | None:
        """The slot or branch that one of the fact's hints names, by its path or by a name that no other has."""
        return next((self._named[name] for hint in fact.hints if (name := _plain(hint)) in self._named), None)


def statements(facts: Iterable[Fact]) -> tuple[list[Fact], list[LeftOut]]:
    """Facts of at most one statement each: a longer text is taken apart into its sentences."""
    found: list[Fact] = []
    left_out: list[LeftOut] = []
    for fact in facts:
        if len(fact.text.split()) <= MAX_CLAIM_WORDS and len(fact.text) <= MAX_CLAIM_CHARS:
            found.append(fact)
            continue
        lines = [Span(text=line.strip(), start=0) for line in fact.text.splitlines() if line.strip()]
        parts = [part.text for line in lines for part in list(sentences(line)) or [line]]
        for number, part in enumerate(parts, start=1):
            if len(part) > MAX_CLAIM_CHARS:
                why = f"one sentence has more than {MAX_CLAIM_CHARS:,} characters"
                left_out.append(LeftOut(where=f"{fact.id}#{number}", why=why))
            else:
                found.append(fact.model_copy(update={"id": f"{fact.id}#{number}", "text": part}))
    return found, left_out


def as_statement(text: str) -> str:
    """A fact as statements of the trunk are worded, to be compared with them: without the person.

    Example:
        >>> as_statement("User lives in Porto."), as_statement("The user's name is Ana.")
        ('lives in Porto', 'name is Ana')
    """
    bare = _ABOUT_USER.sub("", " ".join(text.split())).rstrip(".")
    return bare[:1].lower() + bare[1:] if bare else text


def find_slot(fact: Fact, ranked: Sequence[tuple[str, float]], trunk: Trunk, names: Map) -> Route:
    """The slot for a fact: given by a person, named by a hint, or the nearest by meaning, however far that is.

    Args:
        fact: The fact.
        ranked: All slots with their nearness to it, best first.
        trunk: The trunk.
        names: What hints mean.
    """
    given = names.given(fact)
    if given is not None:
        return Route(path=given, rule="mapped")
    named = names.named(fact)
    if named in trunk.by_path:
        return Route(path=named, rule="named")
    if named is not None:
        ranked = [(path, score) for path, score in ranked if path.startswith(f"{named}.")]
    found = route(as_statement(fact.text), ranked, trunk)
    path, score = ranked[0] if found is None else (found.slot.path, found.score)
    return Route(path=path, rule="nearest", score=round(score, 3))


@dataclass(slots=True)
class _Filled:
    """What a slot of one subject holds."""

    current: list[str]
    said: set[str]

    def take(self, claim: Claim, *, is_one_valued: bool) -> None:
        self.said.add(normal_form(claim.text))
        if claim.valid_to is None:
            self.current = [claim.id] if is_one_valued else [*self.current, claim.id]


class Placing:
    """Places facts one after the other, each on top of the ones before it."""

    def __init__(
        self,
        *,
        source: ForeignFormat,
        trunk: Trunk,
        forest: Forest,
        now: datetime,
        tombstones: Tombstones = NO_TOMBSTONES,
    ) -> None:
        self._source = source
        self._trunk = trunk
        self._forest = forest
        self._now = now
        self._tombstones = tombstones
        self._added: dict[str, Claim] = {}
        self._slots: dict[tuple[str, str], _Filled] = {}

    def place(self, facts: Sequence[tuple[Fact, Route]]) -> Placed:
        """What becomes of facts with the slot that was found for each; older ones first, so that newer ones win."""
        placed = Placed()
        for place in sorted(range(len(facts)), key=lambda at: facts[at][0].valid_from or self._now):
            fact, found = facts[place]
            placed.placements[place] = self._place(placed, fact, found)
        return placed

    def _place(self, placed: Placed, fact: Fact, found: Route) -> Placement:
        claim = self._claim(fact, found.path, "")
        former = self._live(claim)
        if former is not None and not same_words(former.text, claim.text):
            return self._changed(placed, fact, found, former)
        slot = self._slot(claim)
        if former is not None or normal_form(claim.text) in slot.said:
            return _told(fact, found, "known", found.rule)
        if self._tombstones.cover(claim):
            return _told(fact, found, "forgotten", "forgotten-before")
        is_one_valued = self._trunk.by_path[claim.path].cardinality == "one"
        if is_one_valued and slot.current and claim.valid_to is None:
            claim = claim.model_copy(update={"supersedes": tuple(slot.current)})
        operation = Update(claim=claim) if claim.supersedes else Add(claim=claim)
        objection = _objection(fact, found)
        if objection is not None:
            placed.held.append(_verdict(fact, operation, *objection))
            return _told(fact, found, "held", objection[0])
        placed.operations.append(operation)
        self._added[claim.id] = claim
        slot.take(claim, is_one_valued=is_one_valued)
        return _told(fact, found, "placed", found.rule)

    def _changed(self, placed: Placed, fact: Fact, found: Route, former: Claim) -> Placement:
        """A fact that says something else than when it was imported: a person decides."""
        claim = self._claim(fact, found.path, fact.text)
        newer = {"supersedes": (former.id,), "order": former.order + 1}
        if claim.valid_to is None:
            newer["valid_from"] = max(claim.valid_from, former.valid_from)
        claim = claim.model_copy(update=newer)
        if self._live(claim) is not None:
            return _told(fact, found, "known", found.rule)
        why = "it says something else than when it was imported before"
        placed.held.append(_verdict(fact, Update(claim=claim), "changed-there", why))
        return _told(fact, found, "held", "changed-there")

    def _claim(self, fact: Fact, path: str, span: str) -> Claim:
        begun = fact.valid_from or min(self._now, fact.valid_to or self._now)
        return Claim(
            id=claim_id(f"{self._source}:{fact.id}", span, fact.subject, path),
            subject=fact.subject,
            path=path,
            text=fact.text,
            valid_from=begun,
            valid_to=fact.valid_to,
            recorded_at=self._now,
            origin="imported",
        )

    def _live(self, claim: Claim) -> Claim | None:
        tree = self._forest.get(claim.subject)
        return self._added.get(claim.id) or (tree.claims.get(claim.id) if tree is not None else None)

    def _slot(self, claim: Claim) -> _Filled:
        if (claim.subject, claim.path) not in self._slots:
            tree = self._forest.get(claim.subject)
            current = tree.current(claim.path) if tree is not None else ()
            self._slots[claim.subject, claim.path] = _Filled(
                current=[one.id for one in current], said={normal_form(one.text) for one in current}
            )
        return self._slots[claim.subject, claim.path]


def _objection(fact: Fact, found: Route) -> tuple[str, str] | None:
    """Why a person should look at it first."""
    if len(fact.text.split()) > MAX_CLAIM_WORDS:
        return "too-long", f"a claim has at most {MAX_CLAIM_WORDS} words"
    if found.score is not None and found.score < NEAR_ENOUGH:
        return "no-slot-near", f"its nearest slot is {found.path}, at {found.score:.2f} of {NEAR_ENOUGH:.2f}"
    return None


def _verdict(fact: Fact, operation: Add | Update, rule: str, why: str) -> Verdict:
    draft = Draft(
        kind=operation.kind,
        subject=fact.subject,
        path=operation.claim.path,
        text=fact.text,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        origin="imported",
    )
    return Verdict(ruling="quarantine", rule=rule, why=why, draft=draft, operation=operation)


def _told(fact: Fact, found: Route, outcome: Outcome, rule: str) -> Placement:
    return Placement(
        id=fact.id,
        text=fact.text,
        subject=fact.subject,
        outcome=outcome,
        path=found.path,
        rule=rule,
        score=found.score,
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().casefold())
