"""AES-256-GCM: how words are sealed with a person's key, and that key with the master key."""

from __future__ import annotations

import binascii
import os
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from treering.errors import InvalidInput, KeyUnavailable, StoreUnreadable
from treering.memory.digest import canonical
from treering.memory.stores.words import PLAIN
from treering.schemas.claims import FORGOTTEN

if TYPE_CHECKING:
    from treering.memory.stores.words import Words
    from treering.schemas.dialogue import Scope

KEY_BYTES = 32
"""Length of every key: AES-256."""

NONCE_BYTES = 12
"""Length of a nonce, random each time: one key may seal 2**32 texts before two nonces could meet."""

TEXT_PREFIX = "tr1:"
"""Begins a sealed text: format 1, AES-256-GCM, base64 of nonce, ciphertext and tag."""

BYTES_PREFIX = b"\x01"
"""Begins sealed bytes, and a wrapped key: format 1, the same without base64."""

MARK_BYTES = 8
"""Length of a master key's mark in what it wrapped: enough to tell the few master keys of one store apart."""

AS_THEY_ARE = frozenset(("", FORGOTTEN))
"""Texts that are not sealed, because statements compare with them."""


def new_key() -> bytes:
    """A random key."""
    return AESGCM.generate_key(KEY_BYTES * 8)


class SealedWords:
    """Words under one key of one person; an adapter of `Words`.

    Example:
        >>> from treering.schemas.dialogue import Scope
        >>> words = SealedWords(new_key(), Scope(user="ana"), version=1)
        >>> words.open(words.seal("I live in Porto."))
        'I live in Porto.'

    Args:
        key: The data key, 32 bytes.
        scope: Whose.
        version: Number of the key among this person's keys.
    """

    def __init__(self, key: bytes, scope: Scope, *, version: int) -> None:
        self._aead = AESGCM(key)
        self._bound_to = canonical(["treering words", scope.tenant, scope.user, version]).encode()

    def seal(self, text: str) -> str:
        """The text as it is stored."""
        if text in AS_THEY_ARE:
            return text
        return TEXT_PREFIX + binascii.b2a_base64(self._sealed(text.encode()), newline=False).decode("ascii")

    def open(self, stored: str) -> str:
        """The text again.

        Raises:
            StoreUnreadable: It is not sealed, not for this person and key, or was changed since.
        """
        if stored in AS_THEY_ARE:
            return stored
        if not stored.startswith(TEXT_PREFIX):
            raise _unreadable()
        try:
            return self._opened(binascii.a2b_base64(stored[len(TEXT_PREFIX) :], strict_mode=True)).decode()
        except ValueError:  # no base64, or none of ours
            raise _unreadable() from None

    def seal_bytes(self, data: bytes) -> bytes:
        """The bytes as they are stored."""
        return BYTES_PREFIX + self._sealed(data)

    def open_bytes(self, stored: bytes) -> bytes:
        """The bytes again.

        Raises:
            StoreUnreadable: As for texts.
        """
        if stored[:1] != BYTES_PREFIX:
            raise _unreadable()
        return self._opened(stored[1:])

    def _sealed(self, data: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, data, self._bound_to)

    def _opened(self, sealed: bytes) -> bytes:
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound_to)
        except (InvalidTag, ValueError):
            raise _unreadable() from None


class Key(NamedTuple):
    """One of a person's keys, ready to be used."""

    version: int
    words: Words


NO_KEY = Key(0, PLAIN)
"""Of somebody whose words are not sealed."""


class MasterKey:
    """Wraps the keys of everybody; it stays with the application, and is in no database.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._mark = sha256(b"treering master key\x00" + key).digest()[:MARK_BYTES]

    @classmethod
    def parse(cls, text: str, *, where: str) -> MasterKey:
        """A master key from its text form.

        Args:
            text: 32 bytes in base64, as `treering db new-key` prints them.
            where: What to call the text in an error, which does not repeat it.

        Raises:
            InvalidInput: It is none.
        """
        try:
            key = binascii.a2b_base64(text.strip(), strict_mode=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise InvalidInput(where, "is not 32 bytes in base64; `treering db new-key` prints a new one")
        return cls(key)

    def wrap(self, key: bytes, *bound_to: str | int) -> bytes:
        """A key as it is stored; it can be unwrapped only with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        return BYTES_PREFIX + self._mark + nonce + self._aead.encrypt(nonce, key, canonical(list(bound_to)).encode())

    def unwrap(self, wrapped: bytes, *bound_to: str | int) -> bytes:
        """The key again.

        Raises:
            KeyUnavailable: Another master key wrapped it.
            StoreUnreadable: It was changed since, or belongs elsewhere.
        """
        if wrapped[:1] != BYTES_PREFIX:
            raise _unreadable()
        if not self.has_wrapped(wrapped):
            raise KeyUnavailable(
                "another master key was in use when it was written; set TREERING_MASTER_KEY to that one"
            )
        sealed = wrapped[1 + MARK_BYTES :]
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], canonical(list(bound_to)).encode())
        except (InvalidTag, ValueError):
            raise _unreadable() from None

    def has_wrapped(self, wrapped: bytes) -> bool:
        """Whether this is the master key of a wrapped key."""
        return wrapped[1 : 1 + MARK_BYTES] == self._mark


def _unreadable() -> StoreUnreadable:
    return StoreUnreadable("the store", "sealed words were changed, or are not those of the person they stand under")
