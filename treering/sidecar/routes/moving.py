"""Exports and imports: everything that is one person's, out as one document, and in again."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field, JsonValue

from treering.schemas.claims import SELF
from treering.schemas.export import EXPORT_FORMAT, EXPORT_NUMBER, Export, ExportSummary
from treering.schemas.foreign import ForeignFormat, ImportReport
from treering.schemas.trunk import Path as SlotPath
from treering.schemas.value import Text
from treering.sidecar.access import Admin, Reader, User, Writer
from treering.sidecar.pipe import Pieces, Piped
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body

MAX_PATHS = 1_000
"""Most categories that an import gives a slot to."""

JSON = "application/json"

router = APIRouter(prefix="/v1", tags=["moving"], responses=described())

_ABOUT_EXPORTS = (
    "A document as `GET /v1/export` gives it out, byte for byte; its JSON Schema is docs/export.schema.json."
)


async def _document(request: Request) -> bytes:
    return await request.body()


Document = Annotated[bytes, Depends(_document)]
"""The body as it came: parsing it would lose what its checksum covers."""


class ForeignImport(Body):
    """What another memory left behind."""

    data: dict[str, JsonValue] | tuple[JsonValue, ...]
    """The document, as the other memory's API or export gives it."""
    format: ForeignFormat | None = None
    """Where it comes from; without it, found out."""
    paths: Annotated[dict[str, SlotPath], Field(max_length=MAX_PATHS)] = {}
    """Slots by category, label or namespace."""
    dry_run: bool = False
    """Store nothing, and report what would become of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "data": [{"id": "1", "memory": "Is allergic to peanuts", "categories": ["allergies"]}],
                    "format": "mem0",
                    "paths": {"allergies": "health.allergies"},
                    "dry_run": True,
                }
            ]
        }
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={**described(404), 200: {"description": "The document, in pieces as it is read.", "model": Export}},
)
def export(memory: Remembers, caller: Admin, user: User) -> Piped:
    """Everything that is one person's, as one JSON document with a checksum at its end.

    One that is cut off has no checksum, and cannot be imported. It has the key of the person's tombstones in it, with
    which forgotten words can be guessed at: so it wants more than the right to read.
    """
    return Piped(Pieces(partial(memory.export_to, user, tenant=caller.tenant)), media_type=JSON)


@router.post(
    "/import",
    responses=described(409),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {"type": "object", "description": _ABOUT_EXPORTS},
                    "example": {"format": EXPORT_FORMAT, "number": EXPORT_NUMBER, "treering": "0.1.0", "user": "ana"},
                }
            },
        }
    },
)
def restore(memory: Remembers, caller: Writer, user: User, document: Document) -> ExportSummary:
    """Put an export in as this person's memory: all of it, or nothing. Nothing may be stored about them.

    Whose export it was does not count: it becomes that of `user`, with the tenant of the credential.
    """
    return memory.restore(user, document, tenant=caller.tenant)


@router.post("/import/foreign", responses=described(404, 409))
def import_foreign(memory: Remembers, caller: Writer, user: User, body: ForeignImport) -> ImportReport:
    """Take in conversations and statements of another memory; done again, nothing changes."""
    data: dict[str, JsonValue] | list[JsonValue] = body.data if isinstance(body.data, dict) else list(body.data)
    return memory.import_from(
        user, data, format=body.format, paths=body.paths, dry_run=body.dry_run, tenant=caller.tenant
    )


@router.get("/persona-tree", responses=described(404))
def persona_tree(
    memory: Remembers,
    caller: Reader,
    user: User,
    subject: Annotated[
        Annotated[Text, Field(max_length=256)],
        Query(description="Whom it is about: `self`, `agent:<name>` or `person:<name>`."),
    ] = SELF,
) -> dict[str, JsonValue]:
    """What is known now in the JSON of the persona-tree paper: nested categories, with texts at the leaves."""
    return memory.persona_tree(user, subject=subject, tenant=caller.tenant)
