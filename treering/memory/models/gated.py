"""A chat model behind the gates that all who share a store pass: rate, cost, and a rest where it fails."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from time import perf_counter
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from anyio import to_thread

from treering.errors import ModelDeferred, ModelUnavailable, StoreError
from treering.memory.gating import LOOK_AGAIN_S, Bucket, Entry, Fee, Order
from treering.memory.ports import ChatModel, ModelAnswer
from treering.schemas.gates import COST_GATE
from treering.schemas.value import MAX_IDENTIFIER_CHARS
from treering.telemetry.happenings import Happenings, ModelAsked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import BaseModel

    from treering.memory.models.price import Price
    from treering.memory.ports import ChatMessage, Clock, ModelGate

ANSWER_TOKENS = 500
"""Tokens that an answer is reckoned at before it is there; listening questions are answered in 20 to 600."""

BURST_S = 10.0
"""Seconds whose tokens may be used at once: in no minute more than a sixth above the limit goes out, and one call."""

DAY_S = 86_400.0

SPARE_S = 5.0
"""Seconds beyond a model's time-out after which a call that tried a shut gate is taken for dead."""

_log = logging.getLogger("treering.memory")


class AsyncChatModel(ChatModel, Protocol):
    """A chat model that can be asked in an event loop."""

    async def aanswer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        """As `answer`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be asked of a model, by all together."""

    tokens_a_minute: int | None = None
    """Sent and answered; none: as many as it takes."""
    cost_a_day: float | None = None
    """US dollars; none: as much as it takes."""
    price: Price | None = None
    """What tokens cost, where there is a limit of cost."""


@dataclass(slots=True)
class _Told:
    """What came of a question so far."""

    answer: ModelAnswer = field(default_factory=lambda: ModelAnswer(text=""))


M_co = TypeVar("M_co", bound=ChatModel, covariant=True)


