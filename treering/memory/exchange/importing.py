"""Takes in what another memory left behind: conversations as turns, statements as claims."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.memory.exchange.placing import Map, Placed, Placing, as_statement, find_slot, statements
from treering.schemas.foreign import ImportReport, LeftOut
from treering.schemas.jobs import BEHIND_TALK, PRIORITIES
from treering.schemas.operations import Add, Batch, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.memory.exchange.placing import Route
    from treering.memory.ports import Clock, Embedder, Store, UnitOfWork
    from treering.memory.retrieval.slots import SlotVectors
    from treering.schemas.dialogue import Message, Scope
    from treering.schemas.foreign import Fact, Foreign, Placement
    from treering.schemas.trunk import Trunk

FACTS_A_STEP = 256
"""Statements that are embedded at once."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future a message may be dated, as for messages of an application."""


class Importing:
    """Imports from other memories."""

    def __init__(
        self, *, store: Store, trunk: Trunk, clock: Clock, embedder: Embedder, slots: Callable[[], SlotVectors]
    ) -> None:
        self._store = store
        self._trunk = trunk
        self._clock = clock
        self._embedder = embedder
        self._slots = slots

    def take_in(self, scope: Scope, foreign: Foreign, *, paths: Mapping[str, str], dry_run: bool) -> ImportReport:
        """Store what a file holds, in one transaction; what is stored already stays as it is.

        Args:
            scope: Whose memory it becomes.
            foreign: What the file holds.
            paths: Slots by category, label or namespace.
            dry_run: Store nothing, and say what would become of it.

        Raises:
            UnknownPath: One of `paths` is no slot.
            EmbedderError: The statements could not be embedded.
        """
        facts, too_long = statements(foreign.facts)
        routed = self._routed(facts, Map(self._trunk, paths))
        now = self._clock.now()
        with self._store.begin(write=not dry_run) as unit:
            placing = Placing(
                source=foreign.format,
                trunk=self._trunk,
                forest=unit.ledger.trees(scope),
                now=now,
                tombstones=unit.tombstones.of_claims(scope),
            )
            placed = placing.place(routed)
            sessions, unfit = _sessions(unit, scope, foreign, now)
            known = self._count_known(unit, scope, sessions)
            stored = sum(map(len, sessions.values())) - known
            if not dry_run:
                self._commit(unit, scope, foreign, placed, now)
                stored, known = self._store_turns(unit, scope, sessions, now)
                for kind in ("listen", "index", "summarise", "consolidate"):
                    unit.jobs.enqueue(scope, kind, now, priority=PRIORITIES[kind] + BEHIND_TALK)
            version = unit.ledger.head(scope).version
        return ImportReport(
            format=foreign.format,
            user=scope.user,
            is_dry_run=dry_run,
            placements=tuple(placed.placements[place] for place in range(len(facts))),
            stored=stored,
            known=known,
            left_out=(*foreign.left_out, *too_long, *unfit),
            version=version,
        )

    def _routed(self, facts: Sequence[Fact], names: Map) -> list[tuple[Fact, Route]]:
        routed: list[tuple[Fact, Route]] = []
        for start in range(0, len(facts), FACTS_A_STEP):
            some = facts[start : start + FACTS_A_STEP]
            vectors = self._embedder.embed([as_statement(fact.text) for fact in some])
            slots = self._slots()
            ranked = slots.nearest(vectors, len(slots.paths))
            routed += [
                (fact, find_slot(fact, near, self._trunk, names)) for fact, near in zip(some, ranked, strict=True)
            ]
        return routed

    def _commit(self, unit: UnitOfWork, scope: Scope, foreign: Foreign, placed: Placed, now: datetime) -> None:
        version = unit.ledger.head(scope).version
        if placed.operations:
            batch = Batch(
                id=f"import:{foreign.format}:{_name_of(placed)}@{version}",
                operations=tuple(placed.operations),
                recorded_at=now,
                author=f"import/{foreign.format}",
            )
            unit.ledger.commit(scope, batch, expected_version=version)
        if placed.held:
            waiting = unit.quarantine.hold(scope, f"import:{foreign.format}", placed.held, now)
            _tell_decided(placed, {(held.verdict.draft.path, held.verdict.draft.text) for held in waiting})

    def _store_turns(
        self, unit: UnitOfWork, scope: Scope, sessions: Mapping[str, Sequence[Message]], now: datetime
    ) -> tuple[int, int]:
        stored = known = 0
        for session, messages in sessions.items():
            receipt = unit.turns.append(scope, session, messages, now)
            stored += len(receipt.stored)
            known += len(receipt.known)
            if receipt.stored:
                unit.turns.end_session(scope, session)  # a file is no conversation that goes on
        return stored, known

    def _count_known(self, unit: UnitOfWork, scope: Scope, sessions: Mapping[str, Sequence[Message]]) -> int:
        ids = [message.id for messages in sessions.values() for message in messages if message.id is not None]
        return len(unit.turns.get(scope, ids))


def _sessions(
    unit: UnitOfWork, scope: Scope, foreign: Foreign, now: datetime
) -> tuple[dict[str, list[Message]], list[LeftOut]]:
    """The messages that can be stored, by session, in the order in which they were said; and the others."""
    ids = [spoken.message.id for spoken in foreign.spoken if spoken.message.id is not None]
    said = {name: (turn.role, turn.content) for name, turn in unit.turns.get(scope, ids).items() if turn.content}
    found: dict[str, list[Message]] = defaultdict(list)
    left_out: list[LeftOut] = []
    for place, spoken in enumerate(foreign.spoken, start=1):
        message, where = spoken.message, f"message {spoken.message.id or place}"
        if message.at is not None and message.at > now + CLOCK_SKEW:
            left_out.append(LeftOut(where=where, why=f"is dated in the future, {message.at.isoformat()}"))
        elif message.id is not None and said.setdefault(message.id, (message.role, message.content)) != (
            message.role,
            message.content,
        ):
            left_out.append(LeftOut(where=where, why="its id is stored already, with other words"))
        else:
            is_ahead = message.at is not None and message.at > now
            found[spoken.session].append(message.model_copy(update={"at": now}) if is_ahead else message)
    ordered = {session: _in_order(messages) for session, messages in found.items()}
    return dict(sorted(ordered.items(), key=lambda pair: pair[1][0].at or now)), left_out


def _in_order(messages: Iterable[Message]) -> list[Message]:
    """By time, where all have one; those without an id get a place that is the same whenever they come again."""
    found = list(messages)
    if all(message.at for message in found):
        found.sort(key=lambda message: str(message.at and message.at.isoformat()))
    return [
        message if message.id is not None else message.model_copy(update={"index": index})
        for index, message in enumerate(found)
    ]


def _tell_decided(placed: Placed, waiting: set[tuple[str, str | None]]) -> None:
    """Those held that do not wait: a person decided about them before."""
    for place, one in placed.placements.items():
        if one.outcome == "held" and (one.path, one.text) not in waiting:
            placed.placements[place] = _decided(one)


def _decided(placement: Placement) -> Placement:
    return placement.model_copy(update={"outcome": "known", "rule": "decided-before"})


def _name_of(placed: Placed) -> str:
    """Names a set of claims."""
    ids = [operation.claim.id for operation in placed.operations if isinstance(operation, Add | Update)]
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]
