"""What a person says of claims, as operations: confirmed, corrected, rejected, added by hand. Pure.

Nothing of the past is rewritten: a claim that changes is retracted and added again, in one batch, as a retraction of
one of several messages does it. What a person vouched for has the origin `manual` and full confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.errors import InvalidInput, UnknownClaim
from treering.memory.conditions import condition_held, condition_of, same_condition
from treering.memory.drafting import claim_id, same_words
from treering.memory.tree import PersonaTree
from treering.memory.withdrawal import exchange, rewired
from treering.schemas.claims import MAX_CLAIM_CHARS, MAX_CONDITION_CHARS, SELF, Claim
from treering.schemas.operations import Add, Delete, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from treering.memory.calls import Call
    from treering.memory.operations import Forest
    from treering.schemas.feedback import FeedbackKind
    from treering.schemas.operations import LedgerEntry
    from treering.schemas.trunk import Trunk

FEEDBACK = "feedback"
"""The author of what was said of claims."""

MIN_ID_CHARS = 6
"""Of a shortened id, in hex digits: among a thousand claims two begin alike once in thirty people."""

_REJECT, _CORRECT = "reject:", "correct:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a word on a claim amounts to."""

    before: Claim | None = None
    """The claim as it is; none where one is added."""
    after: Claim | None = None
    """The claim that stands there then; none where it goes."""
    operations: tuple[Operation, ...] = ()
    """To be committed, in order; none where the tree stands so already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody adds by hand."""

    path: str
    text: str
    subject: str = SELF
    valid_from: datetime | None = None
    condition: str | None = None


def find_claim(forest: Forest, ref: str) -> Claim:
    """The live claim of an id, or of the beginning of one.

    Raises:
        UnknownClaim: No live claim has it.
        InvalidInput: It is too short to be one, or several claims begin so.
    """
    live = {found: claim for tree in forest.values() for found, claim in tree.claims.items()}
    if ref in live:
        return live[ref]
    if len(ref) < MIN_ID_CHARS:
        why = f"{ref!r} is too short for an id; give at least {MIN_ID_CHARS} digits, from `treering tree USER --ids`"
        raise InvalidInput("claim", why)
    fitting = [claim for found, claim in live.items() if found.startswith(ref)]
    if len(fitting) > 1:
        shown = ", ".join(sorted(claim.id for claim in fitting))
        raise InvalidInput("claim", f"{len(fitting)} ids begin with {ref!r}; give more of the one you mean: {shown}")
    if not fitting:
        raise UnknownClaim(ref)
    return fitting[0]


def vouched(claim: Claim) -> Claim:
    """The claim, on a person's word."""
    return claim.model_copy(update={"origin": "manual", "confidence": 1.0})


def confirm(claim: Claim, *, now: datetime, why: str | None = None) -> Judgement:
    """The claim, vouched for: its id, words, evidence and dates stay."""
    after = vouched(claim)
    operations = exchange(claim, after, now, why=why or "confirmed") if after != claim else ()
    return Judgement(before=claim, after=after, operations=operations)


def correct(forest: Forest, claim: Claim, text: str, *, now: datetime, why: str | None = None) -> Judgement:
    """Other words in the claim's place, since the same day: what it said never was so.

    The words rest on no message, since none says them. Where another claim says so already, that one is confirmed.
    """
    if text == claim.text:
        return confirm(claim, now=now, why=why)
    why = why or "corrected"
    current = forest[claim.subject].current(claim.path)
    known = next((one for one in current if one.id != claim.id and same_words(one.text, text)), None)
    if known is not None:
        closed = _without(forest, claim, now, why)
        return Judgement(
            before=claim,
            after=vouched(known),
            operations=(*closed, *_confirmed(_as_left(closed, known), now, why)),
        )
    after = vouched(claim).model_copy(
        update={
            "id": _corrected_id(claim.id, text, claim.subject, claim.path),
            "text": text,
            "condition": _condition(condition_of(text)) or claim.condition,
            "evidence": (),
            "recorded_at": now,
        }
    )
    in_its_place = claim.model_copy(update={"supersedes": (after.id,)})
    operations = (*exchange(claim, None, now, why=why), Add(claim=after, why=why))
    return Judgement(before=claim, after=after, operations=(*operations, *_rewire(forest, in_its_place, now)))


def reject(forest: Forest, claim: Claim, *, now: datetime, why: str | None = None) -> Judgement:
    """The tree without the claim: it never was so, and what it had replaced holds again."""
    return Judgement(before=claim, operations=_without(forest, claim, now, why or "rejected"))


def batch_id(kind: FeedbackKind, found: Judgement, version: int, call: Call | None = None) -> str:
    """The id of the batch that makes a version; history tells rejections by it, and a call that comes again."""
    claim = found.before or found.after
    made = f"{kind}:{claim.id if claim is not None else ''}:{version}"
    after = found.after.id if found.after is not None else ""
    return made if call is None else f"{made}:{after}:{call.name}:{call.said}"


