"""Reads which slots a window concerns out of what a model answers to the first question."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.parsing import Item, parse_operations, read_items
from treering.memory.parsing.reasoning import answer_start
from treering.schemas.listening import UnreadableLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.schemas.trunk import Trunk

MAX_PICKS = 12
"""Most paths that a model is asked for."""

MAX_SLOTS = 40
"""Most slots that are shown for them, where whole branches were picked: about 1,200 tokens."""

_NAMES = frozenset(
    {"paths", "path", "branches", "branch", "slots", "slot", "categories", "category", "topics", "sections", "picks"}
)
"""Names that models give to the list."""

_NONE = re.compile(
    r"\W*(?:none|nothing|no (?:slots?|branch(?:es)?|paths?)|no[ _-]?op(?:eration)?s?(?:\(\))?|n/?a|null|\[\s*\])\W*",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\s*(?:[-*\u2022]|\d{1,2}[.)])?\s*(?:(?:paths?|branches|slots?|answer)\s*[:=])?\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[,;|\uff0c\u3001\u060c]\s*|\s+and\s+", re.IGNORECASE)
_AROUND = " \t\r\n\"'`*[](){}.,:;\u201c\u201d\u2018\u2019"
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_TRUE = frozenset({"true", "yes", "1", "ja", "s\u00ed", "oui"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What a model named."""

    paths: tuple[str, ...] = ()
    """Slots, the surest first, each once; branches stand for their slots."""
    forget: bool = False
    """The user asks that something be forgotten."""
    is_readable: bool = False
    """It names slots, or says that there are none to name."""
    unreadable: tuple[UnreadableLine, ...] = ()
    """Names that the trunk does not know, or a reply that names none."""


def read_routing(raw: str, trunk: Trunk) -> Routing:
    """The slots that a reply names: JSON as it was asked for, or a list of any kind, or operations on them.

    A reply that names only what is unknown is unreadable; so is prose, which may name a slot in passing.

    Example:
        >>> from treering.schemas.trunks import load_trunk
        >>> read_routing('{"paths": ["home.city", "pets?"], "forget": false}', load_trunk("core")).paths
        ('home.city',)
    """
    body = raw[answer_start(raw) :]
    found = read_items(raw)
    if found.items:
        named, forget = _of_items(found.items, trunk)
    else:
        named, forget = (None, False) if found.is_json and "{" in body else (_of_text(body, trunk), False)
    if named is None:
        why = next((line.why for line in found.unreadable if found.is_json), "it names no slots")
        return Routing(unreadable=(_line(raw, why),))
    paths = dict.fromkeys(path for name in named for path in _slots(name, trunk))
    unknown = tuple(_line(name, "the trunk has no such slot or branch") for name in named if not _slots(name, trunk))
    too_many = (_line(raw, f"it names {len(paths)} slots; the first {MAX_SLOTS} are looked at"),)
    return Routing(
        paths=tuple(paths)[:MAX_SLOTS],
        forget=forget,
        is_readable=bool(paths) or not named,
        unreadable=(*unknown, *(too_many if len(paths) > MAX_SLOTS else ())),
    )


def _of_items(items: Sequence[Item], trunk: Trunk) -> tuple[list[str] | None, bool]:
    """The names in JSON objects, None if there is no list of them; and whether something is to be forgotten."""
    named: list[str] | None = None
    forget = False
    for item in items:
        fields = {str(key).lower(): value for key, value in item.fields.items()}
        forget = forget or str(fields.get("forget", "")).strip().lower() in _TRUE
        some = _listed(fields, trunk)
        if some is not None:
            named = [*(named or []), *some]
    return ([] if named is None and forget else named), forget


def _listed(fields: dict[str, object], trunk: Trunk) -> list[str] | None:
    lists = [value for key, value in fields.items() if key in _NAMES]
    if lists:
        return [name for value in lists for name in _names_in(value)] if all(map(_is_list, lists)) else None
    operations = fields.get("operations", fields.get("ops", ...))
    if operations in ([], None):
        return []
    # some models answer with a table of every branch and a yes or no
    return [
        key for key, value in fields.items() if _slots(key, trunk) and value not in (False, None, [], "", 0)
    ] or None


def _is_list(value: object) -> bool:
    return value is None or isinstance(value, str | list)


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _split(value) or ()
    elif isinstance(value, list):
        for entry in value:
            yield entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)


def _of_text(body: str, trunk: Trunk) -> list[str] | None:
    """The names in a reply that is no JSON object; None if it is prose."""
    body = body.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    if _NONE.fullmatch(body):
        return []
    if body.startswith("[") and body.endswith("]"):
        return [json.loads(match[0]) for match in _STRING.finditer(body)] or None
    parsed = parse_operations(body)
    if parsed.operations:
        return [operation.path for operation in parsed.operations if operation.path]
    named: list[str] = []
    for line in body.splitlines():
        some = _split(_LABEL.sub("", line, count=1))
        if any(not _slots(name, trunk) for name in some):
            return None
        named += some
    return named or None


def _split(text: str) -> list[str]:
    return [name for piece in _BETWEEN.split(text) if (name := piece.strip(_AROUND))]


def _slots(name: str, trunk: Trunk) -> tuple[str, ...]:
    """The slots that a name stands for: a slot, a branch, or the end of one slot's path; none if it is unknown."""
    wanted = name.strip(_AROUND).casefold()
    exact = tuple(path for path in trunk.by_path if path.casefold() == wanted)
    if exact:
        return exact
    below = tuple(path for path in trunk.by_path if path.casefold().startswith(f"{wanted}."))
    if below:
        return below
    ends = tuple(path for path in trunk.by_path if path.casefold().endswith(f".{wanted}"))
    return ends if len(ends) == 1 else ()


def _line(text: str, why: str) -> UnreadableLine:
    return UnreadableLine(line=1, text=text, why=why)
