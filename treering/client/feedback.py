"""Feedback on claims: confirmed, corrected, rejected, added by hand. A part of `Memory` and `AsyncMemory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_moment, as_path, as_scope, as_subject, as_words
from treering.errors import InvalidInput
from treering.schemas.claims import MAX_CONDITION_CHARS, SELF
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from datetime import datetime

    from treering.schemas.feedback import Feedback


MAX_ONCE_CHARS = 256
"""Longest name of a call, in characters."""


class Judgements(Face):
    """What the person or the application says of a claim. It weighs above anything that was inferred."""

    def confirm(
        self,
        user: str,
        claim_id: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Vouch for a claim: it keeps its words, evidence and dates, and has the origin `manual` from here on.

        Nothing that is merely inferred replaces or ends it, and it does not fade. Confirmed again, nothing happens.

        Args:
            user: The person.
            claim_id: The claim, by its id or at least the first six digits of it.
            why: The reason, shown in history.
            once: A name for this call: for a day, the same call of this name changes nothing, and says what it did.
            tenant: The customer or application.

        Raises:
            KeyReused: Another call had this name.
            UnknownClaim: No live claim has this id.
            InvalidInput: The id is too short, or begins several.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("gus", "I live in Porto.")
            ...     memory.flush()
            ...     [claim] = memory.tree("gus").claims
            ...     memory.confirm("gus", claim.id).after.origin
            'manual'
        """
        done = self._engine.judging.confirm(
            as_scope(user, tenant, "confirm"), as_claim_id(claim_id), why=as_why(why), once=as_once(once)
        )
        self._work()
        return done

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
        """Let a claim say something else, as if it had from the start: the former words never were so.

        The new claim stands in the same slot since the same day, with the origin `manual`, and rests on no message. To
        say that something was so and is no longer, `remember` it. Corrected again in the same words, nothing happens.

        Args:
            user: The person.
            claim_id: The claim, by its id or at least the first six digits of it.
            text: The statement, worded as claims are: "lives in Braga".
            why: The reason, shown in history.
            once: A name for this call: for a day, the same call of this name changes nothing, and says what it did.
            tenant: The customer or application.

        Raises:
            KeyReused: Another call had this name.
            UnknownClaim: No live claim has this id.
            InvalidInput: The id is too short, or begins several; or the text is no statement, or may not be kept.
            ForgottenBefore: The text was forgotten on request, or rejected.
        """
        scope, words = as_scope(user, tenant, "correct"), as_words("text", text)
        done = self._engine.judging.correct(scope, as_claim_id(claim_id), words, why=as_why(why), once=as_once(once))
        self._work()
        return done

    def reject(
        self,
        user: str,
        claim_id: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Withdraw a claim that never was so: what it had replaced holds again.

        The same statement is not learned again until `allow_again` lets it, or `undo` takes the rejection back; said
        in other words it is a new one. The words stay in the turns and in history: to erase them, `forget`. Rejected
        again, nothing happens.

        Args:
            user: The person.
            claim_id: The claim, by its id or at least the first six digits of it.
            why: The reason, shown in history.
            once: A name for this call: for a day, the same call of this name changes nothing, and says what it did.
            tenant: The customer or application.

        Raises:
            KeyReused: Another call had this name.
            UnknownClaim: No live claim has this id.
            InvalidInput: The id is too short, or begins several.
        """
        done = self._engine.judging.reject(
            as_scope(user, tenant, "reject"), as_claim_id(claim_id), why=as_why(why), once=as_once(once)
        )
        self._work()
        return done

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
        """Add a claim by hand, as from a form: with the origin `manual`, and no message that it rests on.

        In a slot for one claim it replaces what is there. What is current and says so already is confirmed instead.

        Args:
            user: The person.
            path: The slot.
            text: The statement, worded as claims are: "lives in Braga".
            subject: Whom it is about: `self`, `agent:<name>` or `person:<name>`.
            valid_from: Since when it is so, with a time zone; by default now.
            condition: When it is so, where it is not always: "on weekdays"; by default what the text says of it.
            why: The reason, shown in history.
            once: A name for this call: for a day, the same call of this name changes nothing, and says what it did.
            tenant: The customer or application.

        Raises:
            KeyReused: Another call had this name.
            UnknownPath: The trunk has no such slot.
            InvalidInput: The path is that of a branch; or path, subject, moment or text cannot be used; or the policy
                never keeps the slot, or the text holds a secret.
            ForgottenBefore: The text was forgotten on request, or rejected.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.add_claim("hal", "identity.name", "is called Hal").after.text
            'is called Hal'
        """
        from treering.memory.judgement import Statement, as_statement  # noqa: PLC0415 - not for who only recalls

        statement = Statement(
            path=as_path(path),
            text=as_statement(as_words("text", text)),
            subject=as_subject(subject),
            valid_from=as_moment(valid_from, "valid_from"),
            condition=None if condition is None else as_when(condition),
        )
        done = self._engine.judging.add(
            as_scope(user, tenant, "add_claim"), statement, why=as_why(why), once=as_once(once)
        )
        self._work()
        return done


class AsyncJudgements(AsyncFace):
    """The same for event loops."""

    async def confirm(
        self,
        user: str,
        claim_id: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Vouch for a claim; see `Memory.confirm`."""
        return await in_thread(self.memory.confirm, user, claim_id, why=why, once=once, tenant=tenant)

    async def correct(
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
        return await in_thread(self.memory.correct, user, claim_id, text, why=why, once=once, tenant=tenant)

    async def reject(
        self,
        user: str,
        claim_id: str,
        *,
        why: str | None = None,
        once: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Feedback:
        """Withdraw a claim that never was so; see `Memory.reject`."""
        return await in_thread(self.memory.reject, user, claim_id, why=why, once=once, tenant=tenant)

    async def add_claim(
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
        return await in_thread(
            self.memory.add_claim,
            user,
            path,
            text,
            subject=subject,
            valid_from=valid_from,
            condition=condition,
            why=why,
            once=once,
            tenant=tenant,
        )


def as_claim_id(claim_id: object) -> str:
    """An id as it is compared: somebody may have copied it with a space, or in capitals."""
    return as_words("claim", claim_id).strip().lower()


def as_when(condition: object) -> str:
    """When a claim is so, in a few words.

    Raises:
        InvalidInput: It is no text, or too long.
    """
    found = " ".join(as_words("condition", condition).split())
    if len(found) > MAX_CONDITION_CHARS:
        raise InvalidInput("condition", f"has {len(found)} characters; give a few words, {MAX_CONDITION_CHARS} at most")
    return found


def as_once(once: object) -> str | None:
    """The name of a call, if it has one.

    Raises:
        InvalidInput: It is no text, or too long.
    """
    found = None if once is None else as_words("once", once)
    if found is not None and len(found) > MAX_ONCE_CHARS:
        raise InvalidInput("once", f"has {len(found)} characters; name a call by {MAX_ONCE_CHARS} at most")
    return found


def as_why(why: object) -> str | None:
    """The reason, if one is given.

    Raises:
        InvalidInput: It is no text.
    """
    return None if why is None else " ".join(as_words("why", why).split())
