"""The application: what each request meets, and the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from treering import __version__
from treering.client.memory import Memory
from treering.sidecar.access import Gatekeeper
from treering.sidecar.auditing import Auditing
from treering.sidecar.heads import Heads
from treering.sidecar.inspector.pages import show_inspector
from treering.sidecar.limits import Limits
from treering.sidecar.local_only import LocalOnly
from treering.sidecar.metering import DependencyCollector, Metering, Metrics
from treering.sidecar.problems import RESPONSES, handle_problems
from treering.sidecar.proxy import routes as proxy
from treering.sidecar.rate import Rate
from treering.sidecar.readiness import Readying
from treering.sidecar.requests import Requests
from treering.sidecar.routes import (
    audit,
    claims,
    forgetting,
    jobs,
    mcp,
    messages,
    moving,
    quarantine,
    recall,
    retraction,
    timeline,
    tree,
)
from treering.sidecar.vitals import show_vitals

ROUTERS: tuple[APIRouter, ...] = (
    audit.router,
    claims.router,
    forgetting.router,
    jobs.router,
    mcp.router,
    messages.router,
    moving.router,
    proxy.router,
    quarantine.router,
    recall.router,
    retraction.router,
    timeline.router,
    tree.router,
)
"""The groups of routes of a memory, under /v1."""


def create_app(
    memory: Memory,
    gatekeeper: Gatekeeper,
    readying: Readying,
    registry: CollectorRegistry,
    *,
    is_local_only: bool = False,
    is_audited: bool = False,
) -> FastAPI:
    """The application.

    Args:
        memory: What it serves; closed when the server ends.
        gatekeeper: Says who calls.
        readying: Asks what requests need.
        registry: What is served as metrics.
        is_local_only: Whether what comes under another name than this machine's, or from a page, is refused.
        is_audited: Whether each request about a memory is written down.
    """

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with mcp.open_door(app):
            yield
        memory.close()

    app = FastAPI(
        title="Treering",
        version=__version__,
        summary="Long-term, personalised memory for chat models.",
        docs_url=None,  # these pages load their scripts from elsewhere
        redoc_url=None,
        lifespan=life,
        responses=RESPONSES,
    )
    app.state.memory = memory
    app.state.gatekeeper = gatekeeper
    app.state.rate = Rate(memory.settings.requests_a_minute)
    handle_problems(app)
    app.add_middleware(Heads)
    app.add_middleware(Limits, max_body_bytes=memory.settings.max_body_bytes)
    if is_audited:
        app.add_middleware(Auditing, memory=memory)
    if is_local_only:
        app.add_middleware(LocalOnly)
    app.add_middleware(Requests)
    app.add_middleware(Metering, metrics=Metrics(registry, memory.happenings))
    registry.register(DependencyCollector(readying))
    for router in ROUTERS:
        app.include_router(router)

    show_vitals(app, readying, registry)
    show_inspector(app)
    return app
