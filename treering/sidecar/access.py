"""Who calls, and what they may do: a tenant comes with the credential, and is never taken from a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol

from anyio import to_thread
from fastapi import Depends, Query, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from treering.errors import Forbidden, TreeringError
from treering.schemas.access import RIGHTS, Right
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.value import Identifier, Value
from treering.sidecar.rate import Rate


class Principal(Value):
    """Who calls."""

    tenant: Identifier
    """Whose memories they may reach, and no others."""
    right: Right
    """The most that they may do."""
    credential: str
    """Names the credential in the audit log; it is not the secret."""

    def may(self, right: Right) -> bool:
        """Whether so much is allowed.

        Example:
            >>> Principal(tenant="acme", right="write", credential="k1").may("read")
            True
        """
        return RIGHTS.index(self.right) >= RIGHTS.index(right)


class IssuerUnavailable(TreeringError):
    """The public keys of the issuer of tokens cannot be had now, so that no token can be checked."""

    def __init__(self) -> None:
        super().__init__("the keys of TREERING_JWT_JWKS cannot be fetched; try again")


class Gatekeeper(Protocol):
    """Knows credentials."""

    def known(self, authorization: str | None) -> Principal | None:
        """Whose an `Authorization` header is, where that is known without asking anybody; else `admit` has to look."""
        del authorization
        return None

    def admit(self, authorization: str | None) -> Principal:
        """Whose an `Authorization` header is.

        Raises:
            Unauthenticated: There is none, or it is good for nothing.
        """
        ...


class OpenHouse(Gatekeeper):
    """Admits everybody as the owner of one tenant: for a server that only its own machine reaches."""

    def __init__(self, tenant: str = DEFAULT_TENANT) -> None:
        self._owner = Principal(tenant=tenant, right="admin", credential="open")

    def known(self, authorization: str | None) -> Principal:
        """The owner, whatever is given."""
        del authorization
        return self._owner

    def admit(self, authorization: str | None) -> Principal:
        """The same."""
        return self.known(authorization)


class _Bearer(SecurityBase):
    """Says in the OpenAPI document how a credential is shown. Gatekeepers look at it, so this does not."""

    scheme_name = "bearerAuth"
    model = HTTPBearer(
        description="A key of `treering keys create`, or a token of an issuer that the operator trusts. "
        "A server without a login (`TREERING_AUTH=open`) asks for none."
    )

    async def __call__(self) -> None:
        """Nothing."""


_BEARER = _Bearer()


def requires(right: Right) -> object:
    """A dependency of a route: the caller, who may do so much.

    Each route of a memory has one; the authorisation matrix of the tests walks them.
    """

    # The names of rights stand where OpenAPI 3.1 has those of roles.
    async def caller(request: Request, _: None = Security(_BEARER, scopes=[right])) -> Principal:
        gatekeeper, shown = _gatekeeper(request), request.headers.get("authorization")
        principal = gatekeeper.known(shown)
        if principal is None:  # a thread for each request would cost as much as the rest of this
            principal = await to_thread.run_sync(gatekeeper.admit, shown)
        request.scope["principal"] = principal
        rate: Rate = request.app.state.rate
        rate.count(principal.credential)
        if not principal.may(right):
            raise Forbidden(right)
        return principal

    caller.__dict__["right"] = right
    return Depends(caller)


Reader = Annotated[Principal, requires("read")]
Writer = Annotated[Principal, requires("write")]
Admin = Annotated[Principal, requires("admin")]

User = Annotated[str, Query(min_length=1, description="The person, as your application calls them.", examples=["ana"])]
"""Whose memory it is about. It stands in the query and not in the path, so that any id can be one."""


def right_of(dependency: Callable[..., object]) -> Right | None:
    """What a dependency of a route asks for, if it is one of `requires`."""
    found: Right | None = getattr(dependency, "right", None)
    return found


def _gatekeeper(request: Request) -> Gatekeeper:
    found: Gatekeeper = request.app.state.gatekeeper
    return found
