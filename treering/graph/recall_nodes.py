"""The steps of an agentic recall: search, judge what was found, rewrite the question, write the context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from anyio.to_thread import run_sync
from langgraph.runtime import get_runtime

from treering.errors import ModelUnavailable
from treering.graph.recall_model import Advice, Adviser
from treering.graph.recall_state import Bounds, RecallRun, RecallState, Stop
from treering.memory.ports import ChatMessage, Clock
from treering.memory.retrieval.fit import arrange, fit, write
from treering.memory.retrieval.rewriting import (
    Rewrite,
    first_rewrites,
    namings,
    next_rewrites,
    uncovered,
    usable,
)
from treering.memory.retrieval.rounds import Searched, join
from treering.schemas.recall import HeldBackLine, Recall, RecallLine, Steps

VALUES_USED = 2
"""Claims on the question's subject whose words a rewrite takes up, best first: more of them blur the search."""

LINES_READ = 8
"""Lines, best first, in which the names of a second hop are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What the model is about to be asked."""

    adviser: Adviser
    messages: tuple[ChatMessage, ...]
    left_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallNodes:
    """The graph's nodes. They keep no state of their own, and reach the memory through the run's two callables."""

    adviser: Adviser | None
    """Who judges and rewrites; none: rules do."""
    bounds: Bounds
    clock: Clock
    count: Callable[[str], int]
    slot_order: Mapping[str, int]
    """Where each slot's claims stand in a context."""

    def search(self, state: RecallState) -> RecallState:
        """Searches for the question, then in every round for its rewrites."""
        run = _run()
        before = state.get("searched", ())
        if not before:
            return {"searched": (_search(run, None),), "rounds": 0, "is_new": True}
        searched = (*before, *(_search(run, rewrite) for rewrite in state["pending"]))
        forest = run.trees()
        is_new = len(join(searched, forest)) > len(join(before, forest))
        return {"searched": searched, "rounds": state["rounds"] + 1, "is_new": is_new, "pending": (), "proposed": ()}

    def judge(self, state: RecallState) -> RecallState:
        """Says whether to go on, and what a model would search for next; by rule where none can be asked."""
        asking = self._asking(state)
        if not isinstance(asking, _Asking):
            return asking
        try:
            advice = asking.adviser.ask(asking.messages, timeout_s=asking.left_s)
        except ModelUnavailable as error:
            return self._without_model(state, str(error))
        return self._advised(state, asking.adviser, advice)

    async def ajudge(self, state: RecallState) -> RecallState:
        """As `judge`; a run that is cancelled ends the model's call."""
        asking = await run_sync(self._asking, state)
        if not isinstance(asking, _Asking):
            return asking
        try:
            advice = await asking.adviser.aask(asking.messages, timeout_s=asking.left_s)
        except ModelUnavailable as error:
            return await run_sync(self._without_model, state, str(error))
        return await run_sync(self._advised, state, asking.adviser, advice)

    def rewrite(self, state: RecallState) -> RecallState:
        """Makes the next round's searches: the model's, or those that rules make where it has none of use."""
        run = _run()
        question, tried = run.question.text, _tried(run, state)
        pending = usable(state.get("proposed", ()), question, tried=tried)
        if not pending:
            pending = self._by_rules(run, state)
        return {"pending": pending} if pending else {"stopped": "nothing-left"}

    def compose(self, state: RecallState) -> RecallState:
        """Writes the context, from all that was found."""
        run = _run()
        searched = state["searched"]
        if state.get("model_tokens") or state.get("is_model_lost"):
            # A model takes seconds. What was forgotten or taken back meanwhile must not be read out.
            searched = tuple(_search(run, one.rewrite) for one in searched)
        first, budget_tokens = searched[0].recall, run.question.budget_tokens
        lines = fit(join(searched, run.trees()), budget_tokens=budget_tokens, count=self.count)
        lines = arrange(lines, self.slot_order)
        context = write(lines)
        steps = Steps(
            rewrites=tuple(one.rewrite.text for one in searched if one.rewrite),
            rounds=state["rounds"],
            stopped=state["stopped"],
            model_tokens=state.get("model_tokens", 0),
        )
        recall = Recall(
            query=run.question.text,
            context=context,
            lines=lines if run.question.explain else tuple(_unexplained(line) for line in lines),
            decision=run.decision,
            tokens=self.count(context),
            budget_tokens=budget_tokens,
            as_of=first.as_of,
            version=first.version,
            degraded=_lacks(searched, state.get("degraded", ())),
            held_back=_held_back(searched) if run.question.explain else (),
            steps=steps,
        )
        return {"recall": recall}

    # -- judging

    def _asking(self, state: RecallState) -> _Asking | RecallState:
        """What to ask the model; where nothing is to be asked, what follows."""
        run = _run()
        left_s = (run.deadline - self.clock.now()).total_seconds()
        stop = self._bound(state, left_s)
        if stop is not None:
            return {"stopped": stop}
        if self.adviser is None or state.get("is_model_lost"):
            return self._by_rule(state)
        messages = self.adviser.messages(run.question.text, _lines(run, state), _tried(run, state)[1:])
        if state.get("model_tokens", 0) + self.adviser.cost(messages) > self.bounds.max_model_tokens:
            return {"stopped": "tokens"}
        return _Asking(adviser=self.adviser, messages=messages, left_s=left_s)

    def _bound(self, state: RecallState, left_s: float) -> Stop | None:
        if not state["is_new"]:
            return "nothing-new"
        if state["rounds"] >= self.bounds.max_rounds:
            return "rounds"
        return "time" if left_s <= 0 else None

    def _by_rule(self, state: RecallState) -> RecallState:
        run = _run()
        texts = [line.text for line in _lines(run, state)]
        return {"proposed": ()} if uncovered(run.question.text, texts) else {"stopped": "enough"}

    def _advised(self, state: RecallState, adviser: Adviser, advice: Advice) -> RecallState:
        spent: RecallState = {"model_tokens": state.get("model_tokens", 0) + advice.tokens}
        if advice.reply is None:
            return {**spent, **self._without_model(state, f"the reply of {adviser.name} cannot be read")}
        if advice.reply.enough:
            return {**spent, "stopped": "enough"}
        return {**spent, "proposed": tuple(advice.reply.searches)}

    def _without_model(self, state: RecallState, why: str) -> RecallState:
        lack = f"{why}; rules made the rewrites"
        return {**self._by_rule(state), "is_model_lost": True, "degraded": (*state.get("degraded", ()), lack)}

    # -- rewriting

    def _by_rules(self, run: RecallRun, state: RecallState) -> tuple[Rewrite, ...]:
        lines, known = _lines(run, state), namings(_open_claims(run, state))
        if state["rounds"]:
            texts = [line.text for line in lines[:LINES_READ]]
            return next_rewrites(run.question.text, texts, known=known, tried=_tried(run, state))
        return first_rewrites(run.question.text, known=known, values=_values(run, lines)[:VALUES_USED])


