"""The Celery application: it carries names of queues, and wakes workers that look into the job table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from treering.errors import InvalidInput, MissingExtra
from treering.workers.queues import QUEUES

try:
    from celery import Celery
    from kombu.entity import Exchange, Queue
except ImportError as error:
    raise MissingExtra("a broker", "celery", otherwise="or leave TREERING_BROKER_URL unset") from error

if TYPE_CHECKING:
    from treering.settings import Settings

WORK = "treering.work"
"""The task that runs what is due of a queue."""

SWEEP = "treering.sweep"
"""The task that wakes workers for what became due by itself, and ends sessions that are idle."""

SWEEP_S = 5.0
"""Seconds between sweeps: by so much a lost message, or a retry whose time has come, is late at most."""

HARD_LIMIT_S = 900.0
"""A task that takes longer hangs: its process is killed, and its job is taken over when the lease is over. A slice of
work ends long before, but for a single window that no model answers."""

VISIBILITY_S = 1_800
"""After so long Redis gives a message to another worker that nobody acknowledged; longer than `HARD_LIMIT_S`. Nothing
hangs on it, since sweeps find the same work in the table."""


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
    return app


def wake(app: Celery, settings: Settings, queue: str) -> None:
    """Tell the workers of a queue that there is something to do.

    Raises:
        kombu.exceptions.OperationalError: The broker does not take the message.
    """
    app.send_task(WORK, args=(queue,), queue=queue_name(settings, queue), retry=False)


def queue_name(settings: Settings, queue: str) -> str:
    """What a queue is called in the broker: several installations may share one."""
    return f"{settings.broker_prefix}.{queue}"


def _configuration(settings: Settings) -> dict[str, Any]:
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
        # A message is a hint. It is acknowledged late, so that a worker that dies leaves it to another at once.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": HARD_LIMIT_S,
        "worker_prefetch_multiplier": 1,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # for ever: work goes on when the broker is back
        "broker_transport_options": {"visibility_timeout": VISIBILITY_S} if is_redis else {},
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "beat_schedule": {"sweep": {"task": SWEEP, "schedule": SWEEP_S, "options": {"expires": SWEEP_S}}},
    }
