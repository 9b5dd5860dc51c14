"""Knows callers by the tokens (JWT) of an issuer that the operator trusts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import jwt
from pydantic import ValidationError

from treering.errors import Forbidden, InvalidInput, Unauthenticated
from treering.schemas.access import RIGHTS, Right
from treering.sidecar.access import Gatekeeper, IssuerUnavailable, Principal

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key. None with a shared secret: whoever could check one could make one."""

LEEWAY_S = 30
"""How far the clocks of issuer and server may be apart, in seconds."""

FETCH_TIMEOUT_S = 5.0
"""How long the issuer's keys are waited for, in seconds."""


class KeySource(Protocol):
    """Public keys of an issuer."""

    def get_signing_key_from_jwt(self, token: str) -> jwt.PyJWK:
        """The key that a token names."""
        ...


class JwtGate(Gatekeeper):
    """Knows tokens that an issuer made for this server.

    Args:
        issuer: What `iss` must be.
        audience: What `aud` must have.
        jwks: The issuer's public keys: an http(s) URL, fetched when needed and kept for five minutes, or a file.
        tenant_claim: The claim that names the tenant.
        right_claim: The claim with `read`, `write` or `admin`: a text, several with blanks between, or a list.
    """

    def __init__(self, *, issuer: str, audience: str, jwks: str, tenant_claim: str, right_claim: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._tenant_claim = tenant_claim
        self._right_claim = right_claim
        self._keys: KeySource = _source(jwks)

    def admit(self, authorization: str | None) -> Principal:
        """Whose token it is.

        Raises:
            Unauthenticated: It is none, not of the issuer, not for this server, over, or names no tenant.
            Forbidden: It names no right.
            IssuerUnavailable: The issuer's keys cannot be had.
        """
        token = (authorization or "").strip().partition(" ")[2].strip()
        claims = self._claims(token)
        right = _most(claims.get(self._right_claim))
        if right is None:
            raise Forbidden("read")
        told = f"{self._issuer}\0{claims['sub']}"
        credential = f"jwt:{hashlib.sha256(told.encode()).hexdigest()[:16]}"  # a subject may be a person
        try:
            return Principal(tenant=claims.get(self._tenant_claim), right=right, credential=credential)
        except ValidationError as error:
            raise Unauthenticated from error

    def _claims(self, token: str) -> Mapping[str, object]:
        try:
            return jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token),
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise IssuerUnavailable from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            # The library has errors of its own for most of what a stranger can send, and not for all.
            raise Unauthenticated from error


class _PublishedKeys(jwt.PyJWKClient):
    """Keys behind a URL, kept for five minutes; an unknown one is looked for at most every 30 seconds."""

    def fetch_data(self) -> object:
        """The key set; whatever else is there, it is not the caller's fault."""
        try:
            return super().fetch_data()
        except (jwt.PyJWTError, ValueError, OSError) as error:
            raise jwt.PyJWKClientConnectionError(type(error).__name__) from error


class _FileKeys:
    """Keys of a file, read once."""

    def __init__(self, path: Path) -> None:
        try:
            self._set = jwt.PyJWKSet.from_json(path.read_text("utf-8"))
        except (OSError, ValueError, AttributeError, jwt.PyJWTError) as error:
            raise InvalidInput("TREERING_JWT_JWKS", "is neither a URL nor a file with a JWK set") from error

    def get_signing_key_from_jwt(self, token: str) -> jwt.PyJWK:
        """The key that a token names."""
        named = jwt.get_unverified_header(token).get("kid")
        for key in self._set.keys:
            if named is not None and key.key_id == named:
                return key
        raise Unauthenticated


def _source(jwks: str) -> KeySource:
    if jwks.startswith(("http://", "https://")):
        return _PublishedKeys(jwks, timeout=FETCH_TIMEOUT_S)
    return _FileKeys(Path(jwks))


def _most(given: object) -> Right | None:
    """The most that a claim allows."""
    words = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    return next((right for right in reversed(RIGHTS) if right in words), None)
