"""The SDK's part for exports and imports."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_scope, as_subject
from treering.errors import InvalidExport, InvalidInput
from treering.schemas.claims import SELF
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TextIO, TypeAlias

    from pydantic import JsonValue

    from treering.schemas.export import Export, ExportSummary
    from treering.schemas.foreign import ForeignFormat, ImportReport

    Document: TypeAlias = str | Path | bytes | Mapping[str, object] | Sequence[object]
    """What another memory left behind: the path of a file, the bytes of a document, or its content."""
    Source: TypeAlias = Export | str | Path | bytes
    """An export: as a value, as the path of its file, or as the bytes of its document."""

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file of another memory that is read, in bytes; our own exports are read piece by piece."""

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
            >>> with Memory("example", embedder="hash") as memory:
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
        write = partial(self._engine.exchange.write, scope, written_by=_version(), progress=progress or tell_nobody)
        if not isinstance(file, str | Path):
            return write(file.write)
        with whole_or_not(Path(file)) as out:
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
        summary = self._engine.exchange.restore(scope, document, name=name, progress=progress or tell_nobody)
        self._work()
        return summary

    def import_from(
        self,
        user: str,
        data: Document,
        *,
        format: ForeignFormat | None = None,  # noqa: A002 - the word for it
        paths: Mapping[str, str] | None = None,
        dry_run: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> ImportReport:
        """Take in what another memory left behind: its conversations as turns, its statements as claims.

        A statement goes into the slot that `paths` gives for one of its categories, or that a category names, or that
        it is nearest to; where none is near enough, it waits in quarantine. Doing it again changes nothing.

        Args:
            user: Whose memory it becomes; it may hold something already.
            data: The path of a file, a document as bytes, or what a client returned, e.g. `mem0.get_all(…)`.
            format: Where it comes from; by default found out.
            paths: Slots by category, label or namespace, e.g. `{"diet": "health.diet"}`.
            dry_run: Store nothing, and report what would become of it.
            tenant: The customer or application.

        Raises:
            InvalidExport: It is no JSON, its format is unknown or not clear, or it is not one person's.
            UnknownPath: One of `paths` is no slot.

        Example:
            >>> from treering import Memory
            >>> kept = [{"id": "1", "memory": "Is allergic to peanuts", "categories": ["allergies"]}]
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.import_from("kim", kept, dry_run=True).placements[0].path
            'health.allergies'
        """
        from treering.memory.exchange.loading import load, understand  # noqa: PLC0415 - not for those who only recall

        scope = as_scope(user, tenant, "import_from")
        name, document = (str(data), read_whole(Path(data))) if isinstance(data, str | Path) else ("a document", data)
        foreign = understand(load(document, name), format, name)
        report = self._engine.importing.take_in(scope, foreign, paths=paths or {}, dry_run=dry_run)
        self._work()
        return report

    def persona_tree(self, user: str, *, subject: str = SELF, tenant: str = DEFAULT_TENANT) -> dict[str, JsonValue]:
        """What is known now in the JSON of the persona-tree paper: nested categories, with texts at the leaves.

        Raises:
            UnknownUser: Nothing is stored about this person.
            InvalidInput: No such subject can be.
        """
        return self._engine.exchange.persona_tree(as_scope(user, tenant, "persona_tree"), as_subject(subject))


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

    async def import_from(
        self,
        user: str,
        data: Document,
        *,
        format: ForeignFormat | None = None,  # noqa: A002 - the word for it
        paths: Mapping[str, str] | None = None,
        dry_run: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> ImportReport:
        """Take in what another memory left behind; see `Memory.import_from`."""
        return await in_thread(
            self.memory.import_from, user, data, format=format, paths=paths, dry_run=dry_run, tenant=tenant
        )

    async def persona_tree(
        self, user: str, *, subject: str = SELF, tenant: str = DEFAULT_TENANT
    ) -> dict[str, JsonValue]:
        """What is known now in the JSON of the persona-tree paper; see `Memory.persona_tree`."""
        return await in_thread(self.memory.persona_tree, user, subject=subject, tenant=tenant)


@contextmanager
def whole_or_not(path: Path) -> Iterator[TextIO]:
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


def read_whole(path: Path) -> bytes:
    """The bytes of a file that another memory left behind.

    Raises:
        InvalidExport: It cannot be read, or is too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InvalidExport(str(path), f"it has more than {MAX_FILE_BYTES // 1024**2} MiB; split it")
        return path.read_bytes()
    except OSError as error:
        raise InvalidExport(str(path), f"the file cannot be read ({error.strerror})") from error


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput("export", f"{path} cannot be written ({error.strerror})")


def _version() -> str:
    from treering import __version__  # noqa: PLC0415 - the package itself, which imports this

    return __version__


def tell_nobody(*_: int) -> None:
    """The progress that nobody asked for."""
