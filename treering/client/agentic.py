"""The agentic mode of a memory's recall. Nothing else knows of LangGraph, which is imported when it is first chosen."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from treering.client.face import in_thread
from treering.memory.retrieval.several_steps import decide_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.graph.recall_build import AgenticRecall
    from treering.memory.asking import Question
    from treering.memory.engine import Engine
    from treering.memory.operations import Forest
    from treering.schemas.dialogue import Scope
    from treering.schemas.recall import Decision, Recall


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
        return self._recall.recall(
            question, decision, ask=partial(self._engine.recall, scope), trees=partial(self._trees, scope, question)
        )

    async def arecall(self, scope: Scope, question: Question, decision: Decision) -> Recall:
        """As `recall`, in an event loop: cancelling it ends the call of the chat model."""
        recall = await in_thread(lambda: self._recall)
        return await recall.arecall(
            question, decision, ask=partial(self._engine.recall, scope), trees=partial(self._trees, scope, question)
        )

    @cached_property
    def _recall(self) -> AgenticRecall:
        return self._build()

    def _trees(self, scope: Scope, question: Question) -> Forest:
        return self._engine.trees(scope, known_at=question.known_at)[1]
