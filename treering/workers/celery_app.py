"""The Celery application: it carries names of queues, and wakes workers that look into the job table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import InvalidInput, MissingExtra
from treering.workers.queues import QUEUES
from treering.workers.schedule import BEAT

try:
    from celery import Celery
    from kombu.entity import Exchange, Queue
    from kombu.exceptions import OperationalError
    from kombu.pools import ProducerPool

    from treering.workers.beat_keeping import KeptBeat
except ImportError as error:
    raise MissingExtra("a broker", "celery", otherwise="or leave TREERING_BROKER_URL unset", because=error) from error

if TYPE_CHECKING:
    from kombu import Producer

    from treering.settings import Settings

__all__ = ["WORK", "OperationalError", "celery_app", "consumed", "own_producers", "queue_name", "wake"]

WORK = "treering.work"
"""The task that runs what is due of a queue."""

WAKE_S = 30.0
"""Seconds after which a message that nobody took is dropped: a sweep has found its work long since, and so messages do
not pile up where more is said than workers can hear. Clocks of machines may differ by as much."""

VISIBILITY_S = 1_800
"""After so long at least, Redis gives a message to another worker that nobody acknowledged; longer than a process may
take. Nothing hangs on it, since sweeps find the same work in the table."""


def celery_app(settings: Settings) -> Celery:
    """An application for the settings' broker; nothing is connected yet.

    Raises:
        InvalidInput: No broker is set.
    """
    if settings.broker_url is None:
        raise InvalidInput(
            "TREERING_BROKER_URL", "is missing; name a broker, e.g. redis://127.0.0.1:6379/0 or amqp://127.0.0.1:5672"
        )
    app = Celery("treering", broker=settings.broker_url, set_as_current=False)
    app.conf.update(_configuration(settings))
    app.steps["worker"].add(KeptBeat)
    return app


def own_producers(app: Celery) -> ProducerPool:
    """A connection to send with, one sender at a time, that nobody else has; whoever takes it closes it.

    Celery's own are shared by all that speak to a broker in a process: who closes them closes them for all.
    """
    return ProducerPool(app.connection_for_write().Pool(limit=1), limit=1)


def wake(app: Celery, settings: Settings, queue: str, producer: Producer | None = None) -> None:
    """Tell the workers of a queue that there is something to do.

    Args:
        app: The application.
        settings: What it was made of.
        queue: Whose workers are meant.
        producer: What to send with; none: one of Celery's own.

    Raises:
        OperationalError: The broker does not take the message.
    """
    app.send_task(
        WORK, args=(queue,), queue=queue_name(settings, queue), retry=False, expires=WAKE_S, producer=producer
    )


def queue_name(settings: Settings, queue: str) -> str:
    """What a queue is called in the broker: several installations may share one."""
    return f"{settings.broker_prefix}.{queue}"


def consumed(app: Celery, settings: Settings) -> list[str]:
    """The queues that the workers of this process look into."""
    names = app.amqp.queues.consume_from
    return [queue for queue in QUEUES if queue_name(settings, queue) in names]


def _configuration(settings: Settings) -> dict[str, object]:
    names = [queue_name(settings, queue) for queue in (*QUEUES, "sweep")]
    exchange = Exchange(settings.broker_prefix, type="direct")
    is_redis = str(settings.broker_url).startswith("redis")
    return {
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_queues": [Queue(name, exchange, routing_key=name) for name in names],
        "task_default_exchange": exchange.name,
        "task_default_routing_key": queue_name(settings, "sweep"),
        "task_default_queue": queue_name(settings, "sweep"),
        "task_create_missing_queues": False,
        "control_exchange": settings.broker_prefix,  # who asks or stops workers means those of one installation
        # A message is a hint. It is acknowledged late, so that a worker that dies leaves it to another at once.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": settings.hang_s,
        "worker_prefetch_multiplier": 1,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # for ever: work goes on when the broker is back
        "broker_transport_options": {"visibility_timeout": max(VISIBILITY_S, 2 * settings.hang_s)} if is_redis else {},
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "beat_schedule": {name: dict(entry) for name, entry in BEAT.items()},
        "beat_scheduler": "celery.beat:Scheduler",  # what is sent every few seconds needs no file about the last time
    }
