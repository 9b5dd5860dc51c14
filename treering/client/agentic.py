"""The agentic mode of a memory's recall. Nothing else knows of LangGraph, which is imported when it is first chosen."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from time import perf_counter
from typing import TYPE_CHECKING

from treering.client.face import in_thread
from treering.memory.retrieval.several_steps import decide_steps
from treering.telemetry.happenings import Recalled
from treering.telemetry.tracing import span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from treering.graph.recall_build import AgenticRecall
    from treering.memory.asking import Question
    from treering.memory.engine import Engine
    from treering.memory.operations import Forest
    from treering.schemas.dialogue import Scope
    from treering.schemas.recall import Decision, Recall
    from treering.telemetry.happenings import Happening


@dataclass(slots=True)
class _Told:
    """What came of a recall, once it is there."""

    recall: Recall | None = None


class Agentic:
    """Several searches for one question.

    Args:
        engine: Makes each single search.
        build: Makes the graph, with the chat model if there is one.
        has_model: Whether there is one.
    """

    def __init__(self, engine: Engine, build: Callable[[], AgenticRecall], *, has_model: bool) -> None:
        self._engine = engine
        self._build = build
        self._has_model = has_model

    def decision(self, question: Question) -> Decision | None:
        """The decision for several searches, made on the question alone; none: one is enough."""
        return decide_steps(question.read_part, question.mode, has_model=self._has_model)

    def recall(self, scope: Scope, question: Question, decision: Decision) -> Recall:
        """The context for a question."""
        with self._told() as told:
            told.recall = self._recall.recall(
                question, decision, ask=self._part(scope), trees=partial(self._trees, scope, question)
            )
            return told.recall

    async def arecall(self, scope: Scope, question: Question, decision: Decision) -> Recall:
        """As `recall`, in an event loop: cancelling it ends the call of the chat model."""
        recall = await in_thread(lambda: self._recall)
        with self._told() as told:
            told.recall = await recall.arecall(
                question, decision, ask=self._part(scope), trees=partial(self._trees, scope, question)
            )
            return told.recall

    def _part(self, scope: Scope) -> Callable[[Question], Recall]:
        """What makes each single search, which is told as a part of the whole."""
        happenings = self._engine.happenings
        if not happenings.is_heard:
            return partial(self._engine.recall, scope)

        def tell(happened: Happening) -> None:
            happenings.tell(replace(happened, mode="part") if isinstance(happened, Recalled) else happened)

        return partial(self._engine.recall, scope, tell=tell)

    @contextmanager
    def _told(self) -> Iterator[_Told]:
        """A span around the block, and what came of it told."""
        began, told = perf_counter(), _Told()
        with span("recall", mode="agentic"), self._engine.happenings.watching("recall"):
            yield told
        if told.recall is not None and self._engine.happenings.is_heard:
            self._engine.happenings.tell(
                Recalled(
                    mode="agentic",
                    seconds=perf_counter() - began,
                    stages={},
                    lines=Counter(line.kind for line in told.recall.lines),
                    tokens=told.recall.tokens,
                    found_by={},
                    is_degraded=bool(told.recall.degraded),
                )
            )

    @cached_property
    def _recall(self) -> AgenticRecall:
        return self._build()

    def _trees(self, scope: Scope, question: Question) -> Forest:
        return self._engine.known(scope, known_at=question.known_at).sayable
