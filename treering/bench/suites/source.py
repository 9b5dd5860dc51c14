"""Where the files of a suite come from, and whether those at hand are the published ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_CHUNK = 2**20

_APART = 50
"""Most files of a pattern that are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who publishes a suite, and what its files are."""

    name: str
    """As its authors call it."""
    url: str
    """Where to get it."""
    licence: str
    """Under which it is published; empty where its authors name none."""
    files: tuple[str, ...]
    """Glob patterns from the suite's folder on; at least one file of each is there."""
    beside: tuple[str, ...] = ()
    """Patterns of files that change the answer key where they lie there, such as an audit of it."""
    measures: str = ""
    """What a good score on it means, in half a line."""
    tried: str = ""
    """On which files of the authors the project ran it; empty: on none, and its shape is that of their description."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Checksums of published files that are known, by their path in the folder."""

    def found(self, data: Path) -> list[Path]:
        """The files of a folder, or of the folder of a file, by path.

        Raises:
            InvalidInput: A file is missing; says where to get it.
        """
        folder = _folder(data)
        found: list[Path] = []
        for pattern in self.files:
            some = sorted(folder.glob(pattern))
            if not some:
                raise InvalidInput(str(data), f"holds no file {pattern}; {self.where}")
            found += some
        found += (file for pattern in self.beside for file in folder.glob(pattern))
        return sorted(set(found))

    @property
    def where(self) -> str:
        """Where to get the files, in words."""
        return f"{self.name} is at {self.url} ({self.licence or 'no licence is named'})"

    def checksums(self, data: Path) -> dict[str, str]:
        """The checksum of each file, by its path in the folder; where a pattern has very many, one of their list.

        Raises:
            InvalidInput: A file is missing or cannot be read.
        """
        folder, there = _folder(data), set(self.found(data))
        sums: dict[str, str] = {}
        for pattern in (*self.files, *self.beside):
            files = sorted(there & set(folder.glob(pattern)))
            some = {file.relative_to(folder).as_posix(): _sha256(file) for file in files}
            sums |= some if len(some) <= _APART else {pattern: _together(some)}
        return dict(sorted(sums.items()))

    def changed(self, checksums: Mapping[str, str]) -> list[str]:
        """Files that are called as published ones are, and hold something else."""
        return sorted(name for name, found in checksums.items() if self.sha256.get(name, found) != found)


def _folder(data: Path) -> Path:
    return data if data.is_dir() else data.parent


def _together(sums: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sums.items()).encode()).hexdigest()


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InvalidInput(str(file), f"cannot be read ({type(error).__name__})") from error
    return digest.hexdigest()
