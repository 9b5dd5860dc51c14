"""`Idempotency-Key`: a request that is sent again changes nothing a second time. See docs/adr/0022."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

from fastapi import Header

from treering.schemas.dialogue import Message
from treering.sidecar.access import Principal

HEADER = "Idempotency-Key"

MAX_KEY_CHARS = 255
"""Longest key, in characters."""

_HASH_CHARS = 32  # 128 bits

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=HEADER,
        max_length=MAX_KEY_CHARS,
        pattern=r"^[\x21-\x7e]+$",
        description="A random text of your own, e.g. a UUID. The same request with the same key gives the first "
        "answer, and changes nothing.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
"""Names a request, so that it is known when it is sent again."""


def once(caller: Principal, key: str | None) -> str | None:
    """What the SDK calls a request of this key: credentials do not share keys, and no key is stored.

    Example:
        >>> ana = Principal(tenant="acme", right="write", credential="k1")
        >>> once(ana, "a") == once(ana, "a"), once(ana, "a") == once(ana, "b"), once(ana, None)
        (True, False, None)
    """
    if key is None:
        return None
    return hashlib.sha256(f"{caller.credential}\x1f{key}".encode()).hexdigest()[:_HASH_CHARS]


def named(messages: Sequence[Message], name: str | None) -> tuple[Message, ...]:
    """Messages of a request, each with an id: its own, or its place in the request of this name.

    Example:
        >>> [message.id for message in named([Message(content="Hi."), Message(content="Ho.", id="m2")], "7f")]
        ['once-7f-0', 'm2']
    """
    if name is None:
        return tuple(messages)
    return tuple(
        message if message.id is not None else message.model_copy(update={"id": f"once-{name}-{place}"})
        for place, message in enumerate(messages)
    )
