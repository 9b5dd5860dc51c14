"""Reading JSON that was named on the command line."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


JsonObject: TypeAlias = Mapping[str, Any]
"""An object of a data set as its file has it; whoever reads the set says what it must hold."""


def read_json(file: Path) -> Any:  # noqa: ANN401 - the shape is the caller's to check
    """What a JSON file holds.

    Raises:
        InvalidInput: It cannot be read, or is no JSON.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(str(file), f"cannot be read as JSON ({error})") from error


def read_lines(file: Path) -> list[str]:
    """The lines of a file with one JSON document a line; empty ones are left out.

    Raises:
        InvalidInput: It cannot be read.
    """
    try:
        return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise InvalidInput(str(file), f"cannot be read ({type(error).__name__})") from error


def read_table(file: Path) -> Iterator[Mapping[str, str]]:
    """The rows of a CSV file, each by the names of its columns.

    Raises:
        InvalidInput: It cannot be read.
    """
    csv.field_size_limit(2**24)
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(str(file), f"cannot be read ({type(error).__name__})") from error


def written_list(written: str) -> list[str]:
    """A list of texts, as JSON or as Python writes it; the files have both.

    Raises:
        ValueError: It is none.
        SyntaxError: Likewise.
    """
    found = written_value(written)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("what should be a list of texts is none")
    return found


def written_value(written: str) -> object:
    """A value, as JSON or as Python writes it.

    Raises:
        ValueError: It is none.
        SyntaxError: Likewise.
    """
    try:
        return json.loads(written)
    except ValueError:
        return ast.literal_eval(written)


def data_files(data: Path, pattern: str) -> Iterator[Path]:
    """The file that was named, or those of a folder, by name.

    Raises:
        InvalidInput: There is none.
    """
    found = sorted(data.glob(pattern)) if data.is_dir() else [data]
    if not found:
        raise InvalidInput(str(data), f"holds no file {pattern}")
    yield from found


class WrongShape(InvalidInput):
    """A data file is not what the suite's files look like."""

    def __init__(self, file: Path, suite: str, error: Exception) -> None:
        super().__init__(str(file), f"is no {suite} file ({type(error).__name__}: {error})")
