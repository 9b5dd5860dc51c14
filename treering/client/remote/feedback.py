"""Feedback on claims, to the memory of a server."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from uuid import uuid4

from treering.client.feedback import as_claim_id, as_once, as_when, as_why
from treering.client.intake import as_moment, as_path, as_subject, as_words
from treering.client.remote.face import RemoteFace, as_text, person
from treering.errors import UnknownClaim
from treering.schemas.claims import SELF
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.feedback import Feedback

if TYPE_CHECKING:
    from datetime import datetime

ONCE = "Idempotency-Key"
"""The header that names a request, so that it is done once however often it is sent."""

REFERENCE = re.compile(r"[0-9a-z]{1,64}", re.ASCII)
"""What an id, or the beginning of one, can be; anything else could be another route."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


class RemoteJudgements(RemoteFace):
    """What the person or the application says of a claim. Each call is done once, however often it has to be sent."""

    def confirm(
        self,
        user: str,
        claim_id: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Vouch for a claim; see `Memory.confirm`."""
        return self._judge(person(user, tenant, "confirm"), claim_id, "confirm", {"why": as_why(why)}, once)

    def correct(
        self,
        user: str,
        claim_id: str,
        text: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Let a claim say something else; see `Memory.correct`."""
        body = {"text": as_words("text", text), "why": as_why(why)}
        return self._judge(person(user, tenant, "correct"), claim_id, "correct", body, once)

    def reject(
        self,
        user: str,
        claim_id: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Withdraw a claim that never was so; see `Memory.reject`."""
        return self._judge(person(user, tenant, "reject"), claim_id, "reject", {"why": as_why(why)}, once)

    def add_claim(
        self,
        user: str,
        path: str,
        text: str,
        *,
        subject: str = SELF,
        valid_from: datetime | None = None,
        condition: str | None = None,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Add a claim by hand; see `Memory.add_claim`."""
        named, since = person(user, tenant, "add_claim"), as_moment(valid_from, "valid_from")
        body = {
            "path": as_path(path),
            "text": as_words("text", text),
            "subject": as_subject(subject),
            "valid_from": as_text(since),
            "condition": None if condition is None else as_when(condition),
            "why": as_why(why),
        }
        return self._connection.post(Feedback, "/v1/claims", body, headers=_once(once), is_repeatable=True, user=named)

    def _judge(self, user: str, claim_id: str, verb: str, body: dict[str, str | None], once: str | None) -> Feedback:
        reference = as_claim_id(claim_id)
        if not REFERENCE.fullmatch(reference):
            raise UnknownClaim(reference)
        path = f"/v1/claims/{reference}/{verb}"
        return self._connection.post(Feedback, path, body, headers=_once(once), is_repeatable=True, user=user)


def _once(once: str | None) -> dict[str, str]:
    """The header by which a call is known: by the caller's name for it, or else by one for its own attempts."""
    name = as_once(once) or uuid4().hex
    if not _KEY.fullmatch(name):
        name = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return {ONCE: name}