def after_judge(state: RecallState) -> str:
    """The next node."""
    return "compose" if "stopped" in state else "rewrite"


def after_rewrite(state: RecallState) -> str:
    """The next node."""
    return "compose" if "stopped" in state else "search"


def _run() -> RecallRun:
    return get_runtime(RecallRun).context


def _search(run: RecallRun, rewrite: Rewrite | None) -> Searched:
    text = run.question.text if rewrite is None else rewrite.text
    return Searched(rewrite=rewrite, recall=run.ask(replace(run.question, text=text, mode="hybrid", explain=True)))


def _tried(run: RecallRun, state: RecallState) -> list[str]:
    """What was searched for, the question first."""
    return [run.question.text, *(one.rewrite.text for one in state["searched"] if one.rewrite)]


def _lines(run: RecallRun, state: RecallState) -> list[RecallLine]:
    """What was found so far, best first."""
    return sorted(join(state["searched"], run.trees()), key=lambda line: (-line.score, line.ref))


def _open_claims(run: RecallRun, state: RecallState) -> list[str]:
    """What the trees say in slots that are not special."""
    as_of = state["searched"][0].recall.as_of
    return [
        claim.text
        for tree in run.trees().values()
        for claim in tree.current(as_of=as_of)
        if tree.trunk.by_path[claim.path].sensitivity != "special"
    ]


def _values(run: RecallRun, lines: Sequence[RecallLine]) -> list[str]:
    """What the claims among the lines say; what always applies says nothing on the question."""
    claims = {
        claim.id: claim.text
        for tree in run.trees().values()
        for claim in tree.claims.values()
        if not tree.trunk.by_path[claim.path].always
    }
    return [claims[line.ref] for line in lines if line.kind == "claim" and line.ref in claims]


def _lacks(searched: Sequence[Searched], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({lack for one in searched for lack in one.recall.degraded} | set(more)))


def _held_back(searched: Sequence[Searched]) -> tuple[HeldBackLine, ...]:
    return tuple({(line.kind, line.ref): line for one in searched for line in one.recall.held_back}.values())


def _unexplained(line: RecallLine) -> RecallLine:
    return line.model_copy(update={"found_by": ()})
