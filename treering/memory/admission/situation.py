"""What a rule of admission looks at: the trees, the window, and the words that an operation cites. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.memory.wording.folding import Folded, fold, folded
from treering.memory.wording.prose import Line, lines
from treering.memory.wording.sentences import sentences
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

if TYPE_CHECKING:
    import re

    from treering.memory.operations import Forest
    from treering.memory.tombstones import Tombstones
    from treering.memory.wording.sentences import Span
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Draft, Ruling, Window
    from treering.schemas.policy import Policy
    from treering.schemas.trunk import Trunk

FindPersonalData = Callable[[str], tuple[str, ...]]
"""Names the kinds of personal data in a text ("phone number"), none where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What a rule says against an operation."""

    ruling: Ruling
    rule: str
    """Its name, in words with hyphens."""
    why: str
    """The reason, in one sentence, for the person and for whoever reads history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The words of one evidence, in the sentence they stand in."""

    turn: Turn
    evidence: Evidence
    line: Line | None
    """The line they begin in; none: it could not be read."""
    quote: str
    """The words, as they are judged."""
    sentence: str
    """Their sentence, as it is judged."""

    @property
    def end(self) -> int:
        """Offset behind the words in the message."""
        return self.evidence.start + len(self.evidence.quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The turns of a window, each taken apart once."""

    window: Window
    _lines: dict[str, tuple[Line, ...]] = field(default_factory=dict)
    _cited: dict[tuple[str, int, int], Cited] = field(default_factory=dict)
    _sentences: dict[tuple[str, int], tuple[Span, ...]] = field(default_factory=dict)
    _folded: dict[str, Folded] = field(default_factory=dict)
    _places: dict[tuple[str, re.Pattern[str]], tuple[int, ...]] = field(default_factory=dict)

    def lines(self, turn: Turn) -> tuple[Line, ...]:
        """The lines of a turn."""
        if turn.message_id not in self._lines:
            self._lines[turn.message_id] = lines(turn.content)
        return self._lines[turn.message_id]

    def folded(self, turn: Turn) -> Folded:
        """A turn as it is judged."""
        if turn.message_id not in self._folded:
            self._folded[turn.message_id] = folded(turn.content)
        return self._folded[turn.message_id]

    def places(self, pattern: re.Pattern[str], turn: Turn) -> tuple[int, ...]:
        """Where a pattern occurs in a turn, as offsets of the message, in order."""
        key = (turn.message_id, pattern)
        if key not in self._places:
            plain = self.folded(turn)
            hits = pattern.finditer(plain.text)
            self._places[key] = tuple(plain.original(*hit.span())[0] for hit in hits)
        return self._places[key]

    def cited(self, operation: Operation) -> tuple[Cited, ...]:
        """The evidence of an operation in its sentences; what is in no turn of the window is left out."""
        found: list[Cited] = []
        for evidence in evidence_of(operation):
            key = (evidence.message_id, evidence.start, len(evidence.quote))
            if key not in self._cited:
                turns = (turn for turn in (*self.window.turns, *self.window.context))
                turn = next((turn for turn in turns if turn.message_id == evidence.message_id), None)
                if turn is None:
                    continue
                self._cited[key] = self._read(turn, evidence)
            found.append(self._cited[key])
        return tuple(found)

    def _read(self, turn: Turn, evidence: Evidence) -> Cited:
        start, end = evidence.start, evidence.start + len(evidence.quote)
        line = next((one for one in self.lines(turn) if one.span.start <= start < one.span.end), None)
        begin, stop = self._sentence_around(turn, line, start, end) if line else (start, end)
        return Cited(
            turn=turn,
            evidence=evidence,
            line=line,
            quote=fold(evidence.quote).strip(),
            sentence=" ".join(fold(turn.content[begin:stop]).split()),
        )

    def _sentence_around(self, turn: Turn, line: Line, start: int, end: int) -> tuple[int, int]:
        key = (turn.message_id, line.span.start)
        if key not in self._sentences:
            self._sentences[key] = tuple(sentences(line.span))
        found = [one for one in self._sentences[key] if one.start < end and start < one.end]
        return (min(start, found[0].start), max(end, found[-1].end)) if found else (start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What one draft is judged in."""

    draft: Draft
    operation: Operation
    cited: tuple[Cited, ...]
    """The words that the operation rests on."""
    said: tuple[Cited, ...]
    """Those of the person: an assistant's words that the person confirmed are not theirs to be judged by."""
    trunk: Trunk
    forest: Forest
    """The trees after the drafts before this one."""
    readings: Readings
    so_far: int
    """Operations of the window that were admitted before."""
    learned_today: int
    """Claims that were learned of the person in the last 24 hours, before this window; 0 where they are few."""
    tombstones: Tombstones
    policy: Policy
    find_personal_data: FindPersonalData | None
    holds_changes: str | None
    """Why changes of this window wait together; none: they do not."""

    @property
    def window(self) -> Window:
        """The window."""
        return self.readings.window

    @property
    def claim(self) -> Claim | None:
        """The claim that would be put into the tree."""
        return self.operation.claim if isinstance(self.operation, Add | Update) else None

    @property
    def is_wish_to_forget(self) -> bool:
        """Whether a person asks to have something forgotten."""
        return isinstance(self.operation, Delete) and self.operation.reason == "forgotten"


Rule = Callable[[Situation], Objection | None]
"""Says nothing, or what speaks against the operation."""


def evidence_of(operation: Operation) -> tuple[Evidence, ...]:
    """The words that an operation rests on."""
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.evidence
        case Delete(evidence=evidence) | NoOp(evidence=evidence):
            return evidence


def reject(rule: str, why: str) -> Objection:
    """Leave it."""
    return Objection(ruling="reject", rule=rule, why=why)


def hold(rule: str, why: str) -> Objection:
    """Let it wait for a person."""
    return Objection(ruling="quarantine", rule=rule, why=why)
