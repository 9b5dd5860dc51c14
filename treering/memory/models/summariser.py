"""Has a chat model write what a conversation was about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import ModelReplyUnreadable
from treering.memory.parsing import read_items, storable
from treering.memory.prompts.data import data_block, data_line
from treering.memory.prompts.summarise_v1 import SummariseReply
from treering.memory.prompts.versions import load_prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports import ChatMessage, ChatModel
    from treering.schemas.dialogue import Turn

MAX_CHARS = 24_000
"""Characters of a conversation that are shown, about 6,000 tokens."""

MIN_TURN_CHARS = 200
"""Fewest characters of a turn that are shown; of a conversation with more turns than that leaves room for, some turns
are left out, at equal distances."""


class ChatSummariser:
    """Asks a chat model, once a conversation; what it is shown are data, and its answer is only ever a text.

    Example:
        >>> from treering.memory.ports import ModelAnswer
        >>> class Brief:
        ...     name = "brief"
        ...     def answer(self, messages, *, schema=None):
        ...         return ModelAnswer(text='{"summary": "Ana moved to Lisbon."}')
        >>> ChatSummariser(Brief()).summarise([], tokens=120)
        'Ana moved to Lisbon.'
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._prompt = load_prompt("summarise_v1", SummariseReply)

    def summarise(self, turns: Sequence[Turn], *, tokens: int) -> str:
        """What these turns of one conversation say.

        Args:
            turns: In their order.
            tokens: What the summary may cost.

        Raises:
            ModelUnavailable: No answer.
            ModelReplyUnreadable: An answer that holds no summary.
        """
        lines = (data_line(_shown(turn, chars)) for turn, chars in _within_bounds(turns))
        messages: list[ChatMessage] = [
            ("system", self._prompt.system.substitute(tokens=tokens)),
            ("user", data_block("The turns", lines)),
        ]
        raw = storable(self._model.answer(messages, schema=SummariseReply).text)
        for item in read_items(raw).items:
            text = item.fields.get("summary")
            if isinstance(text, str) and text.strip():
                return text.strip()
        raise ModelReplyUnreadable(self._model.name, raw, "it holds no summary")


def _within_bounds(turns: Sequence[Turn]) -> list[tuple[Turn, int]]:
    """Turns, and how many characters of each are shown."""
    most = MAX_CHARS // MIN_TURN_CHARS
    if len(turns) > most:
        turns = [turns[number * len(turns) // most] for number in range(most)]
    return [(turn, MAX_CHARS // len(turns)) for turn in turns]


def _shown(turn: Turn, chars: int) -> dict[str, str | None]:
    fields = {"role": turn.role, "speaker": turn.speaker, "said": f"{turn.at:%A %Y-%m-%d %H:%M} UTC"}
    text = turn.content[:chars]
    cut = "the rest is left out" if len(text) < len(turn.content) else None
    return {name: value for name, value in (fields | {"text": text, "note": cut}).items() if value is not None}
