"""The listener that asks a chat model, with a meter: how often it asks, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from treering.composition import Choices, compose_listener
from treering.memory.models.choose import make_embedder
from treering.memory.models.slot_cache import load_slot_vectors
from treering.memory.ports.models import CountsTurns, Listener
from treering.schemas.trunks import load_trunk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.memory.ports import Embedder
    from treering.memory.retrieval.slots import SlotVectors
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Proposal, Reply, Window
    from treering.settings import Settings


class AskingListener(Listener, CountsTurns, Protocol):
    """A listener whose windows are bounded by tokens too."""


@dataclass(slots=True)
class Meter:
    """What the asking took; grows while it goes on."""

    windows: int = 0
    """Windows about which a model was asked, and answered."""
    calls: int = 0
    most_calls: int = 0
    """Most calls for one window."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    """In US dollars; 0 where no price is set."""

    def note(self, reply: Reply) -> None:
        """Count a reply."""
        self.windows += 1
        self.calls += reply.calls
        self.most_calls = max(self.most_calls, reply.calls)
        self.tokens_in += reply.tokens_in
        self.tokens_out += reply.tokens_out
        self.cost += reply.cost or 0.0

    def numbers(self) -> dict[str, float]:
        """As they are printed; empty where nobody was asked."""
        if not self.windows:
            return {}
        return {
            "windows": self.windows,
            "calls_a_window": round(self.calls / self.windows, 3),
            "most_calls_a_window": self.most_calls,
            "tokens_in_a_window": round(self.tokens_in / self.windows, 1),
            "tokens_out_a_window": round(self.tokens_out / self.windows, 1),
            "cost_usd": round(self.cost, 6),
        }


class MeteredListener:
    """Another listener, whose replies are counted."""

    def __init__(self, listener: AskingListener, meter: Meter) -> None:
        self._listener = listener
        self._meter = meter

    @property
    def name(self) -> str:
        """The other's."""
        return self._listener.name

    @property
    def window_turns(self) -> int:
        """The other's."""
        return self._listener.window_turns

    @property
    def context_turns(self) -> int:
        """The other's."""
        return self._listener.context_turns

    @property
    def window_tokens(self) -> int:
        """The other's."""
        return self._listener.window_tokens

    def turn_tokens(self, turn: Turn) -> int:
        """The other's."""
        return self._listener.turn_tokens(turn)

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """What the other is told, counted."""
        reply = self._listener.ask(window, trees)
        if reply is not None:
            self._meter.note(reply)
        return reply

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """What the other reads."""
        return self._listener.read(window, trees, reply)


def metered_listener(settings: Settings, embedder: Embedder | None, meter: Meter) -> MeteredListener:
    """The listener that asks the chat model of the settings, with a meter.

    Raises:
        InvalidInput: The model refuses to start.
        MissingExtra: LangChain, or its package for this provider, is not installed.
    """
    trunk = load_trunk(settings.trunk, cache_dir=settings.cache_dir)
    embeds = embedder or make_embedder(settings.embedder, settings.cache_dir)

    @cache
    def slots() -> SlotVectors:
        return load_slot_vectors(trunk, embeds, settings.cache_dir)

    listener = compose_listener(settings, Choices(), trunk, embeds, slots)
    assert isinstance(listener, CountsTurns)  # noqa: S101 - only the one that asks a model is made of these settings
    return MeteredListener(listener, meter)
