"""Runs the application until the process is told to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable

import uvicorn
from prometheus_client import CollectorRegistry

from treering.client.memory import Memory
from treering.composition import index_probe
from treering.settings import Settings
from treering.sidecar.app import create_app
from treering.sidecar.auth import check_exposure, gatekeeper_of
from treering.sidecar.connections import guarded, most_connections
from treering.sidecar.metering import count_process
from treering.sidecar.readiness import TIMEOUT_S, Readying
from treering.sidecar.stopping import PoliteServer

GRACE_S = 20
"""How long requests at hand may go on when the server is told to stop, in seconds; Kubernetes kills after 30."""

KEEP_ALIVE_S = 75
"""How long a connection may rest, in seconds: longer than clients (httpx: 5) and balancers (60) keep it, so that they
close it. Closed by the server, it could take a request with it that is just on its way."""

_NOBODY = "treering-probe"
"""A tenant without jobs: to count them asks the job table, and costs nothing."""


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then let requests at hand end.

    Nothing is connected at first: where a dependency is away, the server is alive and not ready.

    Raises:
        InvalidInput: It would ask nobody who they are, and be reached by others; or a setting of tokens is missing.
    """
    check_exposure(settings, host)
    registry = CollectorRegistry()
    count_process(registry)
    memory = Memory(settings=settings, metrics=registry)
    gatekeeper = gatekeeper_of(settings, memory)
    app = create_app(
        memory,
        gatekeeper,
        Readying(probes(memory)),
        registry,
        is_local_only=settings.auth == "open",
        is_audited=settings.audit == "all",
    )
    # What uvicorn does with a signal once more when it has stopped: it has ended well.
    signal.signal(signal.SIGTERM, lambda *_: None)
    config = uvicorn.Config(
        app,
        http=guarded(most_connections()),
        host=host,
        port=port,
        access_log=False,  # ours has no queries
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    PoliteServer(config).run()


def probes(memory: Memory) -> dict[str, Callable[[], object]]:
    """What has to answer for a memory to work, by name."""
    settings = memory.settings
    found: dict[str, Callable[[], object]] = {"store": lambda: memory.queue_stats(tenant=_NOBODY)}
    url = settings.broker_url
    if url is not None:
        from treering.workers.reaching import reach_broker  # noqa: PLC0415 - an extra

        found["broker"] = lambda: reach_broker(url, timeout_s=TIMEOUT_S)
    asks_index = index_probe(settings)
    if asks_index is not None:
        found["vectors"] = asks_index
    return found
