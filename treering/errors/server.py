"""What a server says of those who call it, and what a client says of a server."""

from __future__ import annotations

from treering.errors.base import TreeringError
from treering.errors.input import InvalidInput


class Unauthenticated(InvalidInput):
    """No credential was given, or one that is unknown, expired or revoked: which of these is not told."""

    def __init__(self) -> None:
        super().__init__("Authorization", "must be 'Bearer' and a valid key; `treering keys create` makes one")


class Forbidden(InvalidInput):
    """The credential is good, and does not go so far."""

    def __init__(self, right: str) -> None:
        super().__init__("Authorization", f"is of a credential without the right to {right}")


class TooManyRequests(TreeringError):
    """A credential is used more often than it may be."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many requests; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class ServerError(TreeringError):
    """A server answered with something that has no class of its own here, or with what nobody understands."""

    def __init__(self, where: str, why: str, *, status: int | None = None, request_id: str | None = None) -> None:
        request = "" if request_id is None else f" (request {request_id})"
        super().__init__(f"the server at {where}: {why}{request}")
        self.where = where
        self.why = why
        self.status = status
        """The HTTP status; none: there was no answer."""
        self.request_id = request_id
        """The request, as the server's log has it."""


class ServerUnavailable(ServerError):
    """A server cannot be reached, does not answer in time, or breaks off. It may have done what was asked."""


class NotOverHttp(TreeringError):
    """A method that only makes sense where the store is, and was called on a memory of a server."""

    def __init__(self, method: str, instead: str) -> None:
        super().__init__(f"`{method}` is not done over HTTP; {instead}")
        self.method = method
        self.instead = instead
