"""The text of an export, its checksum, and its schema."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from treering.memory.exchange.document import MEMBERS, SECTIONS, SINGLE, Checksum, parts_of, text_of
from treering.schemas.export import Export

SCHEMA = Path(__file__).parents[4] / "docs" / "export.schema.json"


def checksum_of(document: str) -> str:
    """As the field's documentation says it, without our code."""
    lines = []
    for name, value in json.loads(document).items():
        for item in value if isinstance(value, list) else [value]:
            if name != "sha256":
                line = json.dumps([name, item], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                lines.append(f"{line}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_checksum_can_be_made_by_the_documentation_alone() -> None:
    checksum = Checksum()
    parts = [*((name, '"x"') for name in SINGLE), ("turns", '{"a":"é"}'), ("turns", "2")]
    found = json.loads("".join(text_of(parts, checksum)))
    assert found["turns"] == [{"a": "é"}, 2]
    assert found["sha256"] == checksum.hex == checksum_of(json.dumps(found, indent=3))


def test_every_member_has_its_place() -> None:
    assert (*SINGLE, *SECTIONS, "sha256") == MEMBERS


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == Export.model_json_schema(), (
        "write it anew: treering export --schema > docs/export.schema.json"
    )


def test_the_schema_is_one_and_describes_every_field() -> None:
    schema = Export.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, definition in {"Export": schema, **schema["$defs"]}.items():
        for field, described in definition.get("properties", {}).items():
            assert described.get("description") or described.get("const"), f"{name}.{field}"


@pytest.mark.parametrize("change", [{"number": 2}, {"unknown": 1}, {"turns": [{}]}])
def test_the_schema_refuses_what_is_no_export(change: dict[str, object]) -> None:
    example = example_export()
    jsonschema.validate(example, Export.model_json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(example | change, Export.model_json_schema())


def example_export() -> dict[str, object]:
    zeros = "0" * 64
    export = Export.model_validate(
        {
            "treering": "1",
            "tenant": "t",
            "user": "u",
            "trunk": {"name": "core", "version": 1},
            "head": {"version": 0, "seq": 0, "digest": "", "heard_seq": 0, "tree": zeros},
            "counts": {"turns": 0},
            "sha256": zeros,
        }
    )
    assert [name for name, _ in parts_of(export)] == [*SINGLE, "sha256"]
    found: dict[str, object] = export.model_dump(mode="json")
    return found
