"""YAML text as plain nodes with line numbers; what a trunk does not need (aliases, tags, documents) is refused.

PyYAML's own loaders do not serve: a dict keeps the last of two equal keys in silence, a slot named `no` would become
`False`, line numbers are lost, and the C loader crashes the process on brackets nested ten thousand deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml import events as ev

from treering.own_yaml import LOADER

MAX_DEPTH = 100
"""Deepest nesting of the text; two levels a branch, so four times what the longest path can need."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A text as it was written; None for nothing or `null`."""

    line: int
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A YAML sequence."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A YAML mapping in the order of the file; equal keys are all there."""

    line: int
    pairs: tuple[tuple[Node, Node], ...]


Node = Scalar | Listing | Pairs


class BadYaml(ValueError):
    """The text is not YAML, or uses what a trunk does not need."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def parse(text: str) -> Node:
    """The one document in `text`.

    Raises:
        BadYaml: There is no document, or one that cannot be read.
    """
    try:
        return _document(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadYaml(line, f"is not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadYaml(1, f"is not valid YAML: {' '.join(str(error).split())}") from error


def _document(events: Iterator[ev.Event]) -> Node:
    for event in events:
        if isinstance(event, ev.StreamEndEvent):
            break
        if not isinstance(event, ev.StreamStartEvent | ev.DocumentStartEvent):
            root = _node(event, events, 1)
            next(events)  # the end of the document
            after = next(events)
            if not isinstance(after, ev.StreamEndEvent):
                raise BadYaml(_line(after), "a second document begins here; keep one trunk a file")
            return root
    raise BadYaml(1, "is empty")


def _node(event: ev.Event, events: Iterator[ev.Event], depth: int) -> Node:
    line = _line(event)
    if depth > MAX_DEPTH:
        raise BadYaml(line, f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(event, ev.AliasEvent) or getattr(event, "anchor", None):
        raise BadYaml(line, "anchors and aliases (& and *) are not read; write it out, or put the text in quotes")
    if isinstance(event, ev.ScalarEvent):
        plain, quoted = event.implicit
        if not plain and not quoted:
            raise BadYaml(line, f"the tag {event.tag} is not read; take it out, or put the text in quotes")
        return Scalar(line=line, text=None if plain and event.value in _NULLS else event.value)
    if isinstance(event, ev.SequenceStartEvent):
        return Listing(line=line, items=tuple(_until(ev.SequenceEndEvent, events, depth)))
    inner = _until(ev.MappingEndEvent, events, depth)
    return Pairs(line=line, pairs=tuple((key, next(inner)) for key in inner))


def _until(end: type[ev.Event], events: Iterator[ev.Event], depth: int) -> Iterator[Node]:
    for event in events:
        if isinstance(event, end):
            return
        yield _node(event, events, depth + 1)


def _line(event: ev.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
