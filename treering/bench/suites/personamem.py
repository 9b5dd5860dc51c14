"""PersonaMem: long talks in which likes change, opened by system turns that state the persona (Jiang et al. 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.replaying import read_history
from treering.bench.suites.files import data_files
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.replaying import History

CONTEXTS = "shared_contexts_*.jsonl"
"""The files with the histories; a line is one."""


def read_personamem(data: Path, limit: int | None = None) -> list[History]:
    """The histories of a file, or of every `shared_contexts_*.jsonl` in a folder.

    Args:
        data: The file or folder.
        limit: Most histories; None: all.

    Raises:
        InvalidInput: A file cannot be read, or has other content.
    """
    found: list[History] = []
    for file in data_files(data, CONTEXTS):
        try:
            with file.open(encoding="utf-8") as lines:
                count = sum(1 for line in lines if line.strip())
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(str(file), f"cannot be read ({error})") from error
        found += [read_history(file, number) for number in range(count if limit is None else min(count, limit))]
    return found[:limit]
