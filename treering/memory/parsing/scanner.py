"""Reads operations out of whatever a model wrote around them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from treering.memory.parsing.grammar import (
    CLOSERS,
    MAX_LABEL_CHARS,
    MAX_LINES,
    NO_OP_ARGUMENTS,
    NO_OPERATION,
    NOTHING,
    NOTHING_TO_DO,
    PATH_ARGUMENT,
    PREFIX,
    QUOTES,
    REASONING,
    START,
    VALUE_NAME,
    WORDLESS,
)
from treering.memory.parsing.reasoning import answer_start
from treering.memory.parsing.values import Source, Unreadable, quoted_value, tail, unquoted_value
from treering.memory.parsing.writing import storable
from treering.memory.word_caches import word_cache
from treering.schemas.listening import TextOperation, UnreadableLine
from treering.schemas.trunk import Path

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from treering.schemas.operations import OperationKind

_PATH: Final[TypeAdapter[str]] = TypeAdapter(Path)
_KINDS: Final[dict[str, OperationKind]] = {"add": "ADD", "update": "UPDATE", "delete": "DELETE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a reply in the text grammar holds."""

    operations: tuple[TextOperation, ...] = ()
    """In the order of the text."""
    lines: tuple[int, ...] = ()
    """The line on which each operation begins, from 1."""
    unreadable: tuple[UnreadableLine, ...] = ()
    """Every other line that says something, in the order of the text."""


def parse_operations(text: str) -> Parsed:
    """Operations of a model's reply in the text grammar, and the lines that hold none.

    Tolerant of fences, numbering, bold, smart or missing quotes, line breaks and quotes inside values, names in any
    case, `path=` and `value=`, several operations on a line, and prose around them. An operation that is cut off,
    or stands in the middle of a sentence, is unreadable with the rest of its line. A line that says "no-op" counts
    as `NO_OP`. Characters that no store holds (NUL, lone surrogates) become U+FFFD.

    Example:
        >>> parsed = parse_operations('1. ADD(home.city, "Lisbon")')
        >>> parsed.operations[0].value
        'Lisbon'
        >>> parse_operations('ADD(home.city, "Lis').unreadable[0].why
        'the value does not end with a quote and a parenthesis'
    """
    scan = _Scan(source=Source(storable(text)))
    scan.run()
    return Parsed(operations=tuple(scan.operations), lines=tuple(scan.lines), unreadable=tuple(scan.unreadable))


