"""Routes for whoever operates the server: whether it lives, whether it is ready, what runs, and its numbers."""

from __future__ import annotations

from typing import Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from treering import __version__
from treering.schemas.value import Value
from treering.sidecar.readiness import Readiness, Readying

ANSWERS_UNREADY = 503


class Liveness(Value):
    """That the process serves requests."""

    status: Literal["alive"] = "alive"
    """Always the same."""


class Version(Value):
    """What runs."""

    name: Literal["treering"] = "treering"
    """The program."""
    version: str = __version__
    """Its version."""


def show_vitals(app: FastAPI, readying: Readying, registry: CollectorRegistry) -> None:
    """Add the routes; none of them asks who calls.

    Args:
        app: The application.
        readying: Asks what requests need.
        registry: What is served as metrics.
    """

    @app.get("/health/live", tags=["health"])
    async def live() -> Liveness:
        """Whether the process serves requests. It asks nothing and nobody: a restart would mend no dependency."""
        return Liveness()

    @app.get(
        "/health/ready",
        tags=["health"],
        response_model=Readiness,
        responses={ANSWERS_UNREADY: {"model": Readiness, "description": "Something does not answer."}},
    )
    def ready() -> JSONResponse:
        """Whether the store, and the broker and Qdrant where they are set, answer."""
        found = readying.check()
        return JSONResponse(found.model_dump(mode="json"), 200 if found.status == "ready" else ANSWERS_UNREADY)

    @app.get("/version", tags=["health"])
    async def version() -> Version:
        """What runs."""
        return Version()

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Numbers for Prometheus, see docs/observability.md."""
        return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
