"""Exports from a server, and imports into it."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, RootModel

from treering.client.exchange import chunks, read_whole, tell_nobody, whole_or_not
from treering.client.intake import as_subject
from treering.client.remote.face import RemoteFace, person
from treering.errors import InvalidInput, ServerError
from treering.memory.exchange.document import CHECKSUM, SECTIONS, SINGLE, Checksum, part_of
from treering.memory.exchange.loading import load
from treering.memory.exchange.scanning import items
from treering.schemas.claims import SELF
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.export import Export, ExportSummary
from treering.schemas.foreign import ImportReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TextIO

    from treering.client.exchange import Document, Source
    from treering.schemas.foreign import ForeignFormat

IMPORT_TIMEOUT_S = 600.0
"""How long an import may take, in seconds: minutes for a history of years."""

EACH = 1_000
"""Items between two tellings of how far an export is."""


class _Tree(RootModel[dict[str, JsonValue]]):
    """A persona tree as the paper writes it."""


class RemoteExchange(RemoteFace):
    """Exports and imports. An import is bounded by what the server takes in one request."""

    def export(self, user: str, *, tenant: str = DEFAULT_TENANT) -> Export:
        """Everything that is one person's; see `Memory.export`. It needs the right `admin`."""
        return self._connection.get(Export, "/v1/export", user=person(user, tenant, "export"))

    def export_to(
        self,
        user: str,
        file: str | Path | TextIO,
        *,
        progress: Callable[[int, int], None] | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> ExportSummary:
        """Write everything that is one person's into a file, as it comes; see `Memory.export_to`."""
        named = person(user, tenant, "export")
        if not isinstance(file, str | Path):
            return self._write(named, file, progress or tell_nobody)
        with whole_or_not(Path(file)) as out:
            return self._write(named, out, progress or tell_nobody)

    def restore(
        self,
        user: str,
        source: Source,
        *,
        progress: Callable[[int], None] | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> ExportSummary:
        """Put an export in as this person's memory; see `Memory.restore`. Progress is told once, at the end."""
        named, document = person(user, tenant, "restore"), _document(source)
        done = self._connection.post(ExportSummary, "/v1/import", document, timeout_s=IMPORT_TIMEOUT_S, user=named)
        if progress is not None:
            progress(sum(done.counts.values()))
        return done

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
        """Take in what another memory left behind; see `Memory.import_from`."""
        named = person(user, tenant, "import_from")
        name, document = (str(data), read_whole(Path(data))) if isinstance(data, str | Path) else ("a document", data)
        body = {"data": load(document, name), "format": format, "paths": dict(paths or {}), "dry_run": dry_run}
        return self._connection.post(
            ImportReport, "/v1/import/foreign", body, is_repeatable=True, timeout_s=IMPORT_TIMEOUT_S, user=named
        )

    def persona_tree(self, user: str, *, subject: str = SELF, tenant: str = DEFAULT_TENANT) -> dict[str, JsonValue]:
        """What is known now in the JSON of the persona-tree paper; see `Memory.persona_tree`."""
        named = person(user, tenant, "persona_tree")
        return self._connection.get(_Tree, "/v1/persona-tree", user=named, subject=as_subject(subject)).root

    def _write(self, user: str, out: TextIO, progress: Callable[[int, int], None]) -> ExportSummary:
        """Write a document while it comes, and read on the way what it is about."""
        with self._connection.stream("/v1/export", user=user) as pieces:
            try:
                return _summary(items(_written(pieces, out)), progress)
            except ValueError as error:
                raise ServerError(self._connection.url, f"its export is none: {error}") from error


def _written(pieces: Iterator[bytes], out: TextIO) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in pieces:
        out.write(decoder.decode(piece))
        yield piece
    out.write(decoder.decode(b"", final=True))


def _summary(parts: Iterator[tuple[str, JsonValue]], progress: Callable[[int, int], None]) -> ExportSummary:
    """What a document is about, when it has been read to its end, and its checksum is right.

    Raises:
        ValueError: It is cut off or damaged.
    """
    single: dict[str, Any] = {}
    checksum, done = Checksum(), 0
    for name, value in parts:
        if name == CHECKSUM:
            single[name] = value
            continue
        checksum.add(part_of(name, value))
        if name in SINGLE:
            single[name] = value
            total = sum(single.get("counts", {}).values())
        elif name in SECTIONS:
            done += 1
            if done % EACH == 0:
                progress(done, total)
    if single.get(CHECKSUM) != checksum.hex:
        raise ValueError("its checksum does not match, or is missing")
    progress(total, total)
    head = single["head"]
    named = {name: single[name] for name in ("tenant", "user", "counts", CHECKSUM)}
    return ExportSummary(version=head["version"], digest=head["digest"], **named)


def _document(source: Source) -> bytes:
    """An export as it is sent: the server checks it, and not this program."""
    match source:
        case Export():
            return source.model_dump_json().encode()
        case bytes():
            return source
        case str() | Path():
            return b"".join(chunks(Path(source)))
    raise InvalidInput("source", f"is a {type(source).__name__}; give an Export, the path of a file, or bytes")
