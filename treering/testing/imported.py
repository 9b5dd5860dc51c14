"""Importing this imports everything that workers and servers need, as far as it is installed."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from treering.pausing import CollectorPaused

NAMES = (
    "treering.testing.starting",
    "treering.cli.mcp",
    "treering.cli.serve",
    "treering.cli.worker",
    "treering.memory.consolidating",
    "treering.memory.hearing",
    "treering.memory.indexing",
    "treering.memory.listeners.local",
    "treering.memory.stores.jobs",
    "treering.memory.stores.upgrading",
    "treering.memory.summarising",
    "treering.sidecar.serving",
    "treering.workers.app",
    "treering.workers.observing",
    "treering.workers.sharing",
    "billiard.popen_fork",
    "billiard.synchronize",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.log",
    "celery.apps.worker",
    "celery.backends.base",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.events.dispatcher",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.strategy",
    "kombu.transport.pyamqp",
    "kombu.transport.redis",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)
"""Names, since the rooms of workers and servers stand above this one."""

with CollectorPaused():
    for name in NAMES:
        with suppress(ImportError):
            import_module(name)
