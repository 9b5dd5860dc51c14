"""What a model is asked to answer to `listen_v2.md`, and the ways in which it may miss that a little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from treering.memory.prompts.lean import lean

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_IN_EVIDENCE = {"id": "message", "turn": "message", "span": "quote", "text": "quote", "words": "quote"}
_NOTHING = frozenset({"", "null", "none", "n/a"})


def _text(value: object) -> object:
    """Numbers as they are written, and the one entry of a list: `"message": 1`, `"text": ["likes figs"]`."""
    if isinstance(value, list) and len(value) == 1:
        [value] = value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_of(*words: str) -> dict[str, object]:
    return {"type": "string", "enum": list(words)}


#: Plain types in the schema that goes out: not all providers take unions with null.
_Words = Annotated[str | None, BeforeValidator(_text), WithJsonSchema({"type": "string"})]
_Origin = Annotated[Literal["stated", "inferred"] | None, WithJsonSchema(_one_of("stated", "inferred"))]
_Reason = Annotated[Literal["ended", "forgotten"] | None, WithJsonSchema(_one_of("ended", "forgotten"))]
_Confidence = Annotated[float | None, Field(ge=0, le=1), WithJsonSchema({"type": "number"})]


class ListenItem(BaseModel):
    """One operation."""

    # Only what an operation cannot be without is required: each empty field that a model writes costs four times what
    # it costs to read. No strict mode of a provider is asked for, which would require them all.
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", json_schema_extra=lean)

    op: Literal["ADD", "UPDATE", "DELETE", "NO_OP"]
    """What to do."""
    path: _Words = None
    """A slot of the list, copied exactly."""
    text: _Words = None
    """The claim, in the third person; none for DELETE and NO_OP."""
    target: _Words = None
    """Id of the claim that is updated, deleted or said again, as listed; none for ADD."""
    message: _Words = None
    """Id of the user turn it rests on."""
    quote: _Words = None
    """The words in that turn it rests on, copied letter by letter."""
    subject: _Words = None
    """`self`, or `person:<name>`."""
    valid_from: _Words = None
    """Since when it is so, as 2024, 2024-03 or 2024-03-09; none if that was not said."""
    valid_to: _Words = None
    """Until when it is so; none if that was not said."""
    condition: _Words = None
    """When it is so, where it is not always."""
    origin: _Origin = None
    """Said outright, or concluded."""
    confidence: _Confidence = None
    """0 to 1."""
    reason: _Reason = None
    """Why, for DELETE; else none."""

    @model_validator(mode="before")
    @classmethod
    def _leniently(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        fields: dict[str, object] = dict.fromkeys(cls.model_fields)
        for key, value in _flat(given):
            name = _OTHER_NAMES.get(str(key).lower(), str(key).lower())
            if name in fields and fields[name] is None:
                fields[name] = None if isinstance(value, str) and value.strip().lower() in _NOTHING else value
        for name in ("op", "origin", "reason"):
            fields[name] = _word(name, fields[name])
        return fields


class ListenReply(BaseModel):
    """The operations that bring the memory up to date; an empty list when there is nothing to do."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, json_schema_extra=lean)

    operations: list[ListenItem]
    """In order of application."""


LESSER = frozenset({"valid_from", "valid_to", "condition", "origin", "confidence", "reason"})
"""Fields without which an operation still says what it says."""

MARKS = frozenset({"op", *(name for name, meant in _OTHER_NAMES.items() if meant == "op")})
"""Keys, in lower case, by which an object shows that it is an operation."""


def has_operation(fields: dict[str, object]) -> bool:
    """True if a JSON object means to be an operation."""
    return not MARKS.isdisjoint(str(key).lower() for key in fields)


def _flat(given: dict[object, object]) -> Iterator[tuple[object, object]]:
    """The fields, with those of evidence that was given as an object: `"evidence": [{"message": …, "quote": …}]`."""
    for key, value in given.items():
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if str(key).lower() == "evidence" and isinstance(inner, dict):
            yield from ((_IN_EVIDENCE.get(str(name).lower(), name), words) for name, words in inner.items())
        else:
            yield key, value


def _word(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name != "op":
        return value.strip().lower()
    word = value.strip().upper().replace("-", "_").replace(" ", "_")
    return "NO_OP" if word == "NOOP" else word
