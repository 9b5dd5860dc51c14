"""`treering worker`: processes that listen, index and consolidate, woken by a broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import check_log_level

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from treering.settings import Settings


def worker(
    *,
    concurrency: Annotated[int, typer.Option(min=1, help="Processes that work at once.")] = 2,
    queues: Annotated[
        str, typer.Option(help="What they work on, with commas between: listen, index, consolidate.")
    ] = "listen,index,consolidate",
    beat: Annotated[
        bool,
        typer.Option(
            "--beat/--no-beat",
            help="Also look every few seconds for what became due by itself. One of several workers has to; more may.",
        ),
    ] = True,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve numbers for Prometheus on this port, at /metrics.")
    ] = None,
    metrics_host: Annotated[
        str, typer.Option(help="Where that is listened to; with 0.0.0.0, anybody reaches it.")
    ] = "127.0.0.1",
) -> None:
    """Do the slow work of all who share the store, in processes of their own.

    TREERING_DATABASE_URL names the store and TREERING_BROKER_URL the broker; applications need the same two. The work
    stands in the store's job table, and the broker only wakes workers, so any process may be killed at any time, and a
    broker that is down delays things by seconds. Ctrl-C or SIGTERM lets the work at hand end.

    \b
    export TREERING_DATABASE_URL=postgresql+psycopg://user@127.0.0.1/memory
    export TREERING_BROKER_URL=redis://127.0.0.1:6379/0
    treering worker --concurrency 4 --metrics-port 9464
    """
    import os
    import tempfile
    from contextlib import ExitStack
    from pathlib import Path

    from treering.errors import InvalidInput
    from treering.settings import Settings
    from treering.workers.app import loaded_app
    from treering.workers.celery_app import queue_name
    from treering.workers.queues import QUEUES

    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in QUEUES]
    if unknown or not wanted:
        raise InvalidInput("--queues", f"knows no {', '.join(unknown) or 'queue'}; there are {', '.join(QUEUES)}")
    check_log_level(log_level)
    settings = Settings.read(os.environ)
    listened = [queue_name(settings, name) for name in (*wanted, "sweep")]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="treering-worker-")))
        if metrics_port is not None:
            counted = folder / "metrics"
            counted.mkdir()
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counted)  # read where its client is imported: not before
            stack.callback(_serve_metrics(settings, counted, (metrics_host, metrics_port), with_queue=beat))
        # Not by `worker_main`: all commands of Celery, with their shells and editors of lines, take 0.2 s to import.
        loaded_app().Worker(
            concurrency=concurrency,
            queues=listened,
            loglevel=log_level.upper(),
            beat=beat,
            schedule_filename=str(folder / "schedule"),
            without_gossip=True,
            without_mingle=True,
        ).start()


def _serve_metrics(settings: Settings, folder: Path, at: tuple[str, int], *, with_queue: bool) -> Callable[[], None]:
    """Serve what the processes count, and what stands in the job table; returns what ends it."""
    from treering.composition import Choices, compose
    from treering.errors import InvalidInput
    from treering.memory.clock import SystemClock
    from treering.workers.metrics import queue_collector, serve_shared

    gauges = None
    if with_queue:
        gauges = queue_collector(compose(settings, Choices(), lambda *_: None).store, SystemClock())
    try:
        return serve_shared(str(folder), gauges, at=at)
    except OSError as error:
        raise InvalidInput("--metrics-port", f"{at[1]} on {at[0]} cannot be used: {error.strerror or error}") from error
