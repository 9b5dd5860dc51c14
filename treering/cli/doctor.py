"""`treering doctor`: does everything that is stored fit together?"""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.bars import progress
from treering.cli.options import AsJson, Home, open_memory


def doctor(
    user: Annotated[
        str | None, typer.Argument(help="Only this person's memory; everybody's without it.", metavar="USER")
    ] = None,
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be made anew from what is stored; nothing said is changed.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Annotated[
        str | None, typer.Option(help="Only this customer or application; all without it.", rich_help_panel="Store")
    ] = None,
) -> None:
    """Look whether ledgers, digests, live claims, evidence, vectors, jobs and counts fit each other.

    Ends with exit code 1 if something is left that does not fit.

    \b
    treering doctor
    treering doctor ana --repair
    """
    with open_memory(home) as memory, progress("examining", "people", is_hidden=as_json) as tell:
        report = memory.doctor(user, repair=repair, tenant=tenant, progress=tell)
        if repair:
            memory.flush()
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        for finding in report.findings:
            state = "mended" if finding.repaired else "can be mended with --repair" if finding.repairable else "!"
            who = f"{finding.scope.tenant}/{finding.scope.user}"
            typer.echo(f"{who}  {finding.check}: {finding.what} ({state})")
            if finding.advice:
                typer.echo(f"    {finding.advice}")
        people = "1 person" if report.scopes == 1 else f"{report.scopes} people"
        verdict = "all is well" if report.is_sound else "not all is well"
        typer.echo(f"{people}, {len(report.checks)} checks each ({', '.join(report.checks)}): {verdict}.")
    if not report.is_sound:
        raise typer.Exit(1)
