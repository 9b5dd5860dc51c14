"""PersonaMem: long talks in which likes change, opened by system turns that state the persona (Jiang et al. 2025)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.replaying import history_of
from treering.bench.suites.files import WrongShape, data_files
from treering.bench.suites.shelf import Shelf
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from treering.bench.replaying import History

CONTEXTS = "shared_contexts_*.jsonl"
"""The files with the histories; a line is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a history stands in its file."""

    file: Path
    line: int
    """Counted from 1."""
    offset: int
    """Bytes before it."""
    length: int
    """Bytes of it."""

    def read(self) -> History:
        """The history.

        Raises:
            InvalidInput: It cannot be read, or has other content.
        """
        try:
            with self.file.open("rb") as opened:
                opened.seek(self.offset)
                line = opened.read(self.length)
        except OSError as error:
            raise InvalidInput(str(self.file), f"cannot be read ({type(error).__name__})") from error
        return history_of(line, f"{self.file}, line {self.line}")


def places(file: Path) -> Iterator[tuple[str, Place]]:
    """The id and place of every history of a file, a line in memory at a time.

    Raises:
        InvalidInput: It cannot be read, or a line is no JSON object of one history.
    """
    offset = 0
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    [identity] = json.loads(line)
                    yield identity, Place(file=file, line=number, offset=offset, length=len(line))
                offset += len(line)
    except OSError as error:
        raise InvalidInput(str(file), f"cannot be read ({type(error).__name__})") from error
    except (ValueError, TypeError) as error:
        raise WrongShape(file, "PersonaMem", error) from error


def read_personamem(data: Path, limit: int | None = None) -> Sequence[History]:
    """The histories of a file, or of every `shared_contexts_*.jsonl` in a folder, each read when it is asked for.

    Args:
        data: The file or folder.
        limit: Most histories; None: all.

    Raises:
        InvalidInput: A file cannot be read, or has other content.
    """
    found = [place for file in data_files(data, CONTEXTS) for _, place in places(file)]
    return Shelf(found[:limit], Place.read, weigh=_length)


def _length(place: Place) -> int:
    return place.length
