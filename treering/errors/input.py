"""What a caller gave cannot be used; nothing was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors.base import TreeringError
from treering.errors.nearest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence


class InvalidInput(TreeringError):
    """A value from the caller cannot be used. Nothing was changed."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class InvalidTurn(InvalidInput):
    """A message cannot be stored as it is."""


class MessageConflict(InvalidInput):
    """A message id came again with other text."""

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"message {message_id!r}",
            "this id is already stored with other content; use a new id, or amend the stored message",
        )
        self.message_id = message_id


class MissingScope(InvalidInput):
    """A call did not say whose memory it is about."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "no person is named; pass user=… (and session=…), so that memories never mix")


class UnknownPath(InvalidInput):
    """The trunk has neither a slot nor a branch of this path."""

    def __init__(self, path: str, known: Sequence[str] = ()) -> None:
        near = nearest(path, known)
        super().__init__(f"path {path!r}", f"the trunk has no such slot or branch{did_you_mean(near)}")
        self.path = path
        self.suggestions = near


class UnknownVersion(InvalidInput):
    """The ledger has no such version."""

    def __init__(self, version: int, latest: int) -> None:
        super().__init__(f"version {version}", f"the ledger has versions 0 (empty) to {latest}")
        self.version = version
        self.latest = latest


class UnknownMessage(InvalidInput):
    """No turn of this person has this id, or nothing of it is left."""

    def __init__(self, message_id: str, why: str = "no turn of this person has this id") -> None:
        super().__init__(f"message {message_id!r}", why)
        self.message_id = message_id


class UnknownProposal(InvalidInput):
    """Nothing that waits in quarantine has this id."""

    def __init__(self, held_id: str) -> None:
        super().__init__(
            "quarantine", f"nothing with id {held_id!r} waits; `treering quarantine list USER` shows what does"
        )
        self.held_id = held_id


class UnknownJob(InvalidInput):
    """The tenant has no job of this number."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"job {job_id}", "there is none; `memory.jobs()` lists what waits, runs, or failed")
        self.job_id = job_id


class KeyReused(InvalidInput):
    """A call was named as an earlier one, and asks for something else."""

    def __init__(self) -> None:
        super().__init__("once", "names an earlier call that asked for something else; use a new name for each call")


class ForgottenBefore(InvalidInput):
    """A statement was forgotten on request, or rejected, and is not taken in again."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(
            f"claim {claim_id}",
            "the same was forgotten on request, or rejected; allow it again first: `treering allow USER TEXT`",
        )
        self.claim_id = claim_id


class ReleaseRefused(InvalidInput):
    """A proposal in quarantine cannot be carried out as things stand. It still waits."""

    def __init__(self, held_id: str, rule: str, why: str) -> None:
        super().__init__(
            f"proposal {held_id}",
            f"cannot be released: {why} ({rule}); nothing was changed. Drop it, with `treering quarantine drop USER "
            f"{held_id}`, or change what stands in its way first",
        )
        self.held_id = held_id
        self.rule = rule


class UnknownUser(InvalidInput):
    """Nothing is known of this person."""

    def __init__(self, user: str) -> None:
        super().__init__(f"user {user!r}", "nothing is stored about this person here; check the name and the tenant")
        self.user = user


class InvalidExport(InvalidInput):
    """A file to import is damaged, cut off, from a newer Treering, or not what it says it is."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"import of {source}", f"{why}; nothing was imported")
        self.source = source
