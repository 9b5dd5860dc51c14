"""Lines of log that programs can read: JSON, with who and what they are about, and people only as keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from treering.errors import MissingExtra
from treering.telemetry.tracing import traceparent

if TYPE_CHECKING:
    from collections.abc import Iterator

HASH_CHARS = 12
"""Characters of a hashed name: enough to follow one person among millions, and not to try names without the key."""

_about: ContextVar[dict[str, str | int]] = ContextVar("about", default={})  # noqa: B039 - it is never changed in place


QUOTING = ("anthropic", "groq", "httpcore", "httpcore2", "httpx", "httpx2", "mcp", "openai")
"""Loggers of libraries that quote headers, addresses or whole messages at a level below `warning`."""


class _Key:
    """The key of the hashes: drawn at random, until one is given. Processes that are forked off have the same."""

    value = secrets.token_bytes(16)


def use_key(key: str) -> None:
    """Hash names with this key from now on, so that logs of several installations can be laid side by side."""
    _Key.value = key.encode()


def hashed(*names: str) -> str:
    """Names of a tenant or a person as logs show them: the same for the same key, and nothing to be read from.

    Example:
        >>> hashed("acme", "ana") == hashed("acme", "ana") != hashed("acme", "bo")
        True
    """
    return hmac.new(_Key.value, "\0".join(names).encode(), hashlib.sha256).hexdigest()[:HASH_CHARS]


@contextmanager
def about(tenant: str, user: str, **fields: str | int) -> Iterator[None]:
    """What every line of the block is about."""
    named = {"tenant": hashed(tenant), "subject": hashed(tenant, user)}
    token = _about.set({**_about.get(), **named, **fields})
    try:
        yield
    finally:
        _about.reset(token)


class Context(logging.Filter):
    """Adds to each line what it is about, and the trace that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the line, with its context."""
        for name, value in _about.get().items():
            setattr(record, name, value)
        parent = traceparent()
        if parent is not None:
            _, record.trace_id, record.span_id, _ = parent.split("-")
        return True


def json_handler() -> logging.Handler:
    """Writes each line to standard error as one JSON object.

    Raises:
        MissingExtra: `treering[telemetry]` is not installed.
    """
    try:
        from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise MissingExtra(
            "TREERING_LOG_FORMAT=json", "telemetry", otherwise="or leave it at text", because=error
        ) from error
    handler = logging.StreamHandler()
    handler.addFilter(Context())
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "message": "event"},
        )
    )
    return handler


def log_to_stderr(log_format: Literal["text", "json"], level: int | str, *, key: str | None = None) -> None:
    """Have this process write its log, from now on: for processes of our own, which no application sets up.

    Raises:
        MissingExtra: Lines are to be JSON, and `treering[telemetry]` is not installed.
    """
    if key is not None:
        use_key(key)
    if log_format == "json":
        logging.basicConfig(handlers=[json_handler()], level=level, force=True)
    else:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=level, force=True)
    for name in QUOTING:
        logging.getLogger(name).setLevel(logging.WARNING)
