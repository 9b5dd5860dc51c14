"""Treering itself: an embedded memory in a folder of its own, asked through the SDK like by any application."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from treering.bench.systems.port import CONTEXT_TOKENS, Change, Context, HeldClaim, Stats, folder_bytes
from treering.client.memory import Memory
from treering.schemas.claims import SELF
from treering.schemas.dialogue import Message
from treering.schemas.listening import Proposal
from treering.schemas.operations import Delete, NoOp
from treering.telemetry.happenings import ModelAsked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder
    from treering.memory.tree import PersonaTree
    from treering.schemas.listening import Reply, Window
    from treering.schemas.operations import LedgerEntry
    from treering.schemas.recall import Mode, Recall
    from treering.telemetry.happenings import Happening

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class TreeringSystem:
    """A memory with its model-free listener, or with one that hears nothing.

    What the data calls a speaker is the `speaker` of a message; its role, id, session and time are the message's own.
    """

    def __init__(self, embedder: Embedder, *, mode: Mode = "hybrid", listens: bool = True) -> None:
        self._embedder = embedder
        self._mode: Mode = mode
        self._listens = listens
        self._folder = TemporaryDirectory(prefix="treering-bench-")
        self._clock = BenchClock()
        self._memory = Memory(
            self._folder.name,
            embedder=embedder,
            listener=None if listens else DeafListener(),
            clock=self._clock,
            background=False,
        )
        if self._memory.settings.model:  # else recall would be timed with somebody who listens to nothing
            self._memory.happenings.hear(self._count)
        self._memory.warm_up()
        self.reset("")

    @property
    def mode(self) -> str:
        """The mode of recall, and whether anybody listens."""
        return self._mode if self._listens else f"{self._mode}, no listener"

    @property
    def embedder(self) -> str:
        """The fingerprint of the embedder."""
        return self._embedder.fingerprint

    def reset(self, person: str) -> None:
        """Begin with another person, in the same store."""
        self._person = person
        self._asked: list[ModelAsked] = []

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Remember a session's turns in one call."""
        self._clock.moment = turns[-1].at
        said = [
            Message(role=turn.role, content=turn.text, id=turn.id, at=turn.at, speaker=turn.speaker) for turn in turns
        ]
        self._memory.remember(self._person, said, session=turns[0].session)

    def flush(self, *, is_over: bool) -> None:
        """Listen and index until nothing waits."""
        if is_over:
            self._memory.end_session(self._person)
        self._memory.flush(self._person)

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """The turns that a search finds; in modes without one, those behind the lines of a recall, the best first."""
        if self._mode == "hybrid":
            self._clock.moment = question.at
            return tuple(hit.message_id for hit in self._memory.search(self._person, question.text, limit=limit))
        return _best_first(self._recalled(question))[:limit]

    def recall(self, question: Question) -> Context:
        """The context of a recall, and the turns that its lines rest on."""
        recalled = self._recalled(question)
        order = _best_first(recalled)
        return Context(tokens=recalled.tokens, turns=frozenset(order), text=recalled.context, order=order)

    def stats(self) -> Stats:
        """What its folder takes, and what the ledger and the tree of the person say."""
        disk_bytes = folder_bytes(Path(self._folder.name))
        if not self._person:
            return Stats(disk_bytes=disk_bytes)
        held = self._memory.tree(self._person).claims
        return Stats(
            disk_bytes=disk_bytes,
            model_calls=len(self._asked),
            input_tokens=sum(one.tokens_in for one in self._asked),
            output_tokens=sum(one.tokens_out for one in self._asked),
            changes=tuple(_changes(self._memory.history(self._person))),
            held=tuple(HeldClaim(path=claim.path, says=claim.text) for claim in held),
        )

    def close(self) -> None:
        """Remove the store."""
        self._memory.close()
        self._folder.cleanup()

    def _count(self, happened: Happening) -> None:
        """Keep what was asked of a chat model, whether it answered or not; what waits for its turn was not asked."""
        if isinstance(happened, ModelAsked) and happened.outcome != "deferred":
            self._asked.append(happened)

    def _recalled(self, question: Question) -> Recall:
        self._clock.moment = question.at
        return self._memory.recall(self._person, question.text, mode=self._mode, budget_tokens=CONTEXT_TOKENS)


def _changes(ledger: Iterable[LedgerEntry]) -> Iterator[Change]:
    """What was done to the claims about the person; what is said once more changes nothing."""
    said: dict[str, str] = {}
    for entry in ledger:
        operation = entry.operation
        if isinstance(operation, NoOp):
            continue
        if isinstance(operation, Delete):
            subject, path, evidence, says = (
                operation.subject,
                operation.path,
                operation.evidence,
                said[operation.target],
            )
        else:
            claim = operation.claim
            subject, path, evidence, says = claim.subject, claim.path, claim.evidence, claim.text
            said[claim.id] = claim.text
        if subject == SELF:
            turns = tuple(sorted({one.message_id for one in evidence}))
            yield Change(kind=operation.kind, path=path, says=says, turns=turns)


def _best_first(recalled: Recall) -> tuple[str, ...]:
    """The turns behind the lines of a recall, those of the best line first."""
    lines = sorted(recalled.lines, key=lambda line: -line.score)
    return tuple(dict.fromkeys(message for line in lines for message in line.message_ids))


class DeafListener:
    """Hears nothing: turns are stored and indexed, and the tree stays empty.

    Args:
        window_turns: How many turns it does not hear at once.
    """

    name = "deaf/1"
    context_turns = 0

    def __init__(self, window_turns: int = 1) -> None:
        self.window_turns = window_turns

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """None: nobody is asked."""
        del window, trees
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """Nothing."""
        del window, trees, reply
        return Proposal()


class BenchClock:
    """Shows the time of what is happening in the data."""

    def __init__(self) -> None:
        self.moment = _LONG_AGO

    def now(self) -> datetime:
        """The moment at hand."""
        return self.moment
