"""A merged claim whose own words were taken back: those that it was merged with stand again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.consolidation.case import AUTHOR, Step
from treering.memory.consolidation.supports import standing
from treering.memory.withdrawal import exchange
from treering.schemas.operations import Add, Delete, NoOp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.consolidation.case import Case
    from treering.schemas.claims import Claim
    from treering.schemas.operations import LedgerEntry, Operation


def splits(case: Case) -> Iterator[Step]:
    """Claims that say more than the words that are left to them, each exchanged for what those say."""
    for ref in sorted(case.touched.changed):
        claim = case.live.get(ref)
        if claim is None or not claim.evidence or claim.origin == "manual":
            continue
        entries = case.entries_of([ref])
        merges = [entry for entry in entries if _is_merge(entry)]
        if not merges or _has_own_words(claim, entries):
            continue
        back = _restored(case, claim, merges)
        if back:
            why = f"split: what {ref} said was taken back; {', '.join(one.id for one in back)} said less and stands"
            operations: list[Operation] = [*exchange(claim, None, case.now, why=why)]
            operations += [Add(claim=one, why=why) for one in back]
            ids = (ref, *(one.id for one in back))
            yield Step(rule="split", why=why, claims=ids, operations=tuple(operations))


def _is_merge(entry: LedgerEntry) -> bool:
    operation = entry.operation
    return (
        entry.author == AUTHOR and isinstance(operation, Add) and (operation.why or "").partition(":")[0] == "duplicate"
    )


def _has_own_words(claim: Claim, entries: Sequence[LedgerEntry]) -> bool:
    """Whether a message is left that said the claim's text, before anything was merged with it or after."""
    own: set[str] = set()
    for entry in entries:
        operation = entry.operation
        if isinstance(operation, NoOp):
            own |= {piece.message_id for piece in operation.evidence}
        elif not isinstance(operation, Delete) and not own:  # the first one has what the listener heard
            own |= {piece.message_id for piece in operation.claim.evidence}
    return any(piece.message_id in own for piece in claim.evidence)


def _restored(case: Case, claim: Claim, merges: Sequence[LedgerEntry]) -> list[Claim]:
    """The claims that went in these merges, as far as words of theirs are left, each with those."""
    refs = [ref for merge in merges for ref in _gone_in(case, merge) if ref != claim.id and ref not in case.live]
    former: dict[str, Claim] = {}
    for entry in case.entries_of(list(dict.fromkeys(refs))):
        operation = entry.operation
        if not isinstance(operation, NoOp | Delete) and entry.version <= merges[-1].version:
            former[operation.claim.id] = operation.claim
    left = {piece.message_id: piece for piece in claim.evidence}
    turns = case.turns_of(list(left))
    back = []
    for one in former.values():
        evidence = standing([piece for piece in one.evidence if piece.message_id in left], turns)
        if evidence:
            first = turns[evidence[0].message_id]
            moved = {} if one.evidence[:1] == evidence[:1] else {"order": first.seq, "valid_from": first.at}
            replaced = tuple(ref for ref in one.supersedes if ref in case.live)
            back.append(one.model_copy(update={"evidence": evidence, "supersedes": replaced, **moved}))
    return back


def _gone_in(case: Case, merge: LedgerEntry) -> Iterator[str]:
    """The claims that a merge took out; its steps share their reason."""
    for entry in case.entries_at(merge.version):
        operation = entry.operation
        if isinstance(operation, Delete) and operation.why == merge.operation.why:
            yield operation.target
