"""Keeps a worker's own beat alive: Celery starts it once, and does not look after it."""

from __future__ import annotations

import logging
from typing import Any, TypeAlias

from celery.beat import EmbeddedService
from celery.bootsteps import StartStopStep

LOOK_S = 5.0
"""Seconds between looks: by so much longer than a sweep is away, work that nobody was told of waits."""

WorkController: TypeAlias = Any  # what a step is given has more attributes than the types that there are know of

_log = logging.getLogger("treering.workers")


class KeptBeat(StartStopStep):
    """Starts the beat of a worker again when its process was killed, or a lost message would wait for ever."""

    _looking: Any = None

    requires = ("celery.worker.components:Beat", "celery.worker.components:Timer")

    def include_if(self, worker: WorkController) -> bool:
        """Only where the worker has one."""
        return worker.beat is not None

    def start(self, worker: WorkController) -> None:
        """Begin to look."""
        self._looking = worker.timer.call_repeatedly(LOOK_S, self._look, (worker,))

    def stop(self, worker: WorkController) -> None:
        """Look no more; Celery stops the beat that is there."""
        del worker
        if self._looking is not None:
            self._looking.cancel()

    def terminate(self, worker: WorkController) -> None:
        """Likewise."""
        self.stop(worker)

    def _look(self, worker: WorkController) -> None:
        gone = worker.beat
        if gone.is_alive():
            return
        _log.warning("the beat of this worker died; another one takes its place")
        worker.beat = EmbeddedService(
            worker.app, schedule_filename=worker.schedule_filename, scheduler_cls=worker.scheduler
        )
        for step in worker.steps:
            if getattr(step, "obj", None) is gone:
                step.obj = worker.beat
        worker.beat.start()
