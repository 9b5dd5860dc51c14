"""Whether the speaker may say so: each for themselves, and for people they mention. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.admission.situation import Objection, reject
from treering.memory.whose import whose
from treering.schemas.claims import SELF
from treering.schemas.operations import NoOp

if TYPE_CHECKING:
    from treering.memory.admission.situation import Situation
    from treering.schemas.claims import Subject

_NOT_USER = {
    "assistant": "the assistant said it, and the user did not say yes right after",
    "system": "a system message said it; only people say who they are",
    "tool": "a tool said it; only people say who they are",
}


def must_be_theirs_to_say(situation: Situation) -> Objection | None:
    """Refuse what somebody says of another who is there, or what nobody said.

    The user speaks about `self` and about people they mention; another speaker about themselves and people they
    mention; the assistant about `agent:<name>`, and about the user only where the user says yes right after.
    """
    subject = situation.draft.subject
    for cited in situation.cited:
        speaker = whose(cited.turn, situation.window)
        if cited.turn.role in ("system", "tool"):
            return reject("not-said-by-user", _NOT_USER[cited.turn.role])
        if cited.turn.role == "assistant" and speaker != subject and not _is_confirmed(situation):
            return reject("not-said-by-user", _NOT_USER["assistant"])
        if cited.turn.role == "user" and not _may_say(speaker, subject):
            return _not_theirs(speaker, subject)
    if not situation.cited and not isinstance(situation.operation, NoOp):
        return reject("no-evidence", "it rests on no words of the conversation")
    return None


def _may_say(speaker: Subject | None, subject: Subject) -> bool:
    if speaker is None or subject.startswith("agent:"):
        return False
    return speaker == SELF or subject != SELF


def _not_theirs(speaker: Subject | None, subject: Subject) -> Objection:
    if subject.startswith("agent:"):
        return reject("not-theirs-to-say", "only the assistant says who the assistant is")
    name = (speaker or "").partition(":")[2] or "somebody without a name"
    return reject("not-said-by-user", f"{name} said it, and only the user says who the user is")


def _is_confirmed(situation: Situation) -> bool:
    """The user's yes is cited beside the assistant's words only where it was found right after them."""
    return any(cited.turn.role == "user" for cited in situation.cited)
