"""Forgetting: a part of `Memory` and `AsyncMemory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_ids, as_path, as_scope, as_words
from treering.errors import InvalidInput
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.schemas.forgetting import ErasureReceipt


class Forgetting(Face):
    """What a person wants gone, is gone, and a receipt proves it."""

    def forget(
        self,
        user: str,
        path: str | None = None,
        *,
        claims: Sequence[str] | None = None,
        messages: Sequence[str] | None = None,
        about: str | None = None,
        dry_run: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> ErasureReceipt:
        """Erase for good: everything about a person, or whatever `path`, `claims`, `messages` or `about` name.

        With a claim go the turns that it rests on, everything that repeats their words or its own, and everything
        that is derived from these. Nothing waits for running jobs, and nothing of it comes back when they end.

        Args:
            user: The person.
            path: A slot, or a branch with all that is below it.
            claims: Claims by id, also those of the past.
            messages: Messages by id, with the claims that rest on nothing else.
            about: A text or a question: claims and turns in which all of its words that carry a subject occur, and
                claims that mean nearly the same.
            dry_run: Erase nothing, and show in the receipt's `preview` what would go, in words.
            tenant: The customer or application.

        Returns:
            The proof: ids, counts, digests, and no words. It is kept; `receipts` lists it.

        Raises:
            UnknownUser: Nothing is stored about this person.
            UnknownPath: The trunk has neither a slot nor a branch of this path.
            UnknownClaim, UnknownMessage: Nothing with this id was ever there; nothing was erased.
            InvalidInput: A list of ids is empty, or `about` has no word that carries a subject.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("tom", {"content": "I am allergic to peanuts.", "id": "t1"})
            ...     memory.forget("tom", about="peanuts", dry_run=True).preview.turns
            ('I am allergic to peanuts.',)
        """
        from treering.memory.forgetting import Wish  # noqa: PLC0415 - not for those who only recall

        wish = Wish(
            path=None if path is None else as_path(path),
            claims=named_ids("claims", claims),
            messages=named_ids("messages", messages),
            about=None if about is None else as_words("about", about),
        )
        receipt = self._engine.forgetting.forget(as_scope(user, tenant, "forget"), wish, dry_run=dry_run)
        self._work()
        return receipt

    def receipts(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[ErasureReceipt]:
        """Proofs of everything that was forgotten of a person, oldest first."""
        return self._engine.forgetting.receipts(as_scope(user, tenant, "receipts"))

    def allow_again(self, user: str, text: str | None = None, *, tenant: str = DEFAULT_TENANT) -> int:
        """Let what was forgotten be remembered again when it is said anew; returns how many marks went.

        Args:
            user: The person.
            text: The message or the statement as it was worded; None: everything that was ever forgotten.
            tenant: The customer or application.

        Raises:
            UnknownUser: Nothing is stored about this person.
        """
        words = None if text is None else as_words("text", text)
        return self._engine.forgetting.allow_again(as_scope(user, tenant, "allow_again"), words)


class AsyncForgetting(AsyncFace):
    """The same for event loops."""

    async def forget(
        self,
        user: str,
        path: str | None = None,
        *,
        claims: Sequence[str] | None = None,
        messages: Sequence[str] | None = None,
        about: str | None = None,
        dry_run: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> ErasureReceipt:
        """Erase for good; see `Memory.forget`."""
        return await in_thread(
            self.memory.forget,
            user,
            path,
            claims=claims,
            messages=messages,
            about=about,
            dry_run=dry_run,
            tenant=tenant,
        )

    async def receipts(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[ErasureReceipt]:
        """Proofs of what was forgotten; see `Memory.receipts`."""
        return await in_thread(self.memory.receipts, user, tenant=tenant)

    async def allow_again(self, user: str, text: str | None = None, *, tenant: str = DEFAULT_TENANT) -> int:
        """Let what was forgotten be remembered again; see `Memory.allow_again`."""
        return await in_thread(self.memory.allow_again, user, text, tenant=tenant)


def named_ids(what: str, given: Sequence[str] | None) -> frozenset[str]:
    """Ids that were given; an empty list is a mistake, and must not be taken for the whole person."""
    if given is None:
        return frozenset()
    ids = frozenset(as_ids(what, given))
    if not ids:
        raise InvalidInput(what, "are none; name at least one by its id, or leave them out")
    return ids
