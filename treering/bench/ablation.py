"""What each list of the ranking is worth: Treering on the same questions, with one list taken out at a time."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

from treering.bench.asking import Answers, ask
from treering.bench.recall import MAIN, with_error
from treering.bench.score import by_category, difference, mark, mean
from treering.bench.systems.treering import TreeringSystem
from treering.composition import Choices, compose
from treering.memory.asking import Question as Asked
from treering.memory.retrieval.rank import Weights
from treering.schemas.dialogue import Scope
from treering.schemas.recall import ListName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.bench.recall import Suite
    from treering.bench.samples import Question
    from treering.bench.score import Marks
    from treering.memory.engine import Engine
    from treering.memory.ports import Embedder

SURROUNDINGS: tuple[ListName, ...] = ("dense_context", "sparse_context")
"""Two lists that stand in for each other, so they are taken out together, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """Marks with all lists, and without each."""

    whole: tuple[Marks, ...]
    without: Mapping[str, tuple[Marks, ...]]

    def numbers(self) -> dict[str, dict[str, float]]:
        """Per list: what is left of recall@10, and what is lost, as a whole and by category of questions."""
        return {f"without {name}": self._row(marks) for name, marks in self.without.items()}

    def _row(self, marks: Sequence[Marks]) -> dict[str, float]:
        row = with_error(MAIN, mean(marks, MAIN))
        row |= with_error(f"{MAIN}_lost", difference(self.whole, marks, MAIN))
        of_category = by_category(marks)
        for category, whole in by_category(self.whole).items():
            row |= with_error(f"{MAIN}_lost:{category}", difference(whole, of_category[category], MAIN))
        return {name: round(value, 4) for name, value in row.items()}


def ablate(suite: Suite, embedder: Callable[[], Embedder], progress: Callable[[int], None]) -> Ablation:
    """Ask Treering every question of a suite with all lists, and without each that counts for turns.

    Args:
        suite: What is asked.
        embedder: Makes the embedder.
        progress: Told how many steps more are done.
    """
    variants = {name: Weights().without(*lists) for name, lists in lists_in_use().items()}
    system = _Variants(embedder(), variants)
    try:
        answers = ask(system, suite.conversations, progress)
    finally:
        system.close()
    without = {
        name: tuple(
            replace(one, ranking=system.rankings[name, one.conversation, one.question]) for one in answers.answers
        )
        for name in variants
    }
    return Ablation(
        whole=tuple(mark(answers, suite.key)),
        without={
            name: tuple(mark(Answers(answers=found, turns=0, ingest_seconds=(), flush_seconds=()), suite.key))
            for name, found in without.items()
        },
    )


def lists_in_use() -> dict[str, tuple[ListName, ...]]:
    """What is taken out at a time, by name: each list that counts for turns, as they are declared."""
    weights = Weights().turns
    found: dict[str, tuple[ListName, ...]] = {
        name: (name,) for name in get_args(ListName) if weights.get(name) and name != "reranker"
    }
    return found | {"surroundings": SURROUNDINGS}


class _Variants(TreeringSystem):
    """One store, and an engine on it for each set of weights."""

    def __init__(self, embedder: Embedder, variants: Mapping[str, Weights]) -> None:
        super().__init__(embedder)
        self.rankings: dict[tuple[str, str, str], tuple[str, ...]] = {}
        """By variant, person and question."""
        self._stack = ExitStack()
        self._engines: dict[str, Engine] = {}
        for name, weights in variants.items():
            choices = Choices(embedder=embedder, clock=self._clock, weights=weights)
            self._engines[name] = compose(self._memory.settings, choices, lambda *_: None)
            self._stack.callback(self._engines[name].store.close)

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """With all lists; what the others find is kept aside."""
        found = super().search(question, limit)
        scope, asked = Scope(user=self._person), Asked(text=question.text, mode="hybrid")
        for name, engine in self._engines.items():
            hits = engine.search(scope, asked, limit)
            self.rankings[name, self._person, question.id] = tuple(hit.message_id for hit in hits)
        return found

    def close(self) -> None:
        """Release every engine, and remove the store."""
        self._stack.close()
        super().close()
