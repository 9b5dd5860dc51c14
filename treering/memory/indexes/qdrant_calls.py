"""Calling Qdrant: connect late, try again where that may help, and one typed error for the rest."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx
from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from treering.errors import IndexUnavailable, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT_S = 5
"""How long one answer may take, in seconds; a search takes milliseconds. Nobody waits for a second time-out."""

PAUSES_S = (0.05, 0.2)
"""Pauses before the second and the third try, in seconds: a server that restarts needs longer, a job comes again."""

DOWN_S = 2.0
"""For how long a server that did not answer is not asked again, in seconds: one recall has several searches, and only
the first of them waits."""

NOT_FOUND = 404

PASSING = {429, 500, 502, 503, 504}
"""Answers after which the same call may succeed."""

Answer = TypeVar("Answer")


class _Passing(Exception):
    """The call may succeed next time."""


class CollectionMissing(Exception):
    """There is no such collection: nothing was stored yet, or somebody dropped it to have it rebuilt."""


class Calls:
    """Runs calls on a client that is made at the first of them.

    Args:
        server: The server's URL, or a client.
        api_key: What the server wants to be shown, if anything.
        sleep: Waits between tries.
        clock: Seconds that have gone by.
    """

    def __init__(
        self,
        server: str | QdrantClient,
        *,
        api_key: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = server if isinstance(server, str) else None
        self._client = None if isinstance(server, str) else server
        self._api_key = api_key
        self._sleep = sleep
        self._clock = clock
        self._down: tuple[float, str] | None = None
        self._lock = threading.Lock()

    @property
    def where(self) -> str:
        """The server, as an error message names it: without what may be a password or a key."""
        if self._url is None:
            return "the given Qdrant client"
        parts = urlsplit(self._url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def run(self, call: Callable[[QdrantClient], Answer]) -> Answer:
        """The answer to a call that may be repeated.

        Raises:
            CollectionMissing: The collection is not there.
            IndexUnavailable: No answer, or a refusal.
            InvalidInput: The URL is none.
        """
        if self._down is not None and self._clock() < self._down[0]:
            raise IndexUnavailable(self.where, self._down[1])
        for pause_s in PAUSES_S:
            try:
                return self._once(call)
            except _Passing:
                self._sleep(pause_s)
        try:
            return self._once(call)
        except _Passing as error:
            raise self._unreachable(str(error)) from error

    def create(self, collection: str, **layout: Any) -> None:  # noqa: ANN401 - as QdrantClient.create_collection
        """Make a collection, unless it is there.

        Raises:
            IndexUnavailable: No answer, or a refusal.
        """
        if self.run(lambda client: client.collection_exists(collection)):
            return
        try:
            self.run(lambda client: client.create_collection(collection, **layout))
        except IndexUnavailable:
            if not self.run(lambda client: client.collection_exists(collection)):  # somebody else was faster
                raise

    def _once(self, call: Callable[[QdrantClient], Answer]) -> Answer:
        client = self._connect()
        try:
            return call(client)
        except UnexpectedResponse as error:
            raise self._refused(error) from error
        except QdrantException as error:  # HTTP 429 that names a time to wait for
            raise _Passing("HTTP 429 Too Many Requests") from error
        except (ResponseHandlingException, httpx.HTTPError) as error:
            raise self._unanswered(error) from error
        except AssertionError as error:  # the client's own, about JSON that has no result: another program answers
            if type(error) is not AssertionError:
                raise
            raise IndexUnavailable(self.where, "an answer without a result") from error
        except ValueError as error:  # what the client's local mode says instead of 404
            if "not found" in str(error):
                raise CollectionMissing from error
            raise

    def _refused(self, error: UnexpectedResponse) -> Exception:
        if error.status_code == NOT_FOUND:
            return CollectionMissing()
        why = f"HTTP {error.status_code} {error.reason_phrase}"
        return _Passing(why) if error.status_code in PASSING else IndexUnavailable(self.where, why)

    def _unanswered(self, error: ResponseHandlingException | httpx.HTTPError) -> Exception:
        source = error.source if isinstance(error, ResponseHandlingException) else error
        # Other errors quote the answer, and words have no place in a message.
        why = str(source) if isinstance(source, httpx.HTTPError) and str(source) else type(source).__name__
        if isinstance(source, httpx.TimeoutException):
            return self._unreachable(f"no answer within {TIMEOUT_S} s ({why})")
        return _Passing(why)

    def _unreachable(self, why: str) -> IndexUnavailable:
        self._down = (self._clock() + DOWN_S, why)
        return IndexUnavailable(self.where, why)

    def _connect(self) -> QdrantClient:
        with self._lock:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> QdrantClient:
        try:
            # The compatibility check would ask the server before anybody wants to know.
            return QdrantClient(url=self._url, api_key=self._api_key, timeout=TIMEOUT_S, check_compatibility=False)
        except ValueError as error:
            raise InvalidInput("TREERING_QDRANT_URL", "is not the URL of a server") from error
