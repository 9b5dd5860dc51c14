"""How many messages wait in the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import MissingExtra
from treering.workers.celery_app import queue_name
from treering.workers.queues import QUEUES

try:
    from kombu import Connection
except ImportError as error:
    raise MissingExtra("a broker", "celery", otherwise="or leave TREERING_BROKER_URL unset", because=error) from error

if TYPE_CHECKING:
    from treering.settings import Settings


def queue_lengths(settings: Settings) -> dict[str, int]:
    """Messages that wait, by queue; a queue that nobody made yet has none.

    Raises:
        OSError: The broker does not answer.
    """
    with Connection(settings.broker_url or "", connect_timeout=5.0) as connection:
        return {queue: _length(connection, queue_name(settings, queue)) for queue in (*QUEUES, "sweep")}


def _length(connection: Connection, name: str) -> int:
    with connection.channel() as channel:  # one each, because a broker closes it over a queue that is not there
        try:
            return int(channel.queue_declare(queue=name, passive=True).message_count)  # type: ignore[attr-defined]
        except connection.channel_errors:
            return 0
