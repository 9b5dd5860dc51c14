"""Reads a model's reply: JSON as it was asked for, or the text grammar, or whatever of both is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from treering.memory.listeners.model_drafts import (
    Surroundings,
    Unusable,
    draft_item,
    draft_text_operation,
    first_error,
)
from treering.memory.parsing import (
    NO_OPERATION,
    REASONING,
    Item,
    Items,
    Parsed,
    parse_operations,
    read_items,
    render_operations,
)
from treering.memory.prompts.listen_v2 import LESSER, MARKS, ListenItem, has_operation
from treering.schemas.listening import Draft, UnreadableLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HARMLESS = frozenset({NO_OPERATION, REASONING})


@dataclass(slots=True, kw_only=True)
class Reading:
    """What could be made of a reply."""

    drafts: list[Draft] = field(default_factory=list)
    unreadable: list[UnreadableLine] = field(default_factory=list)
    is_readable: bool = False
    """It holds an operation, or says that there is none."""

    @property
    def mistakes(self) -> list[UnreadableLine]:
        """What is worth a second question; prose around the operations is not."""
        return [line for line in self.unreadable if line.why not in _HARMLESS]

    @property
    def is_of_use(self) -> bool:
        """It gives drafts, or says that there are none to give; not if all that it says is wrong."""
        return self.is_readable and (bool(self.drafts) or not self.mistakes)

    @property
    def is_clean(self) -> bool:
        """Nothing is left to ask."""
        return self.is_readable and not self.mistakes


def read_reply(raw: str, around: Surroundings) -> Reading:
    """Drafts of a reply, and everything in it that is none, quoted."""
    found = read_items(raw, marks=MARKS)
    reading = Reading()
    if found.is_json and (_is_empty_list(found) or any(_says_something(item) for item in found.items)):
        _read_items(found, around, reading)
        return reading
    parsed = parse_operations(raw)
    if found.is_json and not parsed.operations:
        reading.unreadable = [*found.unreadable, *(_refused(item, "it has no op") for item in found.items)]
        return reading
    reading.unreadable = list(parsed.unreadable)
    _read_operations(parsed, around, reading)
    return reading


def _read_items(found: Items, around: Surroundings, reading: Reading) -> None:
    reading.is_readable = True
    reading.unreadable = list(found.unreadable)
    for item in found.items:
        if has_operation(item.fields):
            _read_item(item, around, reading)
        elif _list_in(item) is None:
            reading.unreadable.append(_refused(item, "it has no op"))
        else:
            # Some models put the text grammar into the list that should hold objects.
            parsed = parse_operations("\n".join(str(entry) for entry in _list_in(item) or ()))
            reading.unreadable += [_refused(item, line.why) for line in parsed.unreadable]
            _read_operations(parsed, around, reading, first_line=item.line)


def _read_item(item: Item, around: Surroundings, reading: Reading) -> None:
    try:
        fields, doubts = _validated(item.fields)
        drafted = draft_item(fields, around)
    except ValidationError as error:
        reading.unreadable.append(_refused(item, first_error(error)))
    except Unusable as error:
        reading.unreadable.append(_refused(item, str(error)))
    else:
        reading.unreadable += [_refused(item, doubt) for doubt in (*doubts, *drafted.doubts)]
        reading.drafts += [drafted.draft] if drafted.draft else []


def _validated(fields: dict[str, object]) -> tuple[ListenItem, list[str]]:
    """The operation, and what is wrong with lesser fields, which are left out then.

    Raises:
        ValidationError: Something else is wrong.
    """
    try:
        return ListenItem.model_validate(fields), []
    except ValidationError as error:
        wrong = {str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"]}
        if not wrong or not wrong <= LESSER:
            raise
        kept = {key: value for key, value in fields.items() if str(key).lower() not in wrong}
        return ListenItem.model_validate(kept), [first_error(error)]


def _read_operations(parsed: Parsed, around: Surroundings, reading: Reading, first_line: int = 1) -> None:
    for operation, line in zip(parsed.operations, parsed.lines, strict=True):
        reading.is_readable = True
        try:
            draft = draft_text_operation(operation, around)
        except Unusable as error:
            quoted = render_operations([operation])
            reading.unreadable.append(UnreadableLine(line=first_line + line - 1, text=quoted, why=str(error)))
        else:
            reading.drafts += [draft] if draft else []


def _is_empty_list(found: Items) -> bool:
    return not found.items and not found.unreadable


def _says_something(item: Item) -> bool:
    return has_operation(item.fields) or _list_in(item) is not None


def _list_in(item: Item) -> list[object] | None:
    """The list of operations of an object that holds no objects: empty, or of strings."""
    for name in ("operations", "ops"):
        entries = item.fields.get(name, ...)
        if entries is None:
            return []
        if isinstance(entries, list):
            return entries
    return None


def _refused(item: Item, why: str) -> UnreadableLine:
    return UnreadableLine(line=item.line, text=item.text, why=why)


def summary(mistakes: Iterable[UnreadableLine]) -> Iterator[str]:
    """Where and why, without the words of anybody."""
    return (f"line {mistake.line}: {mistake.why}" for mistake in mistakes)
