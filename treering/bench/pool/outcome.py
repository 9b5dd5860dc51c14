"""What people's memories hold after a talk, in a form that two runs of it can be compared by."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.client.memory import Memory
from treering.memory.consolidating import AUTHOR

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from treering.bench.pool.talk import Spoken
    from treering.schemas.dialogue import Scope
    from treering.schemas.operations import LedgerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is known of one person, without what hangs on the hour of the run."""

    tree: str
    """Digest of their tree."""
    heard: tuple[tuple[str, str], ...]
    """Batch and operation, in order, of all that was heard."""
    consolidated: tuple[str, ...]
    """Operations of consolidation, sorted: when it ran between two windows is nobody's promise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run with faults went, and what is wrong at its end."""

    faults: Counter[str]
    """Faults by kind."""
    turns: int
    seconds: float
    """From the first turn to the moment when nothing was left to do."""
    retries: int
    """Calls that those who talked made again, because the store did not answer."""
    ended: int
    """Workers that ended by themselves, and were started again."""
    turned_away: int
    """How often a worker was refused by its fencing token, because its lease had gone to another."""
    leases: int
    """Leases given out."""
    jobs: int
    """Jobs that are in the table still: all, where nobody had more than are kept."""
    attempts: int
    """Most starts of one of them."""
    delays_s: list[float]
    """Times from a turn's being stored to what was learned from it, in seconds, shortest first."""
    wrong: list[str] = field(default_factory=list)
    """What is not as it should be."""

    def table(self) -> str:
        """All of it but what is wrong, as lines."""
        rows = {
            **{f"faults: {kind}": str(count) for kind, count in sorted(self.faults.items())},
            "turns": str(self.turns),
            "seconds": f"{self.seconds:.0f}",
            "turns/s": f"{self.turns / self.seconds:.1f}",
            "calls made again by those who talk": str(self.retries),
            "workers that ended by themselves": str(self.ended),
            "workers that were turned away by their fence": str(self.turned_away),
            "jobs in the table": str(self.jobs),
            "leases": str(self.leases),
            "most attempts of a job": str(self.attempts),
            "median delay of a turn, s": f"{self.delays_s[len(self.delays_s) // 2]:.1f}",
            "longest delay of a turn, s": f"{self.delays_s[-1]:.1f}",
        }
        width = max(map(len, rows))
        return "\n".join(f"{name:<{width}}  {value:>8}" for name, value in rows.items())


def undisturbed(spoken: Sequence[Spoken], home: Path) -> dict[Scope, Learned]:
    """What the embedded runner makes of a talk in one process, with nothing in its way."""
    with Memory(home, embedder="hash", background=False) as memory:
        for one in spoken:
            memory.remember(one.scope.user, one.message, session=one.session, tenant=one.scope.tenant)
        scopes = scopes_of(spoken)
        memory.flush()
        for scope in scopes:
            memory.end_session(scope.user, tenant=scope.tenant)
        memory.flush()
        return learned(memory, scopes)


def scopes_of(spoken: Iterable[Spoken]) -> list[Scope]:
    """Who talks, in the order of their first turns."""
    return list(dict.fromkeys(one.scope for one in spoken))


def learned(memory: Memory, scopes: Iterable[Scope]) -> dict[Scope, Learned]:
    """What is known of each."""
    return {scope: _learned(memory, scope) for scope in scopes}


def differences(found: Mapping[Scope, Learned], expected: Mapping[Scope, Learned]) -> list[str]:
    """Who is not known as expected, and in what.

    Example:
        >>> from treering.schemas.dialogue import Scope
        >>> ana, one = Scope(user="ana"), Learned(tree="a", heard=(), consolidated=())
        >>> differences({ana: one}, {ana: Learned(tree="b", heard=(), consolidated=())})
        ['default/ana: another tree']
    """
    told = []
    for scope, wanted in expected.items():
        have = found[scope]
        who = f"{scope.tenant}/{scope.user}"
        if have.heard != wanted.heard:
            told.append(f"{who}: another ledger{_first_difference(have.heard, wanted.heard)}")
        if have.consolidated != wanted.consolidated:
            told.append(f"{who}: consolidated otherwise{_first_difference(have.consolidated, wanted.consolidated)}")
        if have.tree != wanted.tree:
            told.append(f"{who}: another tree")
    return told


def _first_difference(have: Sequence[object], wanted: Sequence[object]) -> str:
    missing = [one for one in wanted if one not in have]
    beyond = [one for one in have if one not in wanted]
    return f" ({len(have)} for {len(wanted)}); missing {missing[:1]}, beyond {beyond[:1]}"


def _learned(memory: Memory, scope: Scope) -> Learned:
    entries = memory.history(scope.user, tenant=scope.tenant)
    return Learned(
        tree=memory.tree(scope.user, tenant=scope.tenant).digest,
        heard=tuple((entry.batch_id, _told(entry)) for entry in entries if entry.author != AUTHOR),
        consolidated=tuple(sorted(_told(entry) for entry in entries if entry.author == AUTHOR)),
    )


def _told(entry: LedgerEntry) -> str:
    operation = entry.operation.model_dump(
        mode="json",
        exclude={"claim": {"recorded_at"}, "at": entry.author == AUTHOR},  # when it ran
    )
    return json.dumps(operation, sort_keys=True)
