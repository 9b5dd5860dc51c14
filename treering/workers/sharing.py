"""What the processes of a worker share: most jobs need it, so it is imported before they are forked, once for all."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING

from celery.signals import worker_before_create_process

from treering.pausing import CollectorPaused

if TYPE_CHECKING:
    from treering.settings import Settings

_WORK = (
    "treering.memory.consolidating",
    "treering.memory.hearing",
    "treering.memory.indexing",
    "treering.memory.summarising",
)
"""The steps of the write path, which an engine imports when it first takes them: 0.1 s in each process."""

_LOCAL_LISTENER = "treering.memory.listeners.local"
"""Its dictionaries take as long again; where a chat model listens, nobody needs them."""


def share_imports(settings: Settings) -> None:
    """Have the processes that Celery forks from here on begin with what they will need."""

    def share(**_: object) -> None:
        if gc.get_freeze_count():
            return  # only before the first of them
        with CollectorPaused():
            for name in (*_WORK, *([] if settings.model else [_LOCAL_LISTENER])):
                import_module(name)
        # Celery looks for garbage before each fork, 40 ms through all that was imported; and what the collector of a
        # process walks through is copied, and no longer shared.
        gc.freeze()

    worker_before_create_process.connect(share, weak=False)
