"""The stores under contract, and small values to put into them. A new backend is one more line in `BACKENDS`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from treering.memory.ports import Store, VectorIndex
from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.ciphers import MasterKey, new_key
from treering.memory.stores.encryption.keyring import Keyring
from treering.memory.stores.encryption.keys import Keys
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import Job, JobKind
from treering.schemas.operations import Batch, Operation
from treering.schemas.trunk import Trunk
from treering.testing import MemoryStore

OpenStore = Callable[..., Store]
"""Opens the store of a folder, on a trunk; `fingerprint=` names its embedder."""


def sqlite(_: pytest.FixtureRequest) -> OpenStore:
    """A file in the folder."""
    return lambda folder, trunk, **named: SqlStore(f"sqlite:///{folder}/memory.db", trunk, **named)


def postgres(request: pytest.FixtureRequest) -> OpenStore:
    """A schema for each folder."""
    url_of = request.getfixturevalue("postgres_of")
    return lambda folder, trunk, **named: SqlStore(url_of(folder), trunk, **named)


def sqlite_encrypted(_: pytest.FixtureRequest) -> OpenStore:
    """A file in the folder, with the keyring beside it."""
    master = MasterKey(new_key())
    return lambda folder, trunk, **named: SqlStore(
        f"sqlite:///{folder}/memory.db", trunk, keys=_keys(folder, master), **named
    )


def postgres_encrypted(request: pytest.FixtureRequest) -> OpenStore:
    """A schema for each folder, with the keyring in the folder."""
    url_of = request.getfixturevalue("postgres_of")
    master = MasterKey(new_key())
    return lambda folder, trunk, **named: SqlStore(url_of(folder), trunk, keys=_keys(folder, master), **named)


def _keys(folder: Path, master: MasterKey) -> Keys:
    return Keys(Keyring(f"sqlite:///{folder}/keys.db"), master)


def memory(_: pytest.FixtureRequest) -> OpenStore:
    """The reference: plain dicts, shared by all that open the same folder."""
    first: dict[Path, MemoryStore] = {}

    def open_store(folder: Path, trunk: Trunk, **named: str) -> MemoryStore:
        return MemoryStore(trunk, same_as=first.setdefault(folder, MemoryStore(trunk)), **named)

    return open_store


BACKENDS = [
    memory,
    sqlite,
    sqlite_encrypted,
    pytest.param(postgres, marks=pytest.mark.services),
    pytest.param(postgres_encrypted, marks=pytest.mark.services),
]


@pytest.fixture
def postgres_of(new_postgres_store: Callable[[], str]) -> Callable[[Path], str]:
    """The URL of the store that stands for a folder."""
    taken: dict[Path, str] = {}

    def url_of(folder: Path) -> str:
        if folder not in taken:
            taken[folder] = new_postgres_store()
        return taken[folder]

    return url_of


IndexHome = Callable[[], AbstractContextManager[VectorIndex]]
"""Opens a vector index; what was done in the block stays."""


def in_store(backend: Callable[[pytest.FixtureRequest], OpenStore], request: pytest.FixtureRequest) -> IndexHome:
    """The rows of a store."""
    store = backend(request)(request.getfixturevalue("tmp_path"), request.getfixturevalue("small_trunk"))
    request.addfinalizer(store.close)

    @contextmanager
    def home() -> Iterator[VectorIndex]:
        with store.begin() as unit:
            yield unit.vectors

    return home


def qdrant_local(request: pytest.FixtureRequest) -> IndexHome:
    """Qdrant as qdrant-client imitates it in memory."""
    return _in_qdrant(request, ":memory:")


def qdrant_server(request: pytest.FixtureRequest) -> IndexHome:
    """A real Qdrant."""
    url = os.environ.get("TREERING_QDRANT_URL")
    return _in_qdrant(request, url) if url else pytest.skip("TREERING_QDRANT_URL is not set")


def _in_qdrant(request: pytest.FixtureRequest, where: str) -> IndexHome:
    qdrant = pytest.importorskip("qdrant_client")
    from treering.memory.indexes.qdrant import QdrantVectorIndex  # noqa: PLC0415 - an optional extra

    client = qdrant.QdrantClient(where)
    request.addfinalizer(client.close)
    return lambda: nullcontext(QdrantVectorIndex(client, fingerprint="model"))


QDRANTS = [qdrant_local, pytest.param(qdrant_server, marks=pytest.mark.qdrant_server)]


@pytest.fixture(params=[*BACKENDS, *QDRANTS], ids=lambda home: home.__name__)
def index_home(request: pytest.FixtureRequest) -> IndexHome:
    """Opens a vector index, as often as one likes, in every home that there is."""
    is_qdrant = request.param in (qdrant_local, qdrant_server)
    made: IndexHome = request.param(request) if is_qdrant else in_store(request.param, request)
    return made


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.__name__)
def backend(request: pytest.FixtureRequest) -> OpenStore:
    """Opens the store that a folder stands for."""
    made: OpenStore = request.param(request)
    return made


@pytest.fixture
def open_store(backend: OpenStore, tmp_path: Path, small_trunk: Trunk) -> Iterator[Callable[..., Store]]:
    """Opens the same store, as often as one likes; `fingerprint=` names its embedder."""
    opened: list[Store] = []

    def opener(**named: str) -> Store:
        opened.append(backend(tmp_path, small_trunk, **named))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def make() -> SimpleNamespace:
    """Makes small values: `moment(seconds)`, `claim(text)`, `batch(*operations)`."""
    return SimpleNamespace(moment=_moment, claim=_claim, batch=_batch)


def _moment(seconds: float) -> datetime:
    return datetime(2024, 3, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=seconds)


def _claim(text: str, *, path: str = "taste.food", message: str = "m1", **fields: object) -> Claim:
    """A claim that rests on one message; its id follows from its text, unless one is given."""
    values = {
        "id": hashlib.sha256(f"{path} {text}".encode()).hexdigest()[:24],
        "path": path,
        "text": text,
        "valid_from": _moment(0),
        "recorded_at": _moment(0),
        "evidence": (Evidence(message_id=message, quote=f"quote of {text}", start=0),),
    }
    return Claim.model_validate({**values, **fields})


def _batch(*operations: Operation, name: str = "b1", **fields: object) -> Batch:
    values = {"id": name, "operations": operations, "recorded_at": _moment(0), "author": "tests/1"}
    return Batch.model_validate({**values, **fields})


@pytest.fixture
def jobs(store: Store, make: SimpleNamespace) -> SimpleNamespace:
    """Each method in a transaction of its own, with times as seconds."""

    def enqueue(scope: Scope, kind: JobKind = "listen", now: float = 0, **fields: Any) -> None:  # noqa: ANN401 - as the port has them
        with store.begin() as unit:
            unit.jobs.enqueue(scope, kind, make.moment(now), **fields)

    def claim(now: float = 0, lease_s: float = 10, **only: Any) -> Job | None:  # noqa: ANN401 - as the port has them
        with store.begin() as unit:
            return unit.jobs.claim(make.moment(now), lease_s=lease_s, **only)

    def extend(job: Job, now: float, lease_s: float = 10) -> Job:
        with store.begin() as unit:
            return unit.jobs.extend(job, make.moment(now), lease_s=lease_s)

    def finish(job: Job) -> None:
        with store.begin() as unit:
            unit.jobs.finish(job)

    def fail(job: Job, error: str = "it broke", now: float = 0, retry_at: float | None = None) -> None:
        with store.begin() as unit:
            unit.jobs.fail(job, error, make.moment(now), retry_at=None if retry_at is None else make.moment(retry_at))

    def retry(job_id: int, now: float = 0) -> bool:
        with store.begin() as unit:
            return unit.jobs.retry(job_id, make.moment(now))

    def stored(**filters: Any) -> list[Job]:  # noqa: ANN401 - as the port has them
        with store.begin(write=False) as unit:
            return unit.jobs.jobs(**filters)

    def pending(scope: Scope | None = None) -> int:
        with store.begin(write=False) as unit:
            return unit.jobs.pending(scope)

    return SimpleNamespace(
        enqueue=enqueue, claim=claim, extend=extend, finish=finish, fail=fail, retry=retry, list=stored, pending=pending
    )
