"""Finds the slots that a window concerns: by asking a model, by sentence vectors, or because there are few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from treering.errors import ModelReplyUnreadable
from treering.memory.listeners.model_cues import may_ask_to_forget, may_draw_a_line
from treering.memory.listeners.model_evidence import user_turns
from treering.memory.listeners.model_prompt import Slots, outline, route_messages
from treering.memory.listeners.model_routing import Routing, read_routing
from treering.memory.parsing import storable
from treering.memory.prompts.listen_v2_route import RouteReply
from treering.memory.prompts.versions import load_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from pydantic import BaseModel

    from treering.memory.listeners.model_meaning import MeaningRouter
    from treering.memory.ports import ChatMessage, ChatModel, ModelAnswer
    from treering.schemas.listening import UnreadableLine, Window
    from treering.schemas.trunk import Slot, Trunk

SMALL_TRUNK_TOKENS = 1_000
"""A trunk up to this is shown whole: to ask for its slots first would cost as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Slots):
    """The slots of a window, and how they were found."""

    answer: ModelAnswer | None = None
    """What the model said, if it was asked for them."""
    is_empty: bool = False
    """Nothing is concerned: there is no more to ask."""


class SlotFinder:
    """Finds the slots that are shown to a model with a window.

    Slots marked `always` are among them every time, and where something may have to be forgotten the claims of all
    slots are looked through: neither depends on what the model names.
    """

    def __init__(
        self,
        model: ChatModel,
        trunk: Trunk,
        *,
        meaning: MeaningRouter | None,
        routes_by_meaning: bool,
        count: Callable[[str], int],
    ) -> None:
        """Args: who is asked, about which slots, who finds them else, whether always, and what counts tokens."""
        self._model = model
        self._trunk = trunk
        self._meaning = meaning
        self._routes_by_meaning = routes_by_meaning
        self._count = count
        self._prompt = load_prompt("listen_v2_route", RouteReply)

    @property
    def prompt_version(self) -> str:
        """The version of the question for slots."""
        return self._prompt.version

    def find(self, window: Window) -> Found:
        """The slots of a window, in trunk order.

        Raises:
            ModelUnavailable: The model was asked and did not answer.
            ModelReplyUnreadable: Its answer names no slots, and there are no sentence vectors to find them by.
        """
        said = "\n".join(turn.content for turn in user_turns(window))
        forget = may_ask_to_forget(said)
        if self._is_small:
            return Found(standing=self._trunk.slots, forget=forget)
        if self._routes_by_meaning and self._meaning is not None:
            return self._of_paths(self._meaning.paths(window), forget=forget)
        answer = ask_model(self._model, route_messages(self._prompt, self._trunk, window), RouteReply)
        routing = read_routing(answer.text, self._trunk)
        paths: Sequence[str] = routing.paths
        if not routing.is_readable:
            if self._meaning is None:
                raise ModelReplyUnreadable(self._model.name, answer.text, _why(answer, routing))
            paths = self._meaning.paths(window)
        forget = forget or routing.forget
        is_empty = not (paths or forget or may_draw_a_line(said))
        return self._of_paths(paths, forget=forget, answer=answer, is_empty=is_empty)

    def notes(self, raw: str) -> tuple[UnreadableLine, ...]:
        """What of an answer could not be understood, and what was done instead."""
        routing = read_routing(raw, self._trunk)
        if routing.is_readable:
            return routing.unreadable
        return tuple(
            line.model_copy(update={"why": f"{line.why}; the slots were found by sentence vectors instead"})
            for line in routing.unreadable
        )

    def _of_paths(
        self, paths: Collection[str], *, forget: bool, answer: ModelAnswer | None = None, is_empty: bool = False
    ) -> Found:
        chosen = frozenset(paths)
        return Found(
            standing=self._always,
            chosen=tuple(slot for slot in self._trunk.slots if slot.path in chosen and not slot.always),
            forget=forget,
            answer=answer,
            is_empty=is_empty,
        )

    @cached_property
    def _always(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self._trunk.slots if slot.always)

    @cached_property
    def _is_small(self) -> bool:
        return self._count(outline(self._trunk.slots)) <= SMALL_TRUNK_TOKENS


def ask_model(model: ChatModel, messages: Sequence[ChatMessage], schema: type[BaseModel]) -> ModelAnswer:
    """What a model answers, without the characters that no store holds.

    Raises:
        ModelUnavailable: No answer.
    """
    answer = model.answer(messages, schema=schema)
    return replace(answer, text=storable(answer.text))


def _why(answer: ModelAnswer, routing: Routing) -> str:
    stopped = f"it was stopped by {answer.stopped_by}; " if answer.stopped_by else ""
    return stopped + "; ".join(dict.fromkeys(line.why for line in routing.unreadable))
