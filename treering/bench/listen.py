"""`treering bench listen --suite perma`: is what a listener keeps worth keeping, and right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.gold.perma import read_perma_gold
from treering.bench.listen_claims import BASELINES
from treering.bench.listen_replay import Ear, claims_of
from treering.bench.listen_score import score
from treering.bench.results import Results, manifest
from treering.bench.suites.perma import read_perma

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from treering.bench.gold.perma import Triples
    from treering.bench.listen_replay import Cost
    from treering.bench.listen_score import Score
    from treering.bench.samples import Conversation
    from treering.memory.ports import Embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """The dialogs of PERMA, clean or noisy, with their triples."""

    is_noisy: bool
    conversations: tuple[Conversation, ...]
    key: Triples

    @property
    def turns(self) -> int:
        """How many there are."""
        return sum(len(one.steps) for one in self.conversations)


def read_talks(data: Path, people: Sequence[str] | None, *, noisy: bool) -> Talks:
    """The dialogs of some people, or of all.

    Raises:
        InvalidInput: A person or file is missing, cannot be read, or has another shape.
    """
    return Talks(
        is_noisy=noisy,
        conversations=tuple(read_perma(data, people, noisy=noisy)),
        key=read_perma_gold(data, people, noisy=noisy),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """A listener's score beside those of the baselines, on the same dialogs."""

    talks: Talks
    listener: str
    scores: Mapping[str, Score]
    """By system: the listener first."""
    cost: Cost

    @property
    def score(self) -> Score:
        """The listener's."""
        return self.scores[self.listener]

    @property
    def above(self) -> float:
        """Its F1 by that of the better baseline."""
        best = max(self.scores[name].f1 for name in BASELINES)
        return self.score.f1 / best if best else 0.0


def listen(talks: Talks, listener: str, embedder: Embedder | None, progress: Callable[[int], None]) -> Listened:
    """Let a listener hear all dialogs, and score it and the baselines.

    Args:
        talks: What is said.
        listener: `local` or `model`.
        embedder: For the memory; None: that of the settings.
        progress: Told how many turns more are done.

    Raises:
        InvalidInput: There is no such listener, or no chat model is named for it.
    """
    with Ear(listener, embedder=embedder) as ear:
        heard = {one.id: claims_of(ear.hear(one, progress), one) for one in talks.conversations}
    scores = {listener: score(talks.conversations, talks.key, heard)}
    for name, baseline in BASELINES.items():
        claims = {one.id: baseline(one) for one in talks.conversations}
        scores[name] = score(talks.conversations, talks.key, claims)
    return Listened(talks=talks, listener=listener, scores=scores, cost=ear.cost)


def results(runs: Sequence[Listened]) -> Results:
    """The numbers as they are written to a file: those of the first run, and the fall of F1 to the noisy one."""
    [first, *others] = runs
    systems = {name: one.numbers() for name, one in first.scores.items()}
    ours = systems[first.listener]
    ours |= {"f1_ratio": round(first.above, 3), **first.cost.numbers()}
    for other in others:
        for name, one in other.scores.items():
            systems[name] |= {f"{metric}_noisy": value for metric, value in one.numbers().items()}
        ours["f1_fall"] = round(fall(first, other), 4)
    about: dict[str, str | int | float] = {
        "listener": first.listener,
        "dialogs": "noisy" if first.talks.is_noisy else "clean",
        "people": ",".join(one.id for one in first.talks.conversations),
        "triples": first.score.triples,
        "reachable": first.score.reachable,
        "sessions": first.score.dialogs,
        "turns": first.cost.turns,
    }
    return Results(bench="listen", suite="perma", systems=systems, manifest=manifest(about))


def fall(clean: Listened, noisy: Listened) -> float:
    """By what share F1 falls from the clean dialogs to the noisy ones; negative if it rises."""
    return 1 - noisy.score.f1 / clean.score.f1 if clean.score.f1 else 0.0
