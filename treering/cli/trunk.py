"""`treering trunk`: what memories stand on, and moving them from one trunk to another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bars import progress
from treering.cli.help import flowing
from treering.cli.options import AsJson, Home, open_memory, program, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.client.memory import Memory
    from treering.schemas.migration import CheckedFile, MigrationReport
    from treering.schemas.trunk import Trunk

app = typer.Typer(
    help="Trunks: the places for facts that there are. A migration leads from one version of a trunk to the next; how "
    "to write both is in docs/trunks.md.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="The YAML file of the migration.", metavar="MIGRATION")]
OnlyUser = Annotated[str | None, typer.Option("--user", help="Only this person; everybody without it.", metavar="USER")]
OnlyTenant = Annotated[
    str | None, typer.Option("--tenant", help="Only this customer or application; all without it.", metavar="TENANT")
]
Trunks = Annotated[
    list[str] | None,
    typer.Option(
        "--trunk", help="The name or file of a trunk that the store does not know; may be repeated.", metavar="TRUNK"
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; show what would be done.")]


def check(
    file: Annotated[Path, typer.Argument(help="The YAML file of a trunk or of a migration.", metavar="FILE")],
    *,
    trunk: Trunks = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Read a trunk or a migration, and say what is wrong with it, with the line; end with 1 if something is.

    A migration is checked against its two trunks: they come from --trunk, from TREERING_TRUNK, from the store, or from
    Treering itself.

    \b
    treering trunk check bakery-2.yaml
    treering trunk check bakery-1-2.yaml --trunk bakery-1.yaml --trunk bakery-2.yaml
    """
    found = _checked(file, trunk or (), home)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    elif found.kind == "trunk":
        typer.echo(f"{file} is sound: trunk {found.name} with {found.slots} slots.")
    else:
        typer.echo(f"{file} is sound: migration {found.name}; {found.slots} slots lead elsewhere.")


def migrate(
    migration: File,
    *,
    dry_run: DryRun = False,
    user: OnlyUser = None,
    trunk: Trunks = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: OnlyTenant = None,
) -> None:
    """Put memories onto a new trunk, one person after the other.

    Who stands there already is skipped: after an interruption, run it again. Each person's ledger gets one more
    version; nothing in it is rewritten.

    \b
    TREERING_TRUNK=bakery-2.yaml treering trunk migrate bakery-1-2.yaml --dry-run
    TREERING_TRUNK=bakery-2.yaml treering trunk migrate bakery-1-2.yaml
    """
    with open_memory(home) as memory, progress("migrating", "people", is_hidden=as_json) as tell:
        report = memory.migrate(migration, user=user, dry_run=dry_run, trunks=trunk or (), tenant=tenant, progress=tell)
        _settle(memory, report)
    _tell(report, as_json=as_json)


def rollback(
    migration: File,
    *,
    dry_run: DryRun = False,
    drop_new: Annotated[
        bool, typer.Option("--drop-new", help="Retract claims that have no place on the old trunk.")
    ] = False,
    user: OnlyUser = None,
    trunk: Trunks = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: OnlyTenant = None,
) -> None:
    """Put memories back onto the trunk that a migration led away from.

    What was moved goes back to where it was, and what was dropped comes back. What was learned since goes to the slot
    that led to its own; where there is none, nothing is done without --drop-new.

    \b
    treering trunk rollback bakery-1-2.yaml --dry-run
    TREERING_TRUNK=bakery-1.yaml treering trunk rollback bakery-1-2.yaml
    """
    with open_memory(home) as memory, progress("rolling back", "people", is_hidden=as_json) as tell:
        report = memory.rollback(
            migration,
            user=user,
            dry_run=dry_run,
            drop_new=drop_new,
            trunks=trunk or (),
            tenant=tenant,
            progress=tell,
        )
        _settle(memory, report)
    _tell(report, as_json=as_json)


