"""The application that Celery's command line loads: `celery -A treering.workers.app worker`; see `treering worker`."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from treering.composition import Choices, compose
from treering.settings import Settings
from treering.workers.queues import QUEUES
from treering.workers.worker import Worker

if TYPE_CHECKING:
    from celery import Celery


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
    from treering.workers.celery_app import SWEEP, WORK, celery_app, wake  # noqa: PLC0415 - wants treering[celery]

    settings = Settings.read(os.environ)
    app = celery_app(settings)

    @cache
    def worker(process: int) -> Worker:
        """That of this process: a store that was opened before a fork is not shared with the child."""
        del process
        engine = compose(settings, Choices(), lambda *_: None)
        return Worker(engine, settings, lambda queue: wake(app, settings, queue))

    @app.task(name=WORK)
    def work(queue: str) -> None:
        """Run what is due of a queue. A queue that only a newer version knows is left to that."""
        if queue in QUEUES:
            worker(os.getpid()).work(queue)

    @app.task(name=SWEEP)
    def sweep() -> None:
        """Find what became due by itself."""
        worker(os.getpid()).sweep()

    return app
