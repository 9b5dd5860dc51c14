"""`treering jobs list | show | retry | cancel | drain`: slow work that waits, or failed, and doing it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer
from typer.core import TyperGroup

from treering.cli.help import flowing
from treering.cli.options import AsJson, Home, open_memory, program, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.client.memory import Memory
    from treering.schemas.jobs import Drained, Job, JobKind, JobState

_SHOWN = 50
"""Jobs that a list shows if nobody says otherwise: a screen or two."""

_A_PAGE = 1_000
"""Dead jobs that are read at once, to be tried again."""


class _ListFirst(TyperGroup):
    """A group whose command `list` need not be named."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own Context, by its public name
        """What is no command's name begins the arguments of `list`."""
        is_named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_named else ["list", *args])


app = typer.Typer(
    cls=_ListFirst,
    help=flowing("""Slow work that is queued, running, or dead with its error and the model's raw reply.

    With no command, it is list.

    \b
    treering jobs
    treering jobs ana --state dead
    treering jobs show 7
    treering jobs retry 7
    """),
    rich_markup_mode="rich",
)

Person = Annotated[str | None, typer.Argument(help="Only this person's; everybody's without it.", metavar="USER")]
JobId = Annotated[int, typer.Argument(help="The number of the job.", metavar="ID", min=1)]
Tenant = Annotated[
    str | None,
    typer.Option(
        help="Only of this customer or application; of all without it, and of `default` with a USER.",
        rich_help_panel="Store",
    ),
]


@app.command("list")
def list_(
    user: Person = None,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="queued, running, dead, done or cancelled; repeat it for more. By default the first three.",
            metavar="STATE",
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="listen, window, index, summarise or consolidate; repeat it for more.", metavar="KIND"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, the oldest first.")] = _SHOWN,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = None,
) -> None:
    """Slow work, oldest first, under a count of all that waits.

    \b
    treering jobs list
    treering jobs list ana --state dead --json
    treering jobs list --kind listen --tenant acme
    """
    from treering.cli.jobs_drawing import draw_gates, draw_jobs, draw_queue
    from treering.schemas.jobs import JOB_KINDS, OPEN_STATES

    with open_memory(home) as memory:
        found = memory.jobs(
            user,
            states=cast("Sequence[JobState]", state or OPEN_STATES),  # the SDK refuses what is none
            kinds=cast("Sequence[JobKind]", kind or JOB_KINDS),
            limit=limit,
            tenant=_tenant(user, tenant),
        )
        stats = memory.queue_stats(tenant=_tenant(user, tenant))
        gates = memory.model_gates()
    if as_json:
        typer.echo(f"[{','.join(job.model_dump_json() for job in found)}]")
        return
    console = screen()
    if user is None and stats.kinds:
        console.print(draw_queue(stats))
    for line in draw_gates(gates, stats.at):
        console.print(line, soft_wrap=True)
    if found:
        console.print(draw_jobs(found, stats.at))
    if len(found) == limit:
        console.print(f"More may follow: --limit {2 * limit}.", style="dim")
    if any(job.state == "dead" for job in found):
        typer.echo(f"Why one is dead: {program()} jobs show ID   once more: {program()} jobs retry ID")
    if not found:
        typer.echo("No such work." if state or kind else "No work is waiting.")


@app.command()
def show(job_id: JobId, *, as_json: AsJson = False, home: Home = None, tenant: Tenant = None) -> None:
    """All of one job: its times, its error, the model's raw reply, and what can be done about it.

    \b
    treering jobs show 7
    """
    with open_memory(home) as memory:
        job = _known(memory, job_id, tenant)
        now = memory.queue_stats(tenant=job.scope.tenant).at
    if as_json:
        typer.echo(job.model_dump_json(indent=2))
        return
    from treering.cli.jobs_drawing import draw_job

    for line in draw_job(job, now, program()):
        screen().print(line, soft_wrap=True)


@app.command()
def retry(
    job_id: Annotated[
        int | None, typer.Argument(help="The number of the job.", metavar="ID", min=1, show_default=False)
    ] = None,
    *,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="All dead jobs; of a tenant with --tenant.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = None,
) -> None:
    """Try a dead job again, here and now; or queue all of them for whoever works next.

    Ends with exit code 1 if it failed once more.

    \b
    treering jobs retry 7
    treering jobs retry --all-dead --tenant acme
    """
    from treering.errors import InvalidInput

    if all_dead == (job_id is not None):
        raise InvalidInput("ID", "is needed, or --all-dead, and not both")
    with open_memory(home) as memory:
        if job_id is None:
            _retry_all(memory, tenant, as_json=as_json)
            return
        job = _known(memory, job_id, tenant)
        if not memory.retry(job_id, tenant=job.scope.tenant):
            raise InvalidInput("ID", f"is that of a job that is {job.state}; only a dead one is tried again")
        memory.flush(job.scope.user, tenant=job.scope.tenant)
        after = memory.job(job_id, tenant=job.scope.tenant) or job.model_copy(update={"state": "done"})
    if as_json:
        typer.echo(after.model_dump_json(indent=2))
    elif after.error:
        from treering.cli.drawing import one_line

        typer.echo(f"Tried again; it is {after.state}: {one_line(after.error)}")
    else:
        typer.echo(f"Tried again; it is {after.state}.")
    if after.error:
        raise typer.Exit(1)


