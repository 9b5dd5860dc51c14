"""Every night at three, the claims of everybody are compared, by workers of Celery.

    TREERING_BROKER_URL=redis://127.0.0.1:6379/0 celery -A nightly --workdir examples worker --beat
    TREERING_BROKER_URL=redis://127.0.0.1:6379/0 python examples/nightly.py    # do not wait for three o'clock
    python examples/nightly.py                                                # without a broker, in this process

`treering worker` does this by itself whenever a session ends. This is for who has a Celery of their own, and wants the
slow work done while nobody talks; needs treering[celery].
"""

from __future__ import annotations

import os
from functools import cache

from celery import Celery
from celery.schedules import crontab

from treering import Memory

BROKER = os.environ.get("TREERING_BROKER_URL")

app = Celery("nightly", broker=BROKER)
app.conf.update(
    task_always_eager=BROKER is None,
    task_ignore_result=True,
    task_acks_late=True,  # a worker that dies leaves its person to another; doing one twice changes nothing
    task_default_queue="nightly",
    beat_schedule={"compare everybody": {"task": "nightly.everybody", "schedule": crontab(hour=3, minute=0)}},
    timezone="UTC",
)


@cache
def memory() -> Memory:
    """One for each process, opened after Celery has forked."""
    return Memory(background=False)


@app.task(name="nightly.everybody")
def everybody() -> None:
    """Queue a task for each person, a page of people at a time."""
    page = memory().people()
    while page:
        for user in page:
            compare.delay(user)
        page = memory().people(after=page[-1])


@app.task(name="nightly.compare")
def compare(user: str) -> None:
    """Hear what is due of one person, then compare what was said in all sessions."""
    for step in memory().consolidate(user).steps:
        print(f"{user}: {step.rule}: {step.why}")


if __name__ == "__main__":
    everybody.delay()
