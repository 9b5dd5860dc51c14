"""Sending spans away: for processes of our own, which no application sets up."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from treering.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""OpenTelemetry's own variable: where spans go, over HTTP. Others of theirs are read too, e.g. for sampling."""


def export_traces(role: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Have this process send its spans where the environment says; False where it says nothing.

    To be called in each process that works, after a fork: the thread that sends does not outlive one.

    Args:
        role: What the process does, e.g. `worker`.
        environment: Names the endpoint.

    Raises:
        MissingExtra: It does, and `treering[telemetry]` is not installed.
    """
    if not (environment.get(ENDPOINT) or environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace import set_tracer_provider  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra(ENDPOINT, "telemetry", otherwise="or unset it", because=error) from error
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"treering-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    set_tracer_provider(provider)
    return True


def stop_traces() -> None:
    """Send what was not sent yet; for processes that end without the interpreter's farewell."""
    provider_of = sys.modules.get("opentelemetry.trace")
    shutdown = getattr(provider_of.get_tracer_provider(), "shutdown", None) if provider_of is not None else None
    if shutdown is not None:
        shutdown()