def _retry_all(memory: Memory, tenant: str | None, *, as_json: bool) -> None:
    queued = 0
    while dead := memory.jobs(states=("dead",), limit=_A_PAGE, tenant=tenant):
        queued += sum(memory.retry(job.id, tenant=tenant) for job in dead)
    if as_json:
        typer.echo(f'{{"queued": {queued}}}')
    elif queued:
        typer.echo(f"Queued again: {_counted(queued)}. Workers take them up; to do it here: {program()} jobs drain")
    else:
        typer.echo("No job is dead.")


@app.command()
def cancel(job_id: JobId, *, as_json: AsJson = False, home: Home = None, tenant: Tenant = None) -> None:
    """Have a queued, running or dead job not be done.

    What it was for stays undone until there is another such job. Turns of a cancelled listen are kept and recalled,
    and heard with the person's next turn or the end of a session.

    \b
    treering jobs cancel 7
    """
    from treering.cli.jobs_drawing import UNTIL
    from treering.errors import InvalidInput

    with open_memory(home) as memory:
        job = _known(memory, job_id, tenant)
        if not memory.cancel(job_id, tenant=job.scope.tenant):
            raise InvalidInput("ID", f"is that of a job that is {job.state}: there is nothing to cancel")
        after = memory.job(job_id, tenant=job.scope.tenant) or job.model_copy(update={"state": "cancelled"})
    if as_json:
        typer.echo(after.model_dump_json(indent=2))
        return
    typer.echo(f"Cancelled. {UNTIL[job.kind]}")
    if job.state == "running":
        typer.echo("It was running: what its worker would still commit is refused.")


@app.command()
def drain(
    user: Person = None,
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="After how many jobs to stop.")] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = None,
) -> None:
    """Do the work that is due, in this process, beside any workers; then say what is left and when it is due.

    Ctrl-C puts the job at hand back, and ends.

    \b
    treering jobs drain
    treering jobs drain ana --limit 10
    """
    from treering.cli.jobs_progress import Progressing

    shown = Progressing(is_hidden=as_json)
    is_stopped = False
    with open_memory(home, observe=shown.on_heard) as memory:
        scope = _tenant(user, tenant)
        shown.watch(lambda: memory.drain(user, limit=0, tenant=scope).left)
        try:
            with shown:
                memory.drain(user, limit=limit, progress=shown.on_job, tenant=scope)
        except KeyboardInterrupt:
            is_stopped = True
        done = memory.drain(user, limit=0, tenant=scope).model_copy(update={"outcomes": dict(shown.outcomes)})
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        for line in _summed_up(done, shown.heard):
            typer.echo(line)
    if is_stopped:
        raise typer.Exit(130)


def _summed_up(done: Drained, heard: int) -> Sequence[str]:
    from datetime import UTC, datetime

    from treering.cli.jobs_drawing import moment

    told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(done.outcomes.items()))
    lines = [f"{told or 'Nothing was due'}; {heard} turn{'' if heard == 1 else 's'} heard."]
    if done.left:
        now = datetime.now(UTC)
        due = "" if done.due_at is None else f"; due {moment(done.due_at, now) if done.due_at > now else 'now'}"
        lines.append(f"Left: {_counted(done.left)}{due}.")
    else:
        lines.append("Nothing is left.")
    return lines


def _tenant(user: str | None, tenant: str | None) -> str | None:
    """A USER without a tenant is of the default one; who names neither operates the store."""
    from treering.schemas.dialogue import DEFAULT_TENANT

    return DEFAULT_TENANT if user is not None and tenant is None else tenant


def _known(memory: Memory, job_id: int, tenant: str | None) -> Job:
    from treering.errors import InvalidInput

    job = memory.job(job_id, tenant=tenant)
    if job is None:
        raise InvalidInput("ID", f"names no job: there is no {job_id}; treering jobs lists them")
    return job


def _counted(jobs: int) -> str:
    return "1 job" if jobs == 1 else f"{jobs} jobs"
