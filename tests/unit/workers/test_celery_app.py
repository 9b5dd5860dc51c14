"""What the broker is given: names of queues, in messages that do not pile up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from treering.settings import Settings
from treering.workers.celery_app import WAKE_S, WORK, celery_app, queue_name, wake


def test_a_message_names_a_queue_and_is_dropped_when_nobody_takes_it() -> None:
    settings = Settings(broker_url="memory://", broker_prefix="expiring")
    app = celery_app(settings)
    wake(app, settings, "index")
    with app.connection_for_read() as connection:
        message = connection.default_channel.basic_get(queue_name(settings, "index"))
    left = datetime.fromisoformat(message.headers["expires"]) - datetime.now(UTC)
    assert message.headers["task"] == WORK
    assert message.payload[0] == ["index"]
    assert timedelta(seconds=WAKE_S / 2) < left <= timedelta(seconds=WAKE_S)
