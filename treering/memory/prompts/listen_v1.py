"""What a model is asked to answer to `listen_v1.md`, and the ways in which it may miss that a little."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

#: Names that models use instead of those they were given.
_OTHER_NAMES = {
    "operation": "op",
    "action": "op",
    "kind": "op",
    "slot": "path",
    "value": "text",
    "claim": "target",
    "target_id": "target",
    "message_id": "message",
    "evidence": "quote",
}
_NOTHING = frozenset({"", "null", "none", "n/a"})


class ListenItem(BaseModel):
    """One operation."""

    # Every field is required in the schema that goes out, since strict modes of providers demand it; what a model
    # leaves out all the same counts as null.
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    op: Literal["ADD", "UPDATE", "DELETE", "NO_OP"]
    """What to do."""
    path: str | None
    """A slot of the list, copied exactly."""
    text: str | None
    """The claim, in the third person; null for DELETE and NO_OP."""
    target: str | None
    """Id of the claim that is updated, deleted or said again, as listed; null for ADD."""
    message: str | None
    """Id of the user turn it rests on."""
    quote: str | None
    """The words in that turn it rests on, copied letter by letter."""
    subject: str | None
    """`self`, or `person:<name>`."""
    valid_from: str | None
    """Since when it is so, as 2024, 2024-03 or 2024-03-09; null if that was not said."""
    valid_to: str | None
    """Until when it is so; null if that was not said."""
    origin: Literal["stated", "inferred"] | None
    """Said outright, or concluded."""
    confidence: float | None
    """0 to 1."""
    reason: Literal["ended", "forgotten"] | None
    """Why, for DELETE; else null."""

    @model_validator(mode="before")
    @classmethod
    def _leniently(cls, given: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
        if not isinstance(given, dict):
            return given
        fields: dict[str, object] = dict.fromkeys(cls.model_fields)
        for key, value in given.items():
            name = _OTHER_NAMES.get(str(key).lower(), str(key).lower())
            if name in fields and fields[name] is None:
                fields[name] = None if isinstance(value, str) and value.strip().lower() in _NOTHING else value
        for name in ("op", "origin", "reason"):
            fields[name] = _word(name, fields[name])
        return fields


class ListenReply(BaseModel):
    """The operations that bring the memory up to date; an empty list when there is nothing to do."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    operations: list[ListenItem]
    """In order of application."""


def has_operation(fields: dict[str, object]) -> bool:
    """True if a JSON object means to be an operation."""
    names = {str(key).lower() for key in fields}
    return any(_OTHER_NAMES.get(name, name) == "op" for name in names)


def _word(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name != "op":
        return value.strip().lower()
    word = value.strip().upper().replace("-", "_").replace(" ", "_")
    return "NO_OP" if word == "NOOP" else word
