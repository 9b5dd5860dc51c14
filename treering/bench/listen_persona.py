"""`treering bench listen --suite personamem`: who was taken at their word, and what stands there side by side."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import combinations, groupby
from typing import TYPE_CHECKING

import numpy as np
import yaml

from treering.bench.listen_judge import contradict
from treering.bench.listen_opposites import CORPORA
from treering.bench.listen_replay import Cost, Ear
from treering.bench.results import Results, manifest
from treering.schemas.operations import Add, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from treering.bench.replaying import History
    from treering.memory.ports import Embedder
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Message
    from treering.schemas.operations import LedgerEntry
    from treering.schemas.views import TreeView

CLOSE = (0.6, 0.7)
"""Cosine of two claims of one slot from which they count as close; the first is the one that the bar is about."""

_ASSENT = re.compile(
    r"\W*(?:yes|yeah|yep|yup|right|exactly|correct|true|indeed|absolutely|definitely|of course|certainly|precisely|"
    r"sure|that's (?:right|true|correct|it|me)|you're right|spot on|i do|i am|i did|i have)\b",
    re.IGNORECASE,
)
"""How a turn begins that confirms what was said just before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two current claims of one slot that are close."""

    history: str
    path: str
    one: str
    other: str
    closeness: float
    """Cosine of their vectors."""
    contradicts: bool
    """What the judge says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A claim with evidence in a turn that is not the person's."""

    history: str
    role: str
    text: str
    quote: str
    is_confirmed: bool
    """Whether the person's next turn assents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a listener kept of all histories."""

    histories: int
    operations: Mapping[str, int]
    """By kind."""
    current: int
    """Claims that are current at the end, of all subjects."""
    foreign: tuple[Foreign, ...]
    pairs: tuple[Pair, ...]
    cost: Cost

    def numbers(self) -> dict[str, float]:
        """As they are printed."""
        taken = [one for one in self.foreign if not one.is_confirmed]
        found: dict[str, float] = {
            "from_system": sum(one.role == "system" for one in self.foreign),
            "from_assistant": sum(one.role == "assistant" for one in taken),
            "from_assistant_confirmed": len(self.foreign) - len(taken),
        }
        for bound in CLOSE:
            close = [pair for pair in self.pairs if pair.closeness >= bound]
            wrong = sum(pair.contradicts for pair in close)
            found |= {
                f"close_pairs@{bound}": len(close),
                f"contradicting@{bound}": wrong,
                f"contradicting_rate@{bound}": round(wrong / len(close), 4) if close else 0.0,
            }
        found |= {"claims": self.current, **{kind.lower(): count for kind, count in self.operations.items()}}
        return found | self.cost.numbers()


def keep(histories: Sequence[History], listener: str, embedder: Embedder, progress: Callable[[int], None]) -> Kept:
    """Let a listener hear all histories, and look at what it kept.

    Args:
        histories: Each is a person of its own.
        listener: `local` or `model`.
        embedder: Embeds for the memory, and tells which claims are close.
        progress: Told how many turns more are done.

    Raises:
        InvalidInput: There is no such listener, or no chat model is named for it.
    """
    operations: Counter[str] = Counter(dict.fromkeys(("ADD", "UPDATE", "DELETE", "NO_OP"), 0))
    foreign: list[Foreign] = []
    pairs: list[Pair] = []
    current = 0
    with Ear(listener, embedder=embedder) as ear:
        for history in histories:
            for session, group in groupby(history.turns, key=lambda turn: turn.session):
                messages = [turn.message for turn in group]
                ear.take_in(history.id, session, messages, messages[-1].at or ear.clock.moment)
                progress(len(messages))
            ledger = ear.memory.history(history.id)
            operations.update(entry.operation.kind for entry in ledger)
            foreign += foreign_claims(history, ledger)
            view = ear.memory.tree(history.id)
            current += len(view.claims)
            pairs += _pairs(history.id, view, embedder)
        return Kept(
            histories=len(histories),
            operations=operations,
            current=current,
            foreign=tuple(foreign),
            pairs=tuple(pairs),
            cost=ear.cost,
        )


def foreign_claims(history: History, ledger: Iterable[LedgerEntry]) -> Iterator[Foreign]:
    """Claims, other than those about the assistant itself, that rest on words of the assistant or the system."""
    messages = [turn.message for turn in history.turns]
    places = {message.id: place for place, message in enumerate(messages)}
    for entry in ledger:
        operation = entry.operation
        if isinstance(operation, Add | Update) and not operation.claim.subject.startswith("agent:"):
            yield from _foreign(history.id, operation.claim, messages, places)


def _foreign(
    history: str, claim: Claim, messages: Sequence[Message], places: Mapping[str | None, int]
) -> Iterator[Foreign]:
    for one in claim.evidence:
        place = places[one.message_id]
        role = messages[place].role
        if role != "user":
            after = next((message for message in messages[place + 1 :] if message.role == "user"), None)
            assents = role == "assistant" and after is not None and _ASSENT.match(after.content) is not None
            yield Foreign(history=history, role=role, text=claim.text, quote=one.quote, is_confirmed=assents)


def _pairs(history: str, view: TreeView, embedder: Embedder) -> Iterator[Pair]:
    for slot in view.slots:
        texts = [claim.text for claim in slot.claims]
        if len(texts) < 2:  # noqa: PLR2004 - a pair
            continue
        vectors = embedder.embed(texts)
        likeness = vectors @ vectors.T
        for one, other in combinations(range(len(texts)), 2):
            closeness = float(np.clip(likeness[one, other], -1, 1))
            if closeness >= min(CLOSE):
                yield Pair(
                    history=history,
                    path=slot.path,
                    one=texts[one],
                    other=texts[other],
                    closeness=closeness,
                    contradicts=contradict(texts[one], texts[other]),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How the judge does on pairs that were labelled by hand."""

    pairs: int
    right: int
    unseen: tuple[tuple[str, str], ...]
    """Contradictions that it does not see."""
    imagined: tuple[tuple[str, str], ...]
    """Contradictions that are none."""

    def numbers(self) -> dict[str, float]:
        """As they are printed."""
        return {
            "pairs": self.pairs,
            "agreement": round(self.right / self.pairs, 4),
            "unseen": len(self.unseen),
            "imagined": len(self.imagined),
        }


@cache
def judge_agreement() -> Agreement:
    """The judge on the labelled pairs that are shipped."""
    labelled = yaml.safe_load(resources.files(CORPORA).joinpath("contradictions.yaml").read_text("utf-8"))
    clashing = [(str(one), str(other)) for one, other in labelled["contradict"]]
    agreeing = [(str(one), str(other)) for one, other in labelled["compatible"]]
    unseen = tuple(pair for pair in clashing if not contradict(*pair))
    imagined = tuple(pair for pair in agreeing if contradict(*pair))
    count = len(clashing) + len(agreeing)
    return Agreement(pairs=count, right=count - len(unseen) - len(imagined), unseen=unseen, imagined=imagined)


def results(kept: Kept, listener: str, embedder: str) -> Results:
    """The numbers as they are written to a file."""
    systems = {listener: kept.numbers(), "judge": judge_agreement().numbers()}
    about: dict[str, str | int | float] = {
        "listener": listener,
        "histories": kept.histories,
        "turns": kept.cost.turns,
        "close": CLOSE[0],
        "embedder": embedder,
    }
    return Results(bench="listen", suite="personamem", systems=systems, manifest=manifest(about))
