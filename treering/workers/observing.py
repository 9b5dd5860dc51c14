"""How the processes of a worker log and trace."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from celery.signals import setup_logging, worker_process_init, worker_process_shutdown

from treering.telemetry.exporting import export_traces, stop_traces
from treering.telemetry.logs import json_handler, log_to_stderr, use_key

if TYPE_CHECKING:
    from treering.settings import Settings


def observe(settings: Settings) -> None:
    """Have every process that Celery starts from here on log as the settings say, and trace as the environment does.

    Raises:
        MissingExtra: Lines are to be JSON, and `treering[telemetry]` is not installed.
    """
    if settings.log_key is not None:
        use_key(settings.log_key)
    if settings.log_format == "json":
        json_handler()  # what is missing is told at once

        def log_as_json(loglevel: int | str = logging.INFO, **_: object) -> None:
            log_to_stderr("json", loglevel)

        setup_logging.connect(log_as_json, weak=False)

    def trace(**_: object) -> None:
        export_traces("worker")

    def stop(**_: object) -> None:
        stop_traces()

    worker_process_init.connect(trace, weak=False)
    worker_process_shutdown.connect(stop, weak=False)
