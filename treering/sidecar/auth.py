"""Gates by which a server knows its callers: keys of the store, and tokens of an issuer beside them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from ipaddress import ip_address

from treering.client.memory import Memory
from treering.errors import InvalidInput, Unauthenticated
from treering.settings import Settings
from treering.sidecar.access import Gatekeeper, OpenHouse, Principal
from treering.sidecar.tokens import JwtGate

CACHE_S = 5.0
"""For how long a key that was good is taken for good, in seconds: so long a revoked key may go on."""

MAX_CACHED = 1_024
"""Keys that are remembered at once: more than callers of one server have."""

MAX_TOKEN_CHARS = 8_192
"""Longest credential that is looked at, in characters; tokens of issuers have a few hundred to a few thousand."""

KEY_PREFIX = "tr_"
"""Begins each key of ours, and no token."""


def bearer_of(authorization: str | None) -> str:
    """What an `Authorization` header carries.

    Raises:
        Unauthenticated: Nothing that could be a key or a token.

    Example:
        >>> bearer_of("Bearer tr_1_2")
        'tr_1_2'
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 0 < len(token) <= MAX_TOKEN_CHARS or not token.isascii():
        raise Unauthenticated
    return token


class KeyGate(Gatekeeper):
    """Knows the keys of the store.

    A key that was good is taken for good for `CACHE_S`, so that most requests ask the store nothing. What is kept
    meanwhile is a hash. A wrong key is never remembered: whoever tries many fills nothing.

    Args:
        memory: Knows the keys.
        clock: Seconds that only go on.
    """

    def __init__(self, memory: Memory, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._memory = memory
        self._clock = clock
        self._known: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def known(self, authorization: str | None) -> Principal | None:
        """Whose key it is, if it was good a moment ago."""
        now = self._clock()
        with self._lock:
            until, principal = self._known.get(_name(bearer_of(authorization)), (0.0, None))
        return principal if now < until else None

    def admit(self, authorization: str | None) -> Principal:
        """Whose key it is."""
        now = self._clock()
        known = self.known(authorization)
        if known is not None:
            return known
        presented = bearer_of(authorization)
        name = _name(presented)
        key = self._memory.check_key(presented)
        with self._lock:
            self._known.pop(name, None)
            if key is None:
                raise Unauthenticated
            principal = Principal(tenant=key.tenant, right=key.right, credential=key.id)
            if len(self._known) >= MAX_CACHED:
                self._known.clear()
            self._known[name] = now + CACHE_S, principal
        return principal


class Gates(Gatekeeper):
    """Keys and tokens behind one gate; a credential of one kind is never tried as the other.

    Args:
        keys: Knows keys.
        tokens: Knows tokens; none: there are only keys.
    """

    def __init__(self, keys: Gatekeeper, tokens: Gatekeeper | None = None) -> None:
        self._keys = keys
        self._tokens = tokens

    def known(self, authorization: str | None) -> Principal | None:
        """Whose credential it is, if that is known."""
        return self._gate(authorization).known(authorization)

    def admit(self, authorization: str | None) -> Principal:
        """Whose credential it is."""
        return self._gate(authorization).admit(authorization)

    def _gate(self, authorization: str | None) -> Gatekeeper:
        is_key = bearer_of(authorization).startswith(KEY_PREFIX)
        return self._keys if is_key or self._tokens is None else self._tokens


def _name(presented: str) -> bytes:
    """A hash that stands for a credential, so that none is kept."""
    return hashlib.sha256(presented.encode()).digest()


def gatekeeper_of(settings: Settings, memory: Memory) -> Gatekeeper:
    """The gate that the settings ask for.

    Raises:
        InvalidInput: Settings of tokens are given without `TREERING_AUTH=keys`, or not all of them.
    """
    named = {
        "TREERING_JWT_ISSUER": settings.jwt_issuer,
        "TREERING_JWT_AUDIENCE": settings.jwt_audience,
        "TREERING_JWT_JWKS": settings.jwt_jwks,
    }
    if settings.auth == "open":
        if any(named.values()):
            raise InvalidInput("TREERING_AUTH", "is open, so no token would be asked for; set TREERING_AUTH=keys")
        return OpenHouse()
    if not any(named.values()):
        return Gates(KeyGate(memory))
    missing = [name for name, value in named.items() if not value]
    if missing:
        raise InvalidInput(missing[0], "is missing; tokens need TREERING_JWT_ISSUER, _AUDIENCE and _JWKS")
    tokens = JwtGate(
        issuer=settings.jwt_issuer or "",
        audience=settings.jwt_audience or "",
        jwks=settings.jwt_jwks or "",
        tenant_claim=settings.jwt_tenant_claim,
        right_claim=settings.jwt_right_claim,
    )
    return Gates(KeyGate(memory), tokens)


def check_exposure(settings: Settings, host: str) -> None:
    """Let a server without a login listen only where its own machine reaches it.

    Raises:
        InvalidInput: Others would reach it.
    """
    if settings.auth == "open" and not is_loopback(host):
        raise InvalidInput(
            "--host",
            "lets others reach a server that asks nobody who they are; make a key with `treering keys create` and set"
            " TREERING_AUTH=keys",
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host: by its name or address, without a port.

    Example:
        >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "127.evil.example")]
        [True, True, True, False, False]
    """
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