@dataclass(slots=True)
class _Scan:
    """One pass over a text, from left to right."""

    source: Source
    operations: list[TextOperation] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    unreadable: list[UnreadableLine] = field(default_factory=list)
    _position: int = 0
    _line: int = 1
    _counted: int = 0
    _boundaries: list[int] = field(default_factory=list)

    def run(self) -> None:
        self._skip_reasoning()
        starts = list(START.finditer(self.source.text, self._position))
        self._boundaries = list(self._line_openers(starts))
        for start in starts:
            if len(self.unreadable) >= MAX_LINES:
                break
            if start.start() >= self._position:
                self._take(start)
        self._pass_over(len(self.source.text))

    def _skip_reasoning(self) -> None:
        self._position = answer_start(self.source.text)
        self._report(0, self._position, REASONING)

    def _line_openers(self, starts: list[re.Match[str]]) -> Iterator[int]:
        """Operations that open a line: a value with loose quotes stays before the next of them."""
        line_end = -1
        for start in starts:
            if start.start() > line_end:
                line_end = self.source.line_end(start.start())
                if self._is_apart(self.source.text.rfind("\n", 0, start.start()) + 1, start.start()):
                    yield start.start()

    def _is_apart(self, line_start: int, start: int) -> bool:
        if start - line_start > MAX_LABEL_CHARS:
            return False
        return PREFIX.fullmatch(self.source.text, line_start, start) is not None

    def _take(self, start: re.Match[str]) -> None:
        text = self.source.text
        line_start = max(self._position, text.rfind("\n", self._position, start.start()) + 1)
        self._pass_over(line_start)
        try:
            operation, self._position = self._read_apart(line_start, start)
        except Unreadable as error:
            # The rest of the line goes with it: what looks like an operation there may be quoted text of its value.
            self._report(line_start, self.source.line_end(start.end()), str(error))
            self._position = self.source.line_end(start.end())
        else:
            self._keep(operation, start.start())

    def _read_apart(self, line_start: int, start: re.Match[str]) -> tuple[TextOperation, int]:
        if not self._is_apart(line_start, start.start()):
            raise Unreadable("an operation inside a sentence; put it on a line of its own")
        return self._read(start)

    def _read(self, start: re.Match[str]) -> tuple[TextOperation, int]:
        kind = _KINDS.get(start["name"].lower())
        if kind is None:
            return self._read_no_op(start.end())
        path, after, end = self._read_path(start.end())
        if after in CLOSERS:
            return _operation(kind, path, None), self._sure(end)
        named = VALUE_NAME.match(self.source.text, end)
        begin = named.end() if named else end
        nothing = NOTHING.match(self.source.text, begin)
        if nothing is not None:
            return _operation(kind, path, None), self._sure(nothing.end())
        value, end = self._read_value(begin)
        return _operation(kind, path, value), end

    def _read_no_op(self, begin: int) -> tuple[TextOperation, int]:
        match = NO_OP_ARGUMENTS.match(self.source.text, begin)
        if match is None:
            raise Unreadable("no parenthesis closes it")
        return TextOperation(kind="NO_OP"), self._sure(match.end())

    def _read_path(self, begin: int) -> tuple[str, str, int]:
        match = PATH_ARGUMENT.match(self.source.text, begin)
        if match is None:
            raise Unreadable("it does not begin with a path and a comma")
        if not _is_path(match["path"]):
            raise Unreadable(f"{match['path'][:MAX_LABEL_CHARS]!r} is no path")
        return match["path"], match["after"], match.end()

    def _read_value(self, begin: int) -> tuple[str, int]:
        if self.source.text[begin : begin + 1] in tuple(QUOTES):
            return quoted_value(self.source, begin, self._limit(begin))
        return unquoted_value(self.source, begin)

    def _limit(self, begin: int) -> int:
        index = bisect_right(self._boundaries, begin)
        return self._boundaries[index] if index < len(self._boundaries) else len(self.source.text)

    def _sure(self, end: int) -> int:
        if tail(self.source.text, end) == "sentence":
            raise Unreadable("it is part of a sentence; put it on a line of its own")
        return end

    def _pass_over(self, end: int) -> None:
        """Everything up to `end` is no operation with arguments."""
        if end > self._position and not self.source.text[self._position : end].isspace():
            self._report(self._position, end, NO_OPERATION)
        self._position = max(end, self._position)

    def _report(self, begin: int, end: int, why: str) -> None:
        rest = self.source.text[begin:end]
        for piece in [rest] if len(self.unreadable) >= MAX_LINES else rest.split("\n", MAX_LINES):
            if why == NO_OPERATION and NOTHING_TO_DO.fullmatch(piece):
                self._keep(TextOperation(kind="NO_OP"), begin)
            elif not WORDLESS.fullmatch(piece):
                self.unreadable.append(UnreadableLine(line=self._line_of(begin), text=piece.rstrip("\r"), why=why))
            begin += len(piece) + 1

    def _keep(self, operation: TextOperation, place: int) -> None:
        self.operations.append(operation)
        self.lines.append(self._line_of(place))

    def _line_of(self, place: int) -> int:
        """Line number, from 1; places are asked for in rising order."""
        self._line += self.source.text.count("\n", self._counted, place)
        self._counted = max(self._counted, place)
        return self._line


@word_cache(maxsize=1024)
def _is_path(text: str) -> bool:
    try:
        _PATH.validate_python(text)
    except ValidationError:
        return False
    return True


def _operation(kind: OperationKind, path: str, value: str | None) -> TextOperation:
    if value is not None and not value.strip():
        value = None
    if value is None and kind != "DELETE":
        raise Unreadable(f"{kind} has no value")
    return TextOperation(kind=kind, path=path, value=value)
