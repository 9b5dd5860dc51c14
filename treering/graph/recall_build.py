"""The compiled graph of an agentic recall: search, judge, rewrite and search again, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter
from typing import TypeAlias, cast

import anyio.to_thread
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.constants import TAG_NOSTREAM
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from treering.graph.recall_model import Adviser, Gated
from treering.graph.recall_nodes import RecallNodes, after_judge, after_rewrite
from treering.graph.recall_state import Bounds, RecallRun, RecallState
from treering.memory.asking import Question
from treering.memory.models.chat import TIMEOUT_S
from treering.memory.operations import Forest
from treering.memory.ports import Clock
from treering.schemas.recall import Decision, Recall
from treering.schemas.trunk import Trunk

STEPS_A_ROUND = 3
"""Nodes that a round passes; LangGraph wants to know how many steps a run may take."""

SPARE_STEPS = 5
"""The steps before the first round and after the last, and one to spare."""

RecallGraph: TypeAlias = CompiledStateGraph[RecallState, RecallRun, RecallState, RecallState]


class AgenticRecall:
    """Answers a question by several searches: rewrites, a look at what was found, and again, until it suffices.

    Without a chat model the same loop runs on rules, in English.

    Args:
        trunk: The slots, in the order of a context.
        count: Counts tokens.
        clock: Says when time is up.
        model: Judges and rewrites; none: rules do.
        timeout_s: Longest wait for one answer of the model, in seconds.
        bounds: What one recall may cost.
        gated: Puts the model behind its limits; none: it has none.
    """

    def __init__(
        self,
        *,
        trunk: Trunk,
        count: Callable[[str], int],
        clock: Clock,
        model: BaseChatModel | None = None,
        timeout_s: float = TIMEOUT_S,
        bounds: Bounds | None = None,
        gated: Gated | None = None,
    ) -> None:
        self.bounds: Bounds = bounds or Bounds()
        self._clock = clock
        adviser = None if model is None else Adviser(model, count, timeout_s=timeout_s, gated=gated)
        slot_order = {slot.path: number for number, slot in enumerate(trunk.slots)}
        self.graph: RecallGraph = build_recall_graph(
            RecallNodes(adviser=adviser, bounds=self.bounds, clock=clock, count=count, slot_order=slot_order)
        )
        """The compiled LangGraph graph."""

    def recall(
        self, question: Question, decision: Decision, *, ask: Callable[[Question], Recall], trees: Callable[[], Forest]
    ) -> Recall:
        """The context for a question.

        Args:
            question: The question and its terms.
            decision: Why it is asked in this way; made before.
            ask: One plain recall, of one scope.
            trees: The trees of the same scope, as the question may know them.
        """
        run = self._run(question, decision, ask, trees)
        state = self.graph.invoke({"rounds": 0}, self._config, context=run)
        return _timed(run, cast("RecallState", state))

    async def arecall(
        self, question: Question, decision: Decision, *, ask: Callable[[Question], Recall], trees: Callable[[], Forest]
    ) -> Recall:
        """As `recall`, in an event loop: the memory is waited for in threads, and cancelling ends a model's call."""
        run = self._run(question, decision, ask, trees)
        state = await self.graph.ainvoke({"rounds": 0}, self._config, context=run)
        return _timed(run, cast("RecallState", state))

    def _run(
        self, question: Question, decision: Decision, ask: Callable[[Question], Recall], trees: Callable[[], Forest]
    ) -> RecallRun:
        deadline = self._clock.now() + timedelta(seconds=self.bounds.max_s)
        return RecallRun(question=question, decision=decision, ask=ask, trees=trees, deadline=deadline)

    @property
    def _config(self) -> RunnableConfig:
        # Inside an application's graph the tokens of our model are none of its stream.
        return {"recursion_limit": STEPS_A_ROUND * self.bounds.max_rounds + SPARE_STEPS, "tags": [TAG_NOSTREAM]}


def build_recall_graph(nodes: RecallNodes) -> RecallGraph:
    """The graph over these nodes. It keeps no checkpoint, also not inside a graph that does: it holds what was said."""
    graph = StateGraph(RecallState, context_schema=RecallRun)
    graph.add_node("search", _step("search", nodes.search))
    graph.add_node("judge", _judging(nodes))
    graph.add_node("rewrite", _step("rewrite", nodes.rewrite))
    graph.add_node("compose", _step("compose", nodes.compose))
    graph.add_edge(START, "search")
    graph.add_edge("search", "judge")
    graph.add_conditional_edges("judge", after_judge, ["rewrite", "compose"])
    graph.add_conditional_edges("rewrite", after_rewrite, ["search", "compose"])
    graph.add_edge("compose", END)
    return graph.compile(checkpointer=False, name="treering-recall")


def _step(stage: str, node: Callable[[RecallState], RecallState]) -> Runnable[RecallState, RecallState]:
    def run(state: RecallState) -> RecallState:
        begun = perf_counter()
        return _with_time(stage, state, node(state), begun)

    async def in_thread(state: RecallState) -> RecallState:
        return await anyio.to_thread.run_sync(run, state)

    return RunnableLambda(run, afunc=in_thread, name=stage)


def _judging(nodes: RecallNodes) -> Runnable[RecallState, RecallState]:
    def run(state: RecallState) -> RecallState:
        begun = perf_counter()
        return _with_time("judge", state, nodes.judge(state), begun)

    async def natively(state: RecallState) -> RecallState:
        begun = perf_counter()
        return _with_time("judge", state, await nodes.ajudge(state), begun)

    return RunnableLambda(run, afunc=natively, name="judge")


def _with_time(stage: str, before: RecallState, update: RecallState, begun: float) -> RecallState:
    spent_ms = (perf_counter() - begun) * 1_000
    number = update.get("rounds", before["rounds"])
    return {**update, "timings_ms": {stage: spent_ms, f"round {number}": spent_ms}}


def _timed(run: RecallRun, state: RecallState) -> Recall:
    """The answer, with the times of its last step too."""
    recall = state["recall"]
    return recall.model_copy(update={"timings_ms": state["timings_ms"]}) if run.question.explain else recall
