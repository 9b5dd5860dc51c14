"""Operations: does a memory do what a history ought to do to it. Only turns that the key speaks of are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.listen_words import ENOUGH, stems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.bench.choice.folder import Heard
    from treering.bench.gold.changes import ChangeKey, WantedChange
    from treering.bench.systems.port import Change

STRICT = "operations"
LENIENT = "operations_lenient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Operations of a kind, or of all kinds."""

    wanted: int
    """That the key asks for."""
    done: int
    """That rest on a turn of which the key says what it ought to do."""
    right: int
    """That are both, one to one."""


def operation_scores(heard: Sequence[Heard], key: ChangeKey) -> dict[str, float]:
    """Precision, recall and F1 of the operations of a system that tells them; nothing of one that does not.

    An operation is right when it is of the kind that is wanted, rests on a turn that is, and is filed in the very slot;
    leniently, in the branch. Where a suite names no slots, it has most of the words; leniently, any. Operations that
    rest on other turns are not judged, since the key does not say what these ought to do: so precision is that of the
    turns of the key, and a memory that keeps much of what nobody asks for is not worse for it.
    """
    told = [
        (one.stats.changes, key.get(one.conversation, ()))
        for one in heard
        if one.stats is not None and one.stats.changes is not None
    ]
    if not any(change.turns for changes, _ in told for change in changes):
        return {}
    found: dict[str, float] = {}
    for name, fits in ((STRICT, _fits_exactly), (LENIENT, _fits_roughly)):
        pairs = [(_judged(changes, wanted), wanted) for changes, wanted in told]
        found |= _scores(name, _counts(pairs, fits))
        if name == STRICT:
            for kind in sorted({one.kind for _, wanted in told for one in wanted}):
                of_kind = [
                    ([one for one in changes if one.kind == kind], [one for one in wanted if one.kind == kind])
                    for changes, wanted in pairs
                ]
                found |= {f"{metric}:{kind}": value for metric, value in _scores(name, _counts(of_kind, fits)).items()}
    return found


def _judged(changes: Sequence[Change], wanted: Sequence[WantedChange]) -> list[Change]:
    """The operations on turns that the key speaks of."""
    spoken_of = frozenset[str]().union(*(one.turns for one in wanted))
    return [one for one in changes if not spoken_of.isdisjoint(one.turns)]


def _counts(
    pairs: Sequence[tuple[Sequence[Change], Sequence[WantedChange]]], fits: Callable[[Change, WantedChange], bool]
) -> Counts:
    return Counts(
        wanted=sum(len(wanted) for _, wanted in pairs),
        done=sum(len(changes) for changes, _ in pairs),
        right=sum(_matched(changes, wanted, fits) for changes, wanted in pairs),
    )


def _matched(
    changes: Sequence[Change], wanted: Sequence[WantedChange], fits: Callable[[Change, WantedChange], bool]
) -> int:
    """How many are right, each counted once: the first operation that fits is taken, in the order of the ledger."""
    left = list(changes)
    for one in wanted:
        taken = next((change for change in left if fits(change, one)), None)
        if taken is not None:
            left.remove(taken)
    return len(changes) - len(left)


def _fits_exactly(change: Change, wanted: WantedChange) -> bool:
    if not _is_about(change, wanted):
        return False
    if wanted.path:
        return change.path == wanted.path
    words = stems(wanted.says)
    return len(words & stems(change.says)) >= ENOUGH * len(words)


def _fits_roughly(change: Change, wanted: WantedChange) -> bool:
    return _is_about(change, wanted) and (not wanted.path or _branch(change.path) == _branch(wanted.path))


def _is_about(change: Change, wanted: WantedChange) -> bool:
    return change.kind == wanted.kind and not wanted.turns.isdisjoint(change.turns)


def _branch(path: str) -> str:
    return path.partition(".")[0]


def _scores(name: str, counts: Counts) -> Mapping[str, float]:
    """What of them there is: without anything done there is no precision, without anything wanted no recall."""
    found = {}
    if counts.wanted:
        found[f"{name}_recall"] = counts.right / counts.wanted
    if counts.done:
        found[f"{name}_precision"] = counts.right / counts.done
    if counts.wanted and counts.done:
        found[f"{name}_f1"] = 2 * counts.right / (counts.wanted + counts.done)
    return found
