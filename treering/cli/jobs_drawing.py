"""How jobs are shown: a count of what waits, a list, and all of one."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from treering.cli.drawing import one_line
from treering.schemas.jobs import PENDING_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from treering.schemas.gates import Gate
    from treering.schemas.jobs import Job, JobKind, JobState, QueueStats

UNTIL: Mapping[JobKind, str] = {
    "listen": "The turns stay unheard until the person says something more, or a session ends; they are recalled.",
    "window": "What the model said of this window is left out for good; its turns are recalled.",
    "index": "What is new is found by its words, and not by meaning, until more is said or learned.",
    "summarise": "There is no summary of it until the next session ends.",
    "consolidate": "Claims are compared when the next session ends, or with treering consolidate.",
}
"""What it means that a job of a kind is not done."""

_STYLES: Mapping[JobState, str] = {"dead": "bold red", "running": "green", "queued": "yellow"}

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def draw_queue(stats: QueueStats) -> Table:
    """How many jobs of each kind there are, and since when the oldest waits; by tenant where there are several."""
    table = _table("kind", "queued", "running", "dead", "oldest waits")
    for one in stats.kinds:
        dead = Text(str(one.dead), style="bold red" if one.dead else "")
        table.add_row(one.kind, str(one.queued), str(one.running), dead, _waited(one.oldest_at, stats.at))
    if len(stats.tenants) > 1:
        table.add_section()
        for tenant in stats.tenants:
            table.add_row(
                Text(f"of {one_line(tenant.tenant)}"), str(tenant.queued), "", "", _waited(tenant.oldest_at, stats.at)
            )
    return table


def draw_gates(gates: Iterable[Gate], now: datetime) -> Iterator[Text]:
    """A line for each model that rests, or that failed last."""
    for gate in gates:
        if gate.shut_until is not None and gate.shut_until > now:
            yield Text(f"{one_line(gate.name)} is asked again {relative(gate.shut_until, now)}.", style="yellow")
        elif gate.failures:
            yield Text(f"{one_line(gate.name)} failed {gate.failures} times in a row.", style="yellow")


def draw_jobs(jobs: Iterable[Job], now: datetime) -> Table:
    """One line a job."""
    table = _table("job", "state", "kind", "whose", "tries", "waits", "error")
    for job in jobs:
        whose = f"{job.scope.tenant}/{job.scope.user}"
        is_waiting = job.state == "queued" and job.run_after > now
        state = f"{job.state} {relative(job.run_after, now)}" if is_waiting else job.state
        table.add_row(
            str(job.id),
            Text(state, style=_STYLES.get(job.state, "dim")),
            job.kind,
            Text(one_line(whose)),
            str(job.attempts),
            span(now - job.queued_at) if job.state in PENDING_STATES else "",
            Text(one_line(job.error or "")),
        )
    return table


def draw_job(job: Job, now: datetime, program: str) -> Iterator[Text]:
    """All of a job, field by field, and at last what can be done about it."""
    fields = {
        "state": job.state,
        "kind": job.kind,
        "tenant": one_line(job.scope.tenant),
        "user": one_line(job.scope.user),
        "payload": ", ".join(f"{name}={value}" for name, value in job.payload.items()),
        "queued": moment(job.queued_at, now),
        "may run": moment(job.run_after, now),
        "lease ends": "" if job.lease_until is None else moment(job.lease_until, now),
        "tries": str(job.attempts),
        "priority": f"{job.priority}, rank {job.rank}",
        "fence": str(job.fence) if job.fence else "",
        "trace": job.trace or "",
    }
    yield Text(f"Job {job.id}", style="bold")
    for name, value in fields.items():
        if value:
            yield Text.assemble((f"  {name:<11}", "dim"), escaped(value))
    for name, text in (("error", job.error), ("the model said", job.raw_reply)):
        if text:
            yield Text(f"  {name}", style="dim")
            yield from (Text(f"    {line}") for line in escaped(text).splitlines())
    yield from (Text(line) for line in _advice(job, now, program))


def _advice(job: Job, now: datetime, program: str) -> Sequence[str]:
    is_late = job.lease_until is not None and job.lease_until <= now
    advice: Mapping[JobState, Sequence[str]] = {
        "dead": (f"Once more: {program} jobs retry {job.id}", f"Leave it: {program} jobs cancel {job.id}"),
        "queued": (
            "Its turn comes with the next worker that is free.",
            f"Do it here: {program} jobs drain {one_line(job.scope.user)}",
        ),
        "running": (
            "Its worker was not heard of again; the next one takes it over."
            if is_late
            else "A worker has it. If that dies, another takes it over when the lease ends.",
        ),
        "cancelled": (UNTIL[job.kind],),
        "done": (),
    }
    if job.state == "queued" and job.run_after > now:
        return (f"It is tried {relative(job.run_after, now)}.",)
    return advice[job.state]


def moment(at: datetime, now: datetime) -> str:
    """A moment, and how far from now it is."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {relative(at, now)}"


def relative(at: datetime, now: datetime) -> str:
    """How far from now.

    Example:
        >>> from datetime import datetime
        >>> relative(datetime(2024, 1, 2), datetime(2024, 1, 1))
        'in 1 d'
    """
    if at == now:
        return "now"
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"


def span(of: timedelta) -> str:
    """A length of time, in its two largest units.

    Example:
        >>> span(timedelta(hours=26, minutes=5)), span(timedelta(seconds=61)), span(timedelta(0))
        ('1 d 2 h', '1 min 1 s', '0 s')
    """
    left = max(0, int(of.total_seconds()))
    parts: list[str] = []
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number or parts:
            parts.append(f"{number} {unit}" if number else "")
    return " ".join(part for part in parts[:2] if part) or "0 s"


def escaped(text: str) -> str:
    r"""Text with its line breaks, in which nothing can steer a terminal.

    Example:
        >>> escaped("Well \x1b[2J…")
        'Well \\x1b[2J…'
    """
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _waited(since: datetime | None, now: datetime) -> str:
    return "" if since is None else span(now - since)


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