class GatedChatModel(Generic[M_co]):
    """Asks a chat model, if it may be asked now.

    Args:
        model: Who is asked.
        gate: What all who share a store know of it.
        clock: The present moment.
        count: Tokens of a text, for what the provider has not counted.
        limits: What may be asked in a time.
        timeout_s: Seconds that the model takes at most.
        goes_on: What is asked belongs to work that was let in before: it is charged, and waits for no limit.
        is_waited_for: A person waits for the answer.
        happenings: Told of each question; none: nobody is.
    """

    def __init__(
        self,
        model: M_co,
        gate: ModelGate,
        *,
        clock: Clock,
        count: Callable[[str], int],
        limits: Limits,
        timeout_s: float,
        goes_on: bool = False,
        is_waited_for: bool = False,
        happenings: Happenings | None = None,
    ) -> None:
        self._model = model
        self._gate = gate
        self._clock = clock
        self._count = count
        self._limits = limits
        self._goes_on = goes_on
        self._happenings = happenings or Happenings()
        self._order = Order(
            model=model.name,
            gate=gate_name(model.name),
            hold_s=timeout_s + SPARE_S,
            goes_on=goes_on,
            is_waited_for=is_waited_for,
        )
        self.going_on = (
            self
            if goes_on
            else GatedChatModel(
                model,
                gate,
                clock=clock,
                count=count,
                limits=limits,
                timeout_s=timeout_s,
                goes_on=True,
                is_waited_for=is_waited_for,
                happenings=self._happenings,
            )
        )
        """The same model, for further questions of work that was let in."""

    @property
    def name(self) -> str:
        """The model, as it stands in the ledger."""
        return self._model.name

    def answer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        """What the model answers.

        Raises:
            ModelDeferred: It was not asked, or it failed and rests now.
            ModelUnavailable: No answer.
        """
        with self._telling() as told:
            sent = self._sent(messages, schema)
            entry = self._enter(sent)
            try:
                told.answer = self._model.answer(messages, schema=schema)
            except ModelUnavailable as error:
                raise self._failed(entry, error) from error
            self._leave(entry, sent, told.answer)
            return told.answer

    async def aanswer(
        self: GatedChatModel[AsyncChatModel],
        messages: Sequence[ChatMessage],
        *,
        schema: type[BaseModel] | None = None,
    ) -> ModelAnswer:
        """As `answer`, in an event loop. What a call was to cost that is cancelled counts as used."""
        with self._telling() as told:
            sent = await to_thread.run_sync(self._sent, messages, schema)
            entry = await to_thread.run_sync(self._enter, sent)
            try:
                told.answer = await self._model.aanswer(messages, schema=schema)
            except ModelUnavailable as error:
                raise await to_thread.run_sync(self._failed, entry, error) from error
            await to_thread.run_sync(self._leave, entry, sent, told.answer)
            return told.answer

    @contextmanager
    def _telling(self) -> Iterator[_Told]:
        """Tells what came of the question of the block; one that is cancelled is told of as failed."""
        told, began = _Told(), perf_counter()
        outcome = "failed"
        try:
            yield told
            outcome = "cut" if told.answer.stopped_by else "answered"
        except ModelDeferred as error:
            outcome = "failed" if isinstance(error.__cause__, ModelUnavailable) else "deferred"
            raise
        finally:
            self._happenings.tell(
                ModelAsked(
                    model=self.name,
                    outcome=outcome,
                    seconds=perf_counter() - began,
                    tokens_in=told.answer.tokens_in,
                    tokens_out=told.answer.tokens_out,
                )
            )

    def _sent(self, messages: Sequence[ChatMessage], schema: type[BaseModel] | None) -> int:
        """Tokens of a question, about."""
        if not self._buckets:
            return 0
        shape = 0 if schema is None else self._count(json.dumps(schema.model_json_schema()))
        return shape + sum(self._count(text) for _, text in messages)

    def _enter(self, sent: int) -> Entry:
        order = replace(self._order, fees=self._fees(sent, ANSWER_TOKENS))
        try:
            return self._gate.enter(order, self._clock.now())
        except StoreError as error:
            why = f"its limits cannot be looked up ({type(error).__name__})"
            raise ModelDeferred(self.name, why, retry_after_s=LOOK_AGAIN_S) from error

    def _leave(self, entry: Entry, sent: int, answer: ModelAnswer) -> None:
        told = (answer.tokens_in, answer.tokens_out)
        used = told if any(told) or not self._buckets else (sent, self._count(answer.text))
        self._note(partial(self._gate.leave, entry, [fee.amount for fee in self._fees(*used)], self._clock.now()))

    def _failed(self, entry: Entry, error: ModelUnavailable) -> ModelUnavailable:
        """The error to be raised: where the model rests from now on, whoever asked it shall only wait."""
        now = self._clock.now()
        if error.is_about_prompt:  # it is there, and refuses this one
            self._note(partial(self._gate.leave, entry, [fee.amount for fee in entry.order.fees], now))
            return error
        rests_s = self._note(partial(self._gate.fail, entry, now, retry_after_s=error.retry_after_s))
        if not rests_s:
            return error
        why = f"{error.why}; it is asked again in {rests_s:.0f} s"
        return ModelDeferred(self.name, why, retry_after_s=min(rests_s, LOOK_AGAIN_S))

    def _note(self, tell: Callable[[], float | None]) -> float | None:
        try:
            return tell()
        except StoreError as error:  # an answer that was paid for is of use nevertheless
            _log.warning("what %s was asked could not be noted (%s)", self.name, type(error).__name__)
            return None

    def _fees(self, tokens_in: int, tokens_out: int) -> tuple[Fee, ...]:
        amounts = {"tokens": float(tokens_in + tokens_out), "cost": 0.0}
        if self._limits.price is not None:
            amounts["cost"] = self._limits.price.of(tokens_in=tokens_in, tokens_out=tokens_out) or 0.0
        gates = {"tokens": self._order.gate, "cost": COST_GATE}
        return tuple(Fee(gate=gates[of], amount=amounts[of], bucket=bucket) for of, bucket in self._buckets.items())

    @cached_property
    def _buckets(self) -> dict[str, Bucket]:
        found = {}
        if self._limits.tokens_a_minute is not None:
            per_s = self._limits.tokens_a_minute / 60
            says = f"the {self._limits.tokens_a_minute:,} tokens a minute (TREERING_MODEL_TOKENS_A_MINUTE)"
            found["tokens"] = Bucket(per_s=per_s, size=per_s * BURST_S, says=says)
        if self._limits.cost_a_day is not None:
            says = f"the {self._limits.cost_a_day:g} US dollars a day (TREERING_MODEL_COST_A_DAY)"
            found["cost"] = Bucket(per_s=self._limits.cost_a_day / DAY_S, size=self._limits.cost_a_day, says=says)
        return found


def gate_name(model: str) -> str:
    """The gate of a model, as a table can hold it.

    Example:
        >>> gate_name("gpt-4.1-mini")
        'model:gpt-4.1-mini'
    """
    return "".join(letter if letter.isprintable() else "?" for letter in f"model:{model}")[:MAX_IDENTIFIER_CHARS]