def was_rejected(about: Sequence[LedgerEntry], version: int) -> bool:
    """Whether at a version a claim was away because it had been rejected, and not for another reason.

    Args:
        about: The entries on the claim, oldest first.
        version: The version.
    """
    gone = _gone_with(about, version)
    return gone is not None and gone.batch_id.startswith(_REJECT)


def corrected_before(forest: Forest, about: Sequence[LedgerEntry], text: str, version: int) -> Claim | None:
    """The live claim that says what a former one was corrected to say; none if that is not how it went.

    Args:
        forest: The present trees.
        about: The entries on the former claim, oldest first.
        text: The correction.
        version: The present version.
    """
    gone = _gone_with(about, version)
    if gone is None or not gone.batch_id.startswith(_CORRECT) or not isinstance(gone.operation, Delete):
        return None
    tree = forest.get(gone.operation.subject)
    live = tree.by_path.get(gone.operation.path, ()) if tree is not None else ()
    return next((one for one in live if same_words(one.text, text)), None)


def _gone_with(about: Sequence[LedgerEntry], version: int) -> LedgerEntry | None:
    """The entry that took a claim out, in which it was away at a version; what was undone and redone counts as one."""
    while True:
        last = next((entry for entry in reversed(about) if entry.version <= version), None)
        if last is None or not isinstance(last.operation, Delete):
            return None
        if last.reverts is None:
            return last
        version = last.reverts - 1


def add(
    forest: Forest, statement: Statement, *, trunk: Trunk, order: int, now: datetime, why: str | None = None
) -> Judgement:
    """A claim by hand; what is current and says so already is confirmed instead.

    Args:
        forest: The present trees.
        statement: What to add.
        trunk: The trunk.
        order: After the last turn so far: the claim is newer than what was said before it.
        now: Becomes `recorded_at`, and `valid_from` where none is given.
        why: The reason, for history.
    """
    tree = forest.get(statement.subject) or PersonaTree(trunk=trunk, subject=statement.subject)
    current = tree.current(statement.path)
    said = [one for one in current if same_words(one.text, statement.text)]
    wanted = statement.condition
    known = next((one for one in said if wanted is None or same_condition(condition_held(one), wanted)), None)
    if known is not None:
        return confirm(known, now=now, why=why)
    slot = trunk.by_path.get(statement.path)
    claim = Claim(
        id=claim_id("manual", f"{now.isoformat()}:{wanted}:{statement.text}", statement.subject, statement.path),
        subject=statement.subject,
        path=statement.path,
        text=statement.text,
        valid_from=statement.valid_from or now,
        recorded_at=now,
        order=order,
        origin="manual",
        condition=_condition(wanted) or _condition(condition_of(statement.text)),
        supersedes=tuple(one.id for one in current) if slot is not None and slot.cardinality == "one" else (),
    )
    why = why or "added by hand"
    placed = Update(claim=claim, why=why) if claim.supersedes else Add(claim=claim, why=why)
    return Judgement(after=claim, operations=(placed,))


def as_statement(text: str) -> str:
    """A text as claims have them: on one line.

    Raises:
        InvalidInput: It is empty, or longer than a statement is.
    """
    found = " ".join(text.split())
    if not 1 <= len(found) <= MAX_CLAIM_CHARS:
        raise InvalidInput("text", f"has {len(found)} characters; a claim is one statement of 1 to {MAX_CLAIM_CHARS:,}")
    return found


def _corrected_id(ref: str, text: str, subject: str, path: str) -> str:
    return claim_id(f"{FEEDBACK}:{ref}", text, subject, path)


def _confirmed(claim: Claim, now: datetime, why: str) -> tuple[Operation, ...]:
    return confirm(claim, now=now, why=why).operations


def _without(forest: Forest, claim: Claim, now: datetime, why: str) -> tuple[Operation, ...]:
    return (*exchange(claim, None, now, why=why), *_rewire(forest, claim, now))


def _rewire(forest: Forest, gone: Claim, now: datetime) -> tuple[Operation, ...]:
    """Exchanges of the claims that had replaced one which goes: now they replace what that one had replaced."""
    others = [one for one in forest[gone.subject].claims.values() if one.id != gone.id]
    changed = [(one, rest) for one in others if (rest := rewired(one, {gone.id: gone})) != one]
    return tuple(operation for one, rest in changed for operation in exchange(one, rest, now))


def _as_left(operations: Iterable[Operation], claim: Claim) -> Claim:
    """A claim as these operations leave it."""
    added = [one.claim for one in operations if isinstance(one, Add) and one.claim.id == claim.id]
    return added[-1] if added else claim


def _condition(given: str | None) -> str | None:
    return " ".join((given or "").split())[:MAX_CONDITION_CHARS].strip() or None
