"""The application that Celery's command line loads: `celery -A treering.workers.app worker`; see `treering worker`."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from treering.composition import Choices, compose
from treering.memory.clock import SystemClock
from treering.settings import Settings
from treering.telemetry.happenings import Happenings
from treering.workers.queues import QUEUES
from treering.workers.schedule import SWEEP, UPKEEP
from treering.workers.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from celery import Celery

    from treering.workers.metrics import WorkMetrics

_log = logging.getLogger("treering.workers")


def __getattr__(name: str) -> Celery:
    """`app`, made of the environment when it is first asked for: importing this page needs no broker."""
    if name != "app":
        raise AttributeError(name)
    return loaded_app()


@cache
def loaded_app() -> Celery:
    """The application with its tasks, for the settings of the environment.

    Raises:
        InvalidInput: No broker is set.
        MissingExtra: Celery is not installed.
    """
    return build_app(Settings.read(os.environ), Choices())


def build_app(settings: Settings, choices: Choices) -> Celery:
    """An application whose workers learn with what settings and choices name, e.g. a listener of your own.

    What they do is counted where PROMETHEUS_MULTIPROC_DIR names a folder.

    Raises:
        InvalidInput: No broker is set.
        MissingExtra: Celery is not installed.
    """
    from treering.workers.celery_app import WORK, OperationalError, celery_app, consumed, wake  # noqa: PLC0415 - an extra
    from treering.workers.observing import observe  # noqa: PLC0415 - likewise
    from treering.workers.sharing import share_imports  # noqa: PLC0415 - likewise

    app = celery_app(settings)
    observe(settings)
    share_imports(settings)
    metrics = _metrics(choices)

    @cache
    def worker(process: int) -> Worker:
        """That of this process: a store that was opened before a fork is not shared with the child."""
        del process
        return _worker(settings, choices, tell, queues=consumed(app, settings), metrics=metrics)

    def tell(queue: str) -> None:
        """Wake the workers of a queue; what they are not told, sweeps find."""
        try:
            wake(app, settings, queue)
        except OperationalError as error:
            _log.warning("the broker takes no message (%s); sweeps will find the work", type(error).__name__)

    @app.task(name=WORK)
    def work(queue: str) -> None:
        """Run what is due of a queue. A queue that only a newer version knows is left to that."""
        if queue in QUEUES:
            worker(os.getpid()).work()

    @app.task(name=SWEEP)
    def sweep() -> None:
        """Find what became due by itself."""
        worker(os.getpid()).sweep()

    @app.task(name=UPKEEP)
    def keep_up() -> None:
        """Queue what nobody queued, and tell of dead jobs."""
        worker(os.getpid()).keep_up()

    return app


def _worker(
    settings: Settings,
    choices: Choices,
    tell: Callable[[str], None],
    *,
    queues: Sequence[str],
    metrics: WorkMetrics | None,
) -> Worker:
    """A worker with an engine of its own, and what it does is counted if that is wanted."""
    if metrics is None:
        return Worker(compose(settings, choices, lambda *_: None), settings, tell, queues=queues)
    happenings = Happenings()
    happenings.hear(metrics.hear)
    engine = compose(settings, choices, metrics.on_heard, happenings=happenings)
    return Worker(engine, settings, tell, queues=queues, on_job=metrics.on_job)


def _metrics(choices: Choices) -> WorkMetrics | None:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return None
    from treering.workers.metrics import WorkMetrics  # noqa: PLC0415 - an extra, and only where it is wanted

    return WorkMetrics(choices.clock or SystemClock())
