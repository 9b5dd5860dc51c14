"""Qdrant: late connections, tries, errors, and the way things stand there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest

qdrant_client = pytest.importorskip("qdrant_client")

from qdrant_client.common.client_exceptions import ResourceExhaustedResponse  # noqa: E402 - after the skip
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse  # noqa: E402 - after the skip

from treering.errors import DimensionMismatch, IndexUnavailable, InvalidInput  # noqa: E402
from treering.memory.indexes.qdrant import QdrantVectorIndex  # noqa: E402
from treering.memory.indexes.qdrant_calls import DOWN_S, PAUSES_S, Calls, CollectionMissing  # noqa: E402
from treering.memory.indexes.qdrant_points import collection_of, payload_indexes, point_id  # noqa: E402
from treering.memory.ports import Hits, VectorEntry  # noqa: E402
from treering.schemas.dialogue import Scope  # noqa: E402

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

pytestmark = [  # what qdrant-client's local mode says of the parts that only a server has
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]

ANA, BEN = Scope(user="ana"), Scope(user="ben")
ENTRY = VectorEntry(id="turn:1", kind="turn", dense=np.array([1, 0], np.float32), terms={7: 1})


def refusal(status: int) -> UnexpectedResponse:
    return UnexpectedResponse(status, "reason", b"", httpx.Headers())


def failing(*errors: Exception) -> Callable[[object], str]:
    """A call that raises each of these in turn, then answers."""
    left = iter(errors)

    def call(_: object) -> str:
        for error in left:
            raise error
        return "answer"

    return call


@pytest.fixture
def client() -> Iterator[QdrantClient]:
    client = qdrant_client.QdrantClient(":memory:")
    yield client
    client.close()


def test_making_an_index_asks_nobody() -> None:
    QdrantVectorIndex("http://127.0.0.1:9", fingerprint="model", dimension=2)


def test_a_server_that_is_not_there_is_a_typed_error_that_names_it() -> None:
    pauses: list[float] = []
    hours = itertools.count(0, 3_600)
    calls = Calls("http://127.0.0.1:9", sleep=pauses.append, clock=lambda: float(next(hours)))
    index = QdrantVectorIndex("http://127.0.0.1:9", fingerprint="model", calls=calls)
    for call in (
        lambda: index.search(ANA, ENTRY.dense, {}, kind="turn"),
        lambda: index.upsert(ANA, [ENTRY]),
        lambda: index.remove(ANA, ["turn:1"]),
        lambda: index.clear(ANA),
        lambda: index.count(ANA),
    ):
        with pytest.raises(IndexUnavailable, match=r"127\.0\.0\.1:9 cannot be reached"):
            call()
    assert pauses == list(PAUSES_S) * 5


@pytest.mark.parametrize(
    "error",
    [
        ResponseHandlingException(httpx.RemoteProtocolError("cut")),
        httpx.ConnectError("refused"),
        ResourceExhaustedResponse("later", 1),
        refusal(503),
        refusal(429),
    ],
)
def test_what_passes_is_tried_again(client: QdrantClient, error: Exception) -> None:
    pauses: list[float] = []
    assert Calls(client, sleep=pauses.append).run(failing(error, error)) == "answer"
    assert pauses == list(PAUSES_S)


@pytest.mark.parametrize("error", [ResponseHandlingException(httpx.ReadTimeout("late")), httpx.ConnectTimeout("late")])
def test_a_time_out_is_waited_for_once(client: QdrantClient, error: Exception) -> None:
    pauses: list[float] = []
    with pytest.raises(IndexUnavailable, match="no answer within 5 s"):
        Calls(client, sleep=pauses.append).run(failing(error))
    assert pauses == []


@pytest.mark.parametrize("url", ["ftp://qdrant", "http://[qdrant", "http://qdrant:port"])
def test_what_is_no_url_is_said_to_be_none(url: str) -> None:
    with pytest.raises(InvalidInput, match="TREERING_QDRANT_URL: is not the URL of a server"):
        QdrantVectorIndex(url, fingerprint="model").count(ANA)


def test_a_server_that_did_not_answer_is_left_alone_for_a_moment(client: QdrantClient) -> None:
    now = 0.0
    calls = Calls(client, sleep=lambda _: None, clock=lambda: now)
    with pytest.raises(IndexUnavailable, match="late"):
        calls.run(failing(httpx.ReadTimeout("late")))
    with pytest.raises(IndexUnavailable, match="late"):
        calls.run(failing())
    now = DOWN_S
    assert calls.run(failing()) == "answer"


def test_a_refusal_is_not_repeated(client: QdrantClient) -> None:
    pauses: list[float] = []
    with pytest.raises(IndexUnavailable, match="HTTP 401 reason"):
        Calls(client, sleep=pauses.append).run(failing(refusal(401)))
    with pytest.raises(CollectionMissing):
        Calls(client, sleep=pauses.append).run(failing(refusal(404)))
    assert pauses == []


def test_errors_of_our_own_are_not_hidden(client: QdrantClient) -> None:
    with pytest.raises(ValueError, match="a bug"):
        Calls(client).run(failing(ValueError("a bug")))


def test_a_dropped_collection_is_empty_and_is_made_again(client: QdrantClient) -> None:
    index = QdrantVectorIndex(client, fingerprint="model")
    index.upsert(ANA, [ENTRY])
    client.delete_collection(collection_of("model"))
    assert index.count(ANA) == 0
    index.remove(ANA, ["turn:1"])
    assert index.search(ANA, ENTRY.dense, {7: 1}, kind="turn").dense == ()
    index.upsert(ANA, [ENTRY])
    assert index.count(ANA) == 1


def test_a_collection_that_somebody_made_first_is_used(client: QdrantClient) -> None:
    for _ in range(2):
        QdrantVectorIndex(client, fingerprint="model").upsert(ANA, [ENTRY])
    assert QdrantVectorIndex(client, fingerprint="model").count(ANA) == 1


def test_collections_of_other_programs_are_left_alone(client: QdrantClient) -> None:
    client.create_collection(
        "other", vectors_config=qdrant_client.models.VectorParams(size=2, distance=qdrant_client.models.Distance.DOT)
    )
    index = QdrantVectorIndex(client, fingerprint="model")
    index.upsert(ANA, [ENTRY])
    assert client.count("other").count == 0


def test_what_is_removed_goes_from_the_collections_of_all_embedders(client: QdrantClient) -> None:
    former, present = (QdrantVectorIndex(client, fingerprint=name) for name in ("former", "present"))
    other = VectorEntry(id="turn:2", kind="turn", dense=ENTRY.dense, terms={})
    former.upsert(ANA, [ENTRY, other])
    former.upsert(BEN, [ENTRY])
    present.remove(ANA, ["turn:1"])
    assert (former.ids(ANA), former.ids(BEN)) == ({"turn:2"}, {"turn:1"})
    present.clear(ANA)
    assert (former.ids(ANA), former.ids(BEN)) == (set(), {"turn:1"})


def test_another_embedder_is_named_when_only_its_vectors_are_there(client: QdrantClient) -> None:
    QdrantVectorIndex(client, fingerprint="former").upsert(ANA, [ENTRY])
    present = QdrantVectorIndex(client, fingerprint="present")
    with pytest.raises(DimensionMismatch, match=r"former.* present"):
        present.search(ANA, ENTRY.dense, {}, kind="turn")
    present.upsert(ANA, [ENTRY], beside=True)
    assert present.search(ANA, ENTRY.dense, {}, kind="turn").dense == (("turn:1", 1.0),)
    assert present.search(ANA, ENTRY.dense, {}, kind="claim") == Hits()


def test_tenants_are_kept_together_on_the_server() -> None:
    assert payload_indexes()["tenant"].model_dump()["is_tenant"]
    assert {"tenant", "user", "kind", "place", "at", "terms", "length"} == set(payload_indexes())


def test_points_and_collections_have_names_of_their_own() -> None:
    scopes = [Scope(tenant="a", user="b"), Scope(tenant="a", user="b:c"), Scope(tenant="a:b", user="c")]
    assert len({point_id(scope, entry) for scope in scopes for entry in ("turn:1", "c:turn:1")}) == 6
    names = {collection_of(name) for name in ("model:a", "model-a", "m/" * 200, "m\\" * 200, "モデル")}
    assert len(names) == 5
    assert all(name.startswith("treering_") and len(name) < 120 and name.isascii() for name in names)
