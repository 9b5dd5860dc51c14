"""What all values share: closed, frozen, and documented down to the field."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

import treering.schemas
from treering.schemas.dialogue import Message, Scope
from treering.schemas.value import Value

VALUES = sorted(
    {
        found
        for module in pkgutil.iter_modules(treering.schemas.__path__)
        for found in vars(importlib.import_module(f"treering.schemas.{module.name}")).values()
        if isinstance(found, type) and issubclass(found, Value) and found is not Value
    },
    key=lambda found: found.__name__,
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_every_field_says_what_it_means_in_the_json_schema(value: type[Value]) -> None:
    schema = value.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        if name != "kind":  # the name of an operation or line says it
            assert field.get("description"), f"{value.__name__}.{name}"


def test_a_value_is_frozen_and_closed() -> None:
    scope = Scope(user="ana")
    with pytest.raises(ValidationError, match="frozen"):
        scope.user = "bo"  # type: ignore[misc]  # that is the fault
    with pytest.raises(ValidationError, match="Extra inputs"):
        Scope.model_validate({"user": "ana", "mood": "sad"})


def test_moments_are_kept_in_utc() -> None:
    message = Message.model_validate({"content": "x", "at": "2024-03-01T12:00:00+02:00"})
    assert message.at == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert message.at is not None
    assert message.at.tzinfo is UTC
