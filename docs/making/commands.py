"""The reference of the command line, out of what `--help` is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer
from tables import cell, table
from typer.core import TyperCommand, TyperGroup

from treering.cli.app import app


def reference() -> str:
    """Every command with its arguments and options, in the order of `treering --help`."""
    return "\n".join(_told(name, command) for name, command in commands())


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, by the words that call it."""
    yield from _below("treering", typer.main.get_command(app))


def _below(name: str, command: TyperCommand | TyperGroup) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for word, one in command.commands.items():
            yield from _below(f"{name} {word}", one)
    else:
        yield name, command


def _told(name: str, command: TyperCommand) -> str:
    context = command.context_class(command, info_name=name)
    usage = " ".join(command.collect_usage_pieces(context))
    records = [(one.param_type_name, one.get_help_record(context)) for one in command.get_params(context)]
    parts = [f"## {name}\n", _help(command.help or ""), f"```text\n{name} {usage}\n```\n"]
    for kind in ("argument", "option"):
        rows = [(f"`{record[0]}`", cell(record[1])) for its, record in records if its == kind and record]
        parts.append(table((kind.capitalize(), "Meaning"), rows))
    return "\n".join(parts)


def _help(text: str) -> str:
    """Paragraphs as they are; those that typer leaves as they are, the examples, as code."""
    told = [re.sub(r"^\b\n|^\x08\n", "", one) if one.startswith("\x08") else cell(one) for one in text.split("\n\n")]
    marked = [one.startswith("\x08") for one in text.split("\n\n")]
    return (
        "\n\n".join(f"```bash\n{one}\n```" if is_code else one for one, is_code in zip(told, marked, strict=True))
        + "\n"
    )