def listing(*, as_json: AsJson = False, home: Home = None) -> None:
    """Every trunk that can be named here, with how many people's memory stands on it; * marks the one in use.

    \b
    treering trunk list
    """
    with open_memory(home) as memory:
        found = memory.trunks()
    if as_json:
        typer.echo(f"[{','.join(one.model_dump_json() for one in found)}]")
        return
    for one in found:
        mark = "*" if one.loaded else " "
        label = f"{one.name}/{one.version}"
        typer.echo(f"{mark} {label:<22} {one.slots:>4} slots  {one.people:>6} people  {one.description}")


def show(
    trunk: Annotated[
        str | None,
        typer.Argument(help="Name, name/version, or file; without it the one in use.", metavar="TRUNK"),
    ] = None,
    *,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """The branches and slots of a trunk.

    \b
    treering trunk show core
    treering trunk show bakery-2.yaml
    """
    from treering.schemas.trunks import load_trunk

    if trunk is not None and trunk.endswith((".yaml", ".yml")):
        found = load_trunk(Path(trunk))
    else:
        with open_memory(home) as memory:
            found = memory.trunk(trunk)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    console = screen()
    console.print(f"[bold]{found.label}[/]  {found.description}", soft_wrap=True)
    for line in _outline(found):
        console.print(line, markup=False, soft_wrap=True)


for _name, _command in (
    ("check", check),
    ("migrate", migrate),
    ("rollback", rollback),
    ("list", listing),
    ("show", show),
):
    app.command(_name, help=flowing(_command.__doc__ or ""))(_command)


def _checked(file: Path, trunks: Sequence[str], home: Path | None) -> CheckedFile:
    from treering.memory.charting import chart
    from treering.schemas.migration import CheckedFile
    from treering.schemas.trunks import load_trunk
    from treering.schemas.trunks.migrations import is_migration, load_migration

    if not is_migration(file):
        trunk = load_trunk(file)
        return CheckedFile(file=str(file), kind="trunk", name=trunk.label, slots=len(trunk.slots), digest=trunk.digest)
    migration = load_migration(file)
    given = {one.label: one for one in map(load_trunk, trunks)}
    with open_memory(home) as memory:
        origin, target = (given.get(end) or memory.trunk(end) for end in (migration.origin, migration.target))
    portions = chart(migration, origin, target).portions
    elsewhere = sum(any(one.path != path for one in leads_to) or not leads_to for path, leads_to in portions.items())
    return CheckedFile(file=str(file), kind="migration", name=migration.name, slots=elsewhere)


def _settle(memory: Memory, report: MigrationReport) -> None:
    """Let vectors follow, where the trunk that memories stand on now is the one in use."""
    if not report.dry_run and memory.trunk().label == report.target:
        memory.flush()


def _tell(report: MigrationReport, *, as_json: bool) -> None:
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    for move in report.moves:
        where = f"-> {move.to}" if move.to else "retracted"
        typer.echo(f"{move.path} {where}  {move.claims} claim(s) of {move.people} people")
    if report.returned:
        typer.echo(f"{report.returned} dropped claim(s) come back.")
    if report.hidden:
        typer.echo(f"{report.hidden} claim(s) are not current any more: a newer one shares their one-valued slot.")
    done = "would move" if report.dry_run else "moved"
    typer.echo(
        f"{report.moved} people {done} from {report.origin} to {report.target}; {report.done_before} were there."
    )
    for standing in report.untouched:
        trunk = standing.trunk or "a trunk that was not recorded"
        typer.echo(f"treering: {standing.people} people stand on {trunk} and were left alone", err=True)
    if report.dry_run and report.moved:
        typer.echo(f"Nothing was changed. Without --dry-run, {program()} does it.")


def _outline(trunk: Trunk) -> Iterator[str]:
    above: list[str] = []
    descriptions = {branch.path: branch.description for branch in trunk.branches}
    for slot in trunk.slots:
        *branches, name = slot.path.split(".")
        for depth in range(len(branches)):
            if above[: depth + 1] != branches[: depth + 1]:
                yield f"{'  ' * depth}{branches[depth]}: {descriptions['.'.join(branches[: depth + 1])]}"
        above = branches
        marks = [slot.cardinality, *([slot.sensitivity] if slot.sensitivity != "open" else [])]
        yield f"{'  ' * len(branches)}- {name} ({', '.join(marks)}): {slot.description}"
