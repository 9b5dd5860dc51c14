"""Shared by all tests: small trunks, fixed time, factories for values."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from treering.errors import StoreError, StoreUnavailable
from treering.memory.stores.upgrading import standing_of, upgrade_store
from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.settings import Settings
from treering.testing import forbid_network

POSTGRES_URL = os.environ.get("TREERING_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
"""A database in which the tests may make schemas."""

BROKERS = {
    "redis": os.environ.get("TREERING_TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TREERING_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}
"""Brokers in which the tests may make queues."""

settings.register_profile("treering", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("treering")  # a busy machine makes no law untrue

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Nothing that a test does leaves this machine: a call of a real model is an error."""
    with forbid_network():
        yield


@pytest.fixture
def ana() -> Scope:
    return Scope(user="ana")


@pytest.fixture
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


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes URLs of empty stores, each in a schema of its own (1 ms; its tables take 60 ms more)."""
    import psycopg  # noqa: PLC0415 - only where there is a server

    made: list[str] = []
    with psycopg.connect(postgres_server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")  # a test that leaves a transaction open fails, and does not hang

        def new() -> str:
            made.append(f"treering_test_{secrets.token_hex(8)}")
            connection.execute(f'CREATE SCHEMA "{made[-1]}"')
            return f"{postgres_server}{'&' if '?' in postgres_server else '?'}options=-csearch_path%3D{made[-1]}"

        yield new
        for schema in made:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE')


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """The URL of a new store, its tables made; mark tests that use it as `services`."""
    url = new_postgres_url()
    upgrade_store(url)
    return url


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
