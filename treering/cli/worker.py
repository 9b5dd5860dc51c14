"""`treering worker`: processes that listen, index and consolidate, woken by a broker."""

from __future__ import annotations

from typing import Annotated

import typer


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
) -> None:
    """Do the slow work of all who share the store, in processes of their own.

    TREERING_DATABASE_URL names the store and TREERING_BROKER_URL the broker; applications need the same two. The work
    stands in the store's job table, and the broker only wakes workers, so any process may be killed at any time, and a
    broker that is down delays things by seconds. Ctrl-C or SIGTERM lets the work at hand end.

    \b
    export TREERING_DATABASE_URL=postgresql+psycopg://user@127.0.0.1/memory
    export TREERING_BROKER_URL=redis://127.0.0.1:6379/0
    treering worker --concurrency 4
    """
    import os
    import tempfile
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
    if log_level not in ("debug", "info", "warning", "error"):
        raise InvalidInput("--log-level", "must be debug, info, warning or error")
    app = loaded_app()
    settings = Settings.read(os.environ)
    listened = [queue_name(settings, name) for name in (*wanted, "sweep")]
    options = ["--concurrency", str(concurrency), "--queues", ",".join(listened), "--loglevel", log_level]
    with tempfile.TemporaryDirectory(prefix="treering-beat-") as folder:
        if beat:
            options += ["--beat", "--schedule", str(Path(folder) / "schedule")]
        app.worker_main(["worker", *options, "--without-gossip", "--without-mingle"])
