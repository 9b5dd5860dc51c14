"""Spans for whoever traces: OpenTelemetry's, where the application has loaded it, and nothing at all elsewhere.

As OpenTelemetry asks of libraries, only its API is used; which spans are kept, and where they go, is the application's
business, or that of `treering worker` and `treering serve`.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from functools import cache
from time import time_ns
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, SpanKind, Tracer

    Attribute = str | int | float | bool

_API = "opentelemetry.trace"
_TRACEPARENT = "traceparent"
_SERVER_ERROR = 500
_NOTHING: AbstractContextManager[Span | None] = nullcontext()


def span(name: str, /, *, parent: str | None = None, **attributes: Attribute) -> AbstractContextManager[Span | None]:
    """A span around a block; the block gets it, or None where nobody traces.

    An error that leaves the block marks the span as failed, by its class alone: its text may quote what people said.

    Args:
        name: What is done; the same for all of its kind.
        parent: The W3C `traceparent` that it belongs to, e.g. a job's; none: whatever is going on here.
        attributes: Kinds, counts and names of programs, under `treering.`; never words or ids of people.

    Example:
        >>> with span("recall", mode="tree") as one:
        ...     one is None or one.get_span_context() is not None
        True
    """
    if _API not in sys.modules:
        return _NOTHING
    return _recorded(name, parent, _named(attributes))


@contextmanager
def request_span(method: str, traceparent: str | None) -> Iterator[Span | None]:
    """A span around the serving of a request, in the trace of whoever sent it, as OpenTelemetry names such spans.

    Args:
        method: The method, one of HTTP's own.
        traceparent: The header that says which trace it belongs to, if there is one.
    """
    if _API not in sys.modules:
        yield None
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - it is loaded already

    with _recorded(method, traceparent, {"http.request.method": method}, kind=SpanKind.SERVER) as one:
        yield one


def note_answer(to: Span | None, name: str, *, route: str, status: int) -> None:
    """Add to the span of a request what it turned out to be."""
    if to is None:
        return
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - it is loaded already

    to.update_name(name)
    to.set_attributes({"http.route": route, "http.response.status_code": status})
    if status >= _SERVER_ERROR:
        to.set_status(Status(StatusCode.ERROR))


def past_span(name: str, seconds: float) -> None:
    """A span inside what is going on here that ends now and took so long; nothing where nobody traces."""
    if _API not in sys.modules:
        return
    ended_ns = time_ns()
    _tracer().start_span(name, start_time=ended_ns - int(seconds * 1e9)).end(ended_ns)


def note(to: Span | None, **attributes: Attribute) -> None:
    """Add what was found out in the block."""
    if to is not None:
        to.set_attributes(_named(attributes))


def traceparent() -> str | None:
    """The span that is open here, as others can be told of it; None without one that is recorded.

    Example:
        >>> traceparent() is None
        True
    """
    if _API not in sys.modules:
        return None
    carrier: dict[str, str] = {}
    _propagator().inject(carrier)
    return carrier.get(_TRACEPARENT)


def _named(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    return {f"treering.{key}": value for key, value in attributes.items()}


@contextmanager
def _recorded(
    name: str, parent: str | None, attributes: dict[str, Attribute], *, kind: SpanKind | None = None
) -> Iterator[Span]:
    from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415 - it is loaded already

    with _tracer().start_as_current_span(
        name,
        _context(parent),
        kind or SpanKind.INTERNAL,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


@cache
def _tracer() -> Tracer:
    from opentelemetry.trace import get_tracer  # noqa: PLC0415 - it is loaded already

    return get_tracer("treering")


@cache
def _propagator() -> Any:  # noqa: ANN401 - its context argument is typed by what it imports
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    return TraceContextTextMapPropagator()


def _context(parent: str | None) -> Context | None:
    found: Context | None = None if parent is None else _propagator().extract({_TRACEPARENT: parent})
    return found
