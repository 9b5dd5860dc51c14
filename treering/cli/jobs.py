"""`treering jobs`: slow work that waits, and another try for what is dead."""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, open_memory


def jobs(
    user: Annotated[
        str | None, typer.Argument(help="Only this person's; everybody's without it.", metavar="USER")
    ] = None,
    *,
    retry: Annotated[int | None, typer.Option(help="Try a dead job again.", metavar="ID")] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Slow work that is queued, running, or dead with its error and the model's raw reply.

    \b
    treering jobs ana
    treering jobs --retry 7
    """
    from treering.cli.drawing import one_line
    from treering.errors import InvalidInput

    with open_memory(home) as memory:
        if retry is not None:
            if not memory.retry(retry):
                raise InvalidInput("--retry", f"there is no dead job {retry}; treering jobs lists them")
            memory.flush()
        found = memory.jobs(user, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(job.model_dump_json() for job in found)}]")
        return
    for job in found:
        who = f"{job.scope.tenant}/{job.scope.user}"
        typer.echo(f"{job.id}  {job.state:<7} {job.kind:<6} {who}  {one_line(job.error or '')}")
        if job.raw_reply:
            typer.echo(f"    the model said: {job.raw_reply!r}")
    if not found:
        typer.echo("No work is waiting.")
