"""`treering bench make` on the screen: a suite of our own is made, and what is in it is told."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.table import Table

from treering.bench.quartet.dial import LEVELS, Dial
from treering.bench.quartet.making import make
from treering.bench.quartet.writing import write
from treering.cli.options import screen
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from treering.bench.quartet.making import Made


def make_quartet(folder: Path, level: str, wishes: Mapping[str, int | None]) -> None:
    """Make a suite, write it down, and print how many questions of each type there are.

    Raises:
        InvalidInput: There is no such level, a wish cannot be fulfilled, or the folder is taken.
    """
    dial = dialled(level, wishes)
    with screen(errors=True).status(f"making {dial.people:,} lives …"):
        made = make(dial)
        write(made, dial, folder)
    screen().print(_table(made))


def dialled(level: str, wishes: Mapping[str, int | None]) -> Dial:
    """A level with other settings where they are wished for.

    Raises:
        InvalidInput: There is no such level, or a setting is out of its bounds.
    """
    if level not in LEVELS:
        raise InvalidInput("--level", f"{level!r} is none; known are {', '.join(LEVELS)}")
    wished = {name: value for name, value in wishes.items() if value is not None}
    try:
        return Dial.model_validate(LEVELS[level].model_dump() | wished)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(f"--{first['loc'][0]}", first["msg"]) from error


@contextmanager
def shipped() -> Iterator[Path]:
    """The folder of the medium suite, made now and removed afterwards."""
    with TemporaryDirectory(prefix="treering-quartet-") as folder:
        dial = LEVELS["medium"]
        write(make(dial), dial, Path(folder))
        yield Path(folder)


def _table(made: Made) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, title=f"Quartet, {len(made.conversations)} people")
    table.add_column("type")
    table.add_column("questions", justify="right")
    for kind, count in sorted(Counter(one.type for one in made.gold).items()):
        table.add_row(kind, str(count))
    return table
