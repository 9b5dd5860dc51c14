"""What follows when turns got another text: nothing made of the old one is left, and jobs read the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.ports import UnitOfWork
    from treering.schemas.dialogue import Scope, Turn


def swap(unit: UnitOfWork, scope: Scope, *, version: int, by: int, now: datetime) -> list[str]:
    """Give turns back what they said before `version`, as `by`, with all that follows; returns their message ids.

    For whoever takes a version of the ledger back, or brings it back: the texts of the turns it changed go with it.

    Raises:
        UndoConflict: A turn was changed again since.
    """
    changed = unit.turns.swap(scope, version=version, by=by, now=now)
    _follow(unit, scope, changed, now)
    return changed


def rewind(unit: UnitOfWork, scope: Scope, *, to: int, by: int, now: datetime) -> list[str]:
    """Give turns what they said at version `to`, as `by`, with all that follows; returns their message ids."""
    changed = unit.turns.rewind(scope, to=to, by=by, now=now)
    _follow(unit, scope, changed, now)
    return changed


def clear(unit: UnitOfWork, scope: Scope, message_ids: Sequence[str]) -> tuple[list[str], int]:
    """Drop what quotes or contains these turns; returns the passages, and how many proposals and replies."""
    return unit.passages.remove_of(scope, message_ids), unit.quarantine.erase(scope, message_ids)


def read_anew(unit: UnitOfWork, scope: Scope, turn: Turn, revision: int, now: datetime) -> None:
    """Queue what is made of a turn's present text: vector, summaries, and claims where its former text was heard.

    Args:
        unit: An open transaction.
        scope: Whose.
        turn: The turn, as it is now.
        revision: The number of the change that gave it this text; 0: it said so from the start, and was heard then.
        now: When.
    """
    unit.jobs.enqueue(scope, "index", now, payload={"message": turn.message_id})
    unit.jobs.enqueue(scope, "summarise", now)
    if revision and turn.role == "user" and turn.content and turn.seq <= unit.ledger.head(scope).heard_seq:
        payload: dict[str, str | int] = {"first": turn.seq, "last": turn.seq, "revision": revision}
        unit.jobs.enqueue(scope, "window", now, payload=payload)


def says_still(unit: UnitOfWork, scope: Scope, turn: Turn, revision: int) -> bool:
    """Whether a turn has the text that a change gave it; false after another one, or when it was forgotten."""
    texts = _texts(unit, scope, turn)
    return revision < len(texts) and texts[revision] == turn.content


def said(unit: UnitOfWork, scope: Scope, message_ids: Sequence[str], *, version: int | None = None) -> dict[str, str]:
    """What these messages say, by id, or what rewinding to a version makes them say.

    Left out are messages that were forgotten: what they said nobody can tell, and claims that stayed stay.
    """
    former = unit.turns.former(scope, message_ids)
    found: dict[str, str] = {}
    for ref, turn in unit.turns.get(scope, message_ids).items():
        changes = former.get(ref, [])
        later = (one.content for one in changes if version is not None and (one.version or 0) > version)
        if turn.content or changes:
            found[ref] = next(later, turn.content)
    return found


def _follow(unit: UnitOfWork, scope: Scope, message_ids: Sequence[str], now: datetime) -> None:
    if message_ids:
        passages, _ = clear(unit, scope, message_ids)
        unit.vectors.remove(scope, [f"summary:{name}" for name in passages])  # a server's are for the job to remove
    for turn in unit.turns.get(scope, message_ids).values():
        # A text that comes back may have been heard when it first came: the job knows it by its first revision.
        read_anew(unit, scope, turn, _texts(unit, scope, turn).index(turn.content), now)


def _texts(unit: UnitOfWork, scope: Scope, turn: Turn) -> list[str]:
    """What a turn said from the start, and after each change."""
    former = unit.turns.former(scope, [turn.message_id]).get(turn.message_id, [])
    return [*(change.content for change in former), turn.content]
