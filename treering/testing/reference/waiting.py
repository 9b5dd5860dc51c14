"""What waits for a person: the quarantine, with the models' replies."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from treering.memory.digest import canonical
from treering.schemas.claims import FORGOTTEN
from treering.schemas.export import ExportedHeld
from treering.schemas.listening import Held, Reply, Verdict
from treering.schemas.operations import Add, Update

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.schemas.dialogue import Scope
    from treering.testing.reference.state import State

HELD_ID_CHARS = 24
"""Length of a held verdict's id, in hex digits."""


class ReferenceQuarantine:
    """Verdicts that wait for a person, and model replies kept word for word."""

    def __init__(self, state: State) -> None:
        self._state = state

    def hold(self, scope: Scope, window_id: str, verdicts: Sequence[Verdict], now: datetime) -> list[Held]:
        """Keep verdicts; returns those that wait now. One that a person decided before is not asked again."""
        held = self._state.made(scope).held
        names = dict.fromkeys(_held_id(window_id, verdict) for verdict in verdicts)
        for verdict in verdicts:
            name = _held_id(window_id, verdict)
            held.setdefault(name, ExportedHeld(id=name, window_id=window_id, verdict=verdict, recorded_at=now))
        waiting = {one.id: one for one in self.held(scope)}
        return [waiting[name] for name in names if name in waiting]

    def held(self, scope: Scope) -> list[Held]:
        """What waits, oldest first."""
        held = self._state.of(scope).held.values()
        return [Held(**{**dict(one), "verdict": one.verdict}) for one in held if one.verdict is not None]

    def wishes(self, scope: Scope) -> list[Held]:
        """Those of them that ask to have a claim forgotten, oldest first."""
        return [one for one in self.held(scope) if one.verdict.forgets is not None]

    def resolve(self, scope: Scope, held_id: str) -> Held | None:
        """Take one out of quarantine, and return it; its id stays, so that it does not come again."""
        waiting = next((one for one in self.held(scope) if one.id == held_id), None)
        if waiting is not None:
            self._put(scope, held_id, None)
        return waiting

    def replace(self, scope: Scope, waiting: Held) -> None:
        """Store what waits anew, under its id."""
        if any(one.id == waiting.id for one in self.held(scope)):
            self._put(scope, waiting.id, waiting.verdict)

    def drop_replies(self, scope: Scope) -> int:
        """Drop all stored replies."""
        replies = self._state.of(scope).replies
        dropped = len(replies)
        replies.clear()
        return dropped

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Drop what was held on these messages, every reply that may repeat them, and what failed jobs say."""
        person = self._state.of(scope)
        doomed = [one.id for one in self.held(scope) if _cited(one.verdict) & set(message_ids)]
        for name in doomed:
            self._put(scope, name, None)
        seqs = [turn.seq for turn in person.turns if turn.message_id in message_ids]
        return len(doomed) + (self._drop_later(scope, min(seqs)) if seqs else 0)

    def save_reply(self, scope: Scope, window_id: str, listener: str, reply: Reply) -> None:
        """Keep a model's reply before it is applied."""
        self._state.made(scope).replies[window_id, listener] = reply

    def reply(self, scope: Scope, window_id: str, listener: str) -> Reply | None:
        """The stored reply to a window, if this listener asked about it before."""
        return self._state.of(scope).replies.get((window_id, listener))

    def _put(self, scope: Scope, name: str, verdict: Verdict | None) -> None:
        held = self._state.of(scope).held
        held[name] = held[name].model_copy(update={"verdict": verdict})

    def _drop_later(self, scope: Scope, first_seq: int) -> int:
        """A model had the tree before it, so what it said of any later window may repeat a message too."""
        replies, jobs = self._state.of(scope).replies, self._state.jobs
        later = [key for key in replies if (_last_seq(key[0]) or first_seq) >= first_seq]
        for key in later:
            del replies[key]
        dropped = len(later)
        for job in [job for job in jobs.values() if job.scope == scope]:
            is_telling = job.raw_reply is not None or job.error not in (None, FORGOTTEN)
            dropped += is_telling
            if is_telling:
                jobs[job.id] = job.model_copy(update={"raw_reply": None, "error": FORGOTTEN})
            elif job.state == "running":  # it may be about to fail with a message that quotes the words
                jobs[job.id] = job.model_copy(update={"error": FORGOTTEN})
        return dropped


def _held_id(window_id: str, verdict: Verdict) -> str:
    content = canonical([window_id, verdict.draft.model_dump(mode="json")])
    return hashlib.sha256(content.encode()).hexdigest()[:HELD_ID_CHARS]


def _cited(verdict: Verdict) -> set[str | None]:
    """The messages that a verdict rests on."""
    operation = verdict.operation
    holder = operation.claim if isinstance(operation, Add | Update) else operation
    return {verdict.draft.message_id, *(piece.message_id for piece in (holder.evidence if holder else ()))}


def _last_seq(window_id: str) -> int | None:
    """The last turn of a window named `first-last`; None for another name."""
    first, _, last = window_id.partition("-")
    return int(last) if first.isdecimal() and last.isdecimal() else None
