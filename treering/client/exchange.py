"""The SDK's part for exports and imports."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_scope
from treering.errors import InvalidExport, InvalidInput
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO, TypeAlias

    from treering.schemas.export import Export, ExportSummary

    Source: TypeAlias = Export | str | Path | bytes
    """An export: as a value, as the path of its file, or as the bytes of its document."""

READ_BYTES = 1024 * 1024
"""What is read of a file at once."""


class Exchange(Face):
    """Exports and imports."""

    def export(self, user: str, *, tenant: str = DEFAULT_TENANT) -> Export:
        """Everything that is one person's, as one value; `export_to` writes a long history without loading it.

        Raises:
            UnknownUser: Nothing is stored about this person.

        Example:
            >>> from treering import Memory
            >>> with Memory("/tmp/treering-example", embedder="hash") as memory:
            ...     receipt = memory.remember("ana", {"content": "I moved to Lisbon.", "id": "m1"})
            ...     memory.export("ana").turns[0].content
            'I moved to Lisbon.'
        """
        return self._engine.exchange.export(as_scope(user, tenant, "export"), written_by=_version())

    def export_to(
        self,
        user: str,
        file: str | Path | TextIO,
        *,
        progress: Callable[[int, int], None] | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> ExportSummary:
        """Write everything that is one person's into a file, which only its owner may read.

        The file is there when it is whole, and not before.

        Args:
            user: The person.
            file: The path of the file, where one that exists is replaced; or an open text file.
            progress: Told now and then how many items are written, and how many there are.
            tenant: The customer or application.

        Raises:
            UnknownUser: Nothing is stored about this person; no file is written.
            InvalidInput: The file cannot be written.
        """
        scope = as_scope(user, tenant, "export")
        write = partial(self._engine.exchange.write, scope, written_by=_version(), progress=progress or _tell_nobody)
        if not isinstance(file, str | Path):
            return write(file.write)
        with _whole_or_not(Path(file)) as out:
            return write(out.write)

    def restore(
        self,
        user: str,
        source: Source,
        *,
        progress: Callable[[int], None] | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> ExportSummary:
        """Put an export in as this person's memory: all of it in one transaction, or nothing.

        Ledger, digests, history and quarantine are as they were; vectors are made anew in the background, and turns
        that were not listened to yet are heard.

        Args:
            user: Whom it becomes; nothing may be stored about them.
            source: What `export` returned, the path of a file, or a document as bytes.
            progress: Told how many items were stored since it was told last.
            tenant: The customer or application.

        Raises:
            ScopeNotEmpty: Something is stored about this person.
            InvalidExport: The document is damaged, cut off, from a newer Treering, or not what it says it is.
            TrunkMismatch: The trunk has no such slots as the live claims stand in.
        """
        scope = as_scope(user, tenant, "restore")
        name, document = _document(source)
        summary = self._engine.exchange.restore(scope, document, name=name, progress=progress or _tell_nobody)
        self._work()
        return summary


class AsyncExchange(AsyncFace):
    """Exports and imports, for event loops."""

    async def export(self, user: str, *, tenant: str = DEFAULT_TENANT) -> Export:
        """Everything that is one person's; see `Memory.export`."""
        return await in_thread(self.memory.export, user, tenant=tenant)

    async def export_to(
        self,
        user: str,
        file: str | Path | TextIO,
        *,
        progress: Callable[[int, int], None] | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> ExportSummary:
        """Write everything that is one person's into a file; see `Memory.export_to`."""
        return await in_thread(self.memory.export_to, user, file, progress=progress, tenant=tenant)

    async def restore(
        self,
        user: str,
        source: Source,
        *,
        progress: Callable[[int], None] | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> ExportSummary:
        """Put an export in as this person's memory; see `Memory.restore`."""
        return await in_thread(self.memory.restore, user, source, progress=progress, tenant=tenant)


@contextmanager
def _whole_or_not(path: Path) -> Iterator[TextIO]:
    """A text file that appears under its name when the block ends, and not at all when it raises."""
    import tempfile  # noqa: PLC0415 - 10 ms that other calls need not pay

    try:
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        Path(draft).unlink(missing_ok=True)


def _document(source: Source) -> tuple[str, Export | Iterator[bytes]]:
    """What to call it, and its content."""
    from treering.schemas.export import Export  # noqa: PLC0415 - not for those who only recall

    match source:
        case Export():
            return "an export", source
        case bytes():
            return "a document", iter([source])
        case str() | Path():
            return str(source), chunks(Path(source))
    raise InvalidInput("source", f"is a {type(source).__name__}; give an Export, the path of a file, or bytes")


def chunks(path: Path) -> Iterator[bytes]:
    """A file in pieces.

    Raises:
        InvalidExport: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            while chunk := file.read(READ_BYTES):
                yield chunk
    except OSError as error:
        raise InvalidExport(str(path), f"the file cannot be read ({error.strerror})") from error


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput("export", f"{path} cannot be written ({error.strerror})")


def _version() -> str:
    from treering import __version__  # noqa: PLC0415 - the package itself, which imports this

    return __version__


def _tell_nobody(*_: int) -> None:
    """The progress that nobody asked for."""
