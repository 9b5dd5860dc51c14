"""Shared by all tests: small trunks, fixed time, factories for values."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

# Before NumPy is imported, here and in programs that tests start: threads of its own in each of several processes wait
# for one another, busily, and what is multiplied in tests is small.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.empty_stores import EmptyStores
from treering import Memory
from treering.errors import StoreError, StoreUnavailable
from treering.memory.stores.upgrading import standing_of
from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.settings import Settings
from treering.telemetry.logs import QUOTING
from treering.testing import forbid_network

POSTGRES_URL = os.environ.get("TREERING_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
"""A database in which the tests may make schemas."""

NO_WAIT = "-csynchronous_commit%3Doff%09"
"""What a connection says first, so that no commit waits for the disk: 0.4 ms in place of 5. No test ends this server.

A tab parts it from the next option: SQLAlchemy writes a space as a plus sign, which PostgreSQL does not read as one.
"""

BROKERS = {
    "redis": os.environ.get("TREERING_TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TREERING_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}
"""Brokers in which the tests may make queues."""

MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - folders in it are made as in any other place for temporary files
"""A disk in memory, as Linux has one: a commit waits for no platter, and tests of stores take half the time."""

ENOUGH_BYTES = 4 * 2**30
"""What has to be free in it, in bytes; a container often has 64 MiB."""


def temporary_files_go_to_memory() -> None:
    """Unless somebody says where they go; also those of programs that tests start."""
    if "TMPDIR" in os.environ or not os.access(MEMORY_DISK, os.W_OK):
        return
    room = os.statvfs(MEMORY_DISK)
    if room.f_bavail * room.f_frsize >= ENOUGH_BYTES and not room.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY_DISK)


temporary_files_go_to_memory()
settings.register_profile("treering", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("treering"), max_examples=1_000)
settings.register_profile(
    "mutants",  # of `make mutants`: quick, the same in each run, and what fails need not be made small
    settings.get_profile("treering"),
    derandomize=True,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)
settings.load_profile("treering")  # a busy machine makes no law untrue

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


gc.disable()  # importing and collecting make no garbage, and looking for it takes a quarter of that time

OBJECTS = 5_000
"""New objects after which garbage is looked for: at the interpreter's own 700 it takes 2 to 3 % of a test, here 1 %."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What was imported and collected stays to the end: let the garbage collector walk through it no more."""
    gc.freeze()
    gc.set_threshold(OBJECTS)
    gc.enable()


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Nothing that a test does leaves this machine: a call of a real model is an error."""
    with forbid_network():
        yield


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """A command that a test runs sets up the log of the whole process; the next test has none of it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    quieted = {name: logging.getLogger(name).level for name in QUOTING}
    yield
    for handler in root.handlers[:]:
        if type(handler) is logging.StreamHandler and handler not in before:
            root.removeHandler(handler)
    for logger, was in ((root, level), *((logging.getLogger(name), was) for name, was in quieted.items())):
        if logger.level != was:  # to set a level makes each logger there is forget what it knows: 1 ms a test
            logger.setLevel(was)


@pytest.fixture
def ana() -> Scope:
    return Scope(user="ana")


@pytest.fixture(scope="session")
def small_trunk() -> Trunk:
    """Two branches and four slots: enough for every rule of trees."""
    return Trunk(
        name="small",
        version=1,
        description="For tests.",
        branches=(Branch(path="home", description="Where one lives."), Branch(path="taste", description="Likes.")),
        slots=(
            Slot(path="name", description="What the person is called.", cardinality="one"),
            Slot(path="home.city", description="The city the person lives in.", cardinality="one"),
            Slot(path="taste.food", description="Food the person likes or dislikes."),
            Slot(path="taste.music", description="Music the person likes or dislikes."),
        ),
    )


def day(number: int) -> datetime:
    """Noon of the n-th day of the tests' time."""
    return NOON + timedelta(days=number)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of the tests' PostgreSQL. Without a server, tests skip at home and fail where services are required."""
    try:
        standing_of(POSTGRES_URL)
    except StoreUnavailable as error:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    except StoreError:  # what its default schema holds is no matter
        pass
    return POSTGRES_URL


