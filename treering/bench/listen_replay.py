"""Lets a memory hear conversations through its real write path, and reads its claims with their evidence."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Self

from treering.bench.listen_claims import HeardClaim
from treering.bench.listen_metered import Meter, metered_listener
from treering.bench.samples import SaidTurn
from treering.bench.systems.treering import BenchClock
from treering.client.memory import Memory
from treering.errors import InvalidInput
from treering.memory.consolidating import AUTHOR as CONSOLIDATION
from treering.schemas.claims import FORGOTTEN
from treering.schemas.dialogue import Message
from treering.schemas.operations import Add, NoOp, Update
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from treering.bench.samples import Conversation
    from treering.memory.ports import Embedder
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Scope
    from treering.schemas.listening import Heard, Verdict
    from treering.schemas.operations import LedgerEntry

LISTENERS = ("local", "model")
"""Who may listen."""


@dataclass(slots=True)
class Cost:
    """What listening took; grows while it goes on."""

    turns: int = 0
    """Of everybody."""
    listening_s: float = 0.0
    """From the beginning of a `flush` to the commit of its last window: listening, admission, writing."""
    listening_cpu_s: float = 0.0
    """The same in seconds of processors, all threads together: other work on the machine does not change it much."""
    seconds: float = 0.0
    """All in all: `remember`, and the whole of `flush` with its indexing and summaries."""
    failed: tuple[str, ...] = ()
    """Why windows were put aside, or work failed."""
    meter: Meter = field(default_factory=Meter)
    """What a model was asked."""

    @property
    def turns_per_s(self) -> float:
        """Turns listened to in a second."""
        return self.turns / self.listening_s if self.listening_s else 0.0

    @property
    def whole_turns_per_s(self) -> float:
        """Turns in a second with everything that is done for them."""
        return self.turns / self.seconds if self.seconds else 0.0

    def numbers(self) -> dict[str, float]:
        """As they are printed."""
        return {
            "turns_per_s": round(self.turns_per_s, 1),
            "turns_per_cpu_s": round(self.turns / self.listening_cpu_s, 1) if self.listening_cpu_s else 0.0,
            "whole_turns_per_s": round(self.whole_turns_per_s, 1),
            "failed": len(self.failed),
            **self.meter.numbers(),
        }


class Ear:
    """An embedded memory in a folder of its own, with a listener of the user's choice.

    Example:
        >>> with Ear("local", embedder=None) as ear:
        ...     ear.memory.tree("nobody").claims
        ()
    """

    def __init__(self, listener: str, *, embedder: Embedder | None) -> None:
        """Args: one of `LISTENERS`, and an embedder (None: that of the settings).

        Raises:
            InvalidInput: There is no such listener, or no chat model is named for it.
        """
        settings = listener_settings(listener, os.environ)
        self._folder = TemporaryDirectory(prefix="treering-bench-")
        self.clock = BenchClock()
        self.cost = Cost()
        is_asking = settings.model is not None
        self.memory = Memory(
            # a chat model is asked by the listener only: summaries are not measured, and need not be paid for
            settings=settings.model_copy(update={"home": Path(self._folder.name), "model": None}),
            embedder=embedder,
            listener=metered_listener(settings, embedder, self.cost.meter) if is_asking else None,
            clock=self.clock,
            observe=self._observe,
            background=False,
        )
        self._mark = self._cpu_mark = 0.0
        self._verdicts: list[Verdict] = []

    def hear(self, conversation: Conversation, progress: Callable[[int], None]) -> list[LedgerEntry]:
        """Remember and listen to a conversation session by session; the ledger afterwards.

        Args:
            conversation: What was said; its id becomes the person.
            progress: Told how many turns more are done.
        """
        person = conversation.id
        turns = [step for step in conversation.steps if isinstance(step, SaidTurn)]
        for session, group in groupby(turns, key=lambda turn: turn.session):
            some = list(group)
            said = [
                Message(role=turn.role, content=turn.text, id=turn.id, at=turn.at, speaker=turn.speaker)
                for turn in some
            ]
            self.take_in(person, session, said, some[-1].at)
            progress(len(some))
        return self.memory.history(person)

    def take_in(self, person: str, session: str, messages: Sequence[Message], at: datetime) -> Sequence[Verdict]:
        """Remember and listen to one whole session; what admission ruled on it.

        Args:
            person: Whose memory it is.
            session: Its name.
            messages: All of it, in order.
            at: What the clock shows meanwhile.
        """
        self.clock.moment = at
        self._verdicts.clear()
        began = perf_counter()
        self.memory.remember(person, messages, session=session)
        self.memory.end_session(person, session)
        self._mark, self._cpu_mark = perf_counter(), process_time()
        self.memory.flush(person)
        self.cost.seconds += perf_counter() - began
        self.cost.turns += len(messages)
        self.cost.failed = tuple(job.error for job in self.memory.jobs() if job.error)
        return tuple(self._verdicts)

    def _observe(self, _: Scope, heard: Heard) -> None:
        self._verdicts += heard.verdicts
        now, cpu_now = perf_counter(), process_time()
        self.cost.listening_s += now - self._mark
        self.cost.listening_cpu_s += cpu_now - self._cpu_mark
        self._mark, self._cpu_mark = now, cpu_now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.memory.close()
        self._folder.cleanup()


def listener_settings(listener: str, environment: Mapping[str, str]) -> Settings:
    """The settings of the environment, for a plain store in `home`, with the listener that was asked for.

    Raises:
        InvalidInput: There is no such listener, or no chat model is named for it.
    """
    if listener not in LISTENERS:
        raise InvalidInput("--listener", f"{listener!r} is none; known are {', '.join(LISTENERS)}")
    settings = Settings.read(environment)
    if listener == "model" and settings.model is None:
        raise InvalidInput("--listener", "model needs a chat model; name one in TREERING_MODEL as provider:model")
    changes: dict[str, object] = {"database_url": None, "master_key": None, "master_key_file": None}
    return settings.model_copy(update=changes if listener == "model" else changes | {"model": None})


def claims_of(ledger: Iterable[LedgerEntry], conversation: Conversation) -> list[HeardClaim]:
    """Every claim that was committed, once for each session that it has evidence in.

    Words that only say a known claim again are evidence too. What was forgotten has no words left, and is no claim.
    What consolidation makes of claims later is left out: it would count their evidence a second time.
    """
    sessions = {step.id: step.session for step in conversation.steps if isinstance(step, SaidTurn)}
    known: dict[str, Claim] = {}
    quotes: dict[tuple[str, str], list[str]] = defaultdict(list)

    def note(claim: str, evidence: Sequence[Evidence]) -> None:
        for one in evidence:
            quotes[claim, sessions[one.message_id]].append(one.quote)

    for entry in ledger:
        operation = entry.operation if entry.author != CONSOLIDATION else None
        match operation:
            case Add() | Update():
                known[operation.claim.id] = operation.claim
                note(operation.claim.id, operation.claim.evidence)
            case NoOp(target=str(target)):
                note(target, operation.evidence)
    return [
        HeardClaim(session=session, text=known[claim].text, quotes=tuple(some), path=known[claim].path)
        for (claim, session), some in quotes.items()
        if claim in known and known[claim].text != FORGOTTEN
    ]