@pytest.fixture(scope="session")
def new_schemas(postgres_server: str) -> Callable[[], AbstractContextManager[Callable[[], str]]]:
    """Makes makers of URLs of empty stores, each in a schema of its own (1 ms) that goes when the block ends.

    A connection that is opened with such a URL has the name of the schema.
    """
    import psycopg  # noqa: PLC0415 - only where there is a server

    @contextmanager
    def schemas() -> Iterator[Callable[[], str]]:
        made: list[str] = []
        with psycopg.connect(postgres_server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")  # a test that leaves a transaction open fails: no hanging

            def new() -> str:
                made.append(f"treering_test_{secrets.token_hex(8)}")
                connection.execute(f'CREATE SCHEMA "{made[-1]}"')
                mark = "&" if "?" in postgres_server else "?"
                named = f"application_name={made[-1]}"
                return f"{postgres_server}{mark}options={NO_WAIT}-csearch_path%3D{made[-1]}&{named}"

            yield new
            for schema in made:
                connection.execute(f'DROP SCHEMA "{schema}" CASCADE')

    return schemas


@pytest.fixture
def new_postgres_url(
    new_schemas: Callable[[], AbstractContextManager[Callable[[], str]]],
) -> Iterator[Callable[[], str]]:
    """Makes URLs of empty stores (their tables take 60 ms more)."""
    with new_schemas() as new:
        yield new


@pytest.fixture(scope="session")
def empty_stores(
    new_schemas: Callable[[], AbstractContextManager[Callable[[], str]]], postgres_server: str
) -> Iterator[EmptyStores]:
    """The empty stores of this process."""
    with new_schemas() as new_url:
        made = EmptyStores(new_url, postgres_server)
        yield made
        made.close()


@pytest.fixture
def new_postgres_store(empty_stores: EmptyStores) -> Iterator[Callable[[], str]]:
    """Makes URLs of new stores, their tables made; mark tests that use it as `services`."""
    taken: list[str] = []

    def new() -> str:
        taken.append(empty_stores.take())
        return taken[-1]

    yield new
    for url in taken:
        empty_stores.give_back(url)


@pytest.fixture
def postgres_url(new_postgres_store: Callable[[], str]) -> str:
    """The URL of one new store, likewise."""
    return new_postgres_store()


@pytest.fixture
def new_broker() -> Iterator[Callable[[str], dict[str, str]]]:
    """Gives the settings of queues of one's own in a broker, which are removed at the end; mark such tests `services`.

    Without the broker, tests skip at home and fail where services are required.
    """
    made: list[dict[str, str]] = []

    def new(name: str) -> dict[str, str]:
        place = urlsplit(BROKERS[name])
        try:
            socket.create_connection((place.hostname, place.port), timeout=2).close()
        except OSError as error:
            if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
                raise
            pytest.skip(f"no {name}: {error}")
        made.append({"broker_url": BROKERS[name], "broker_prefix": f"treering_test_{secrets.token_hex(4)}"})
        return made[-1]

    yield new
    for one in made:
        remove_queues(Settings(**one))


def remove_queues(of: Settings) -> None:
    from treering.workers.celery_app import celery_app  # noqa: PLC0415 - only where there is a broker

    app = celery_app(of)
    with app.connection_for_write() as connection:
        for queue in app.conf.task_queues:
            bound = queue.bind(connection.default_channel)
            bound.declare()  # or Redis would not know, on a new connection, what belongs to the queue
            bound.delete()


# -- the SDK, where the store is and over HTTP

Sdk = Callable[[Memory], Memory]
"""Gives the memory as a test sees it: itself, or one that is connected to a server of it."""


NOT_OVER_HTTP = {
    "test_people_and_tenants_are_apart": "the key names the tenant, and no call does",
    "test_tenants_and_people_never_see_each_other": "the key names the tenant, and no call does",
    "test_a_hundred_kilobytes_of_question_are_answered": "a server takes questions of 32,000 characters at most",
    "test_asking_for_more_than_there_is_changes_nothing": "a server takes back 1,000 changes at once at most",
    "test_warming_up_loads_everything_that_the_first_question_needs": "a server warms itself up",
}
"""Tests of the SDK that do not hold for a memory that is connected to a server, and why; docs/client.md says so."""


FIRST = (
    "tests/integration/test_local_deployment.py",
    "tests/integration/test_worker",
    "tests/crash/pool/",
    "tests/integration/test_telemetry.py",
    "tests/unit/testing/test_servers.py",
    "tests/browser/",
    "tests/unit/sidecar/test_connections.py",
    "tests/contract/test_embedder.py",
    "tests/unit/memory/models/test_cross_encoder.py",
)
"""How ids of tests begin that come first, in this order.

Most of them wait for programs: as each process begins with a part of its own, one waits while the others work, and what
takes longest is not left to the end, when nobody works beside it. The last two share what only they need: PyTorch takes
5 s to import, once for both.
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what stands in `NOT_OVER_HTTP`, and put first what stands in `FIRST`."""
    items.sort(key=lambda item: next((n for n, of in enumerate(FIRST) if item.nodeid.startswith(of)), len(FIRST)))
    left_out = [item for item in items if _is_connected(item) and getattr(item, "originalname", "") in NOT_OVER_HTTP]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_connected(item: pytest.Item) -> bool:
    spec = getattr(item, "callspec", None)
    return spec is not None and spec.params.get("sdk") == "connected"


@pytest.fixture(scope="session")
def sdk_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One real server for all tests of a process, its `app` and `url`. It serves whatever memory `app.state` has."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - only for tests over HTTP

    from treering.sidecar.access import OpenHouse  # noqa: PLC0415
    from treering.sidecar.app import create_app  # noqa: PLC0415
    from treering.sidecar.beside import served  # noqa: PLC0415
    from treering.sidecar.readiness import Readying  # noqa: PLC0415

    nobody = Memory(tmp_path_factory.mktemp("sdk_server"), embedder="hash", background=False)
    app = create_app(nobody, OpenHouse(), Readying({}), CollectorRegistry())
    with served(app) as url:
        yield SimpleNamespace(app=app, url=url)


@pytest.fixture(params=["embedded", "connected"])
def sdk(request: pytest.FixtureRequest) -> Iterator[Sdk]:
    """Runs a test twice: on a memory that is embedded, and on one that is connected to a server of the same.

    What a connected one cannot do stands in `NOT_OVER_HTTP`.
    """
    if request.param == "embedded":
        yield lambda memory: memory
        return
    server = request.getfixturevalue("sdk_server")
    with ExitStack() as stack:

        def connect(memory: Memory) -> Memory:
            server.app.state.memory = memory
            connected: Any = Memory.connect(server.url)  # the same interface, as mypy and a test of signatures know
            for name in ("_engine", "doctor", "drain"):  # what a test looks at beside the interface is the store's own
                setattr(connected, name, getattr(memory, name))
            return stack.enter_context(connected)

        yield connect
