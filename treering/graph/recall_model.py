"""Asks a chat model whether what was found is enough, and what to search for next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from pydantic import ValidationError

from treering.memory.models.chat import TIMEOUT_S, LangChainChatModel
from treering.memory.models.gated import AsyncChatModel
from treering.memory.parsing import read_items
from treering.memory.ports import ChatMessage, ModelAnswer
from treering.memory.prompts.data import data_block, data_line
from treering.memory.prompts.recall_v1 import RecallReply
from treering.memory.prompts.versions import load_prompt
from treering.memory.retrieval.fit import fit
from treering.schemas.recall import RecallLine

MAX_SHOWN_TOKENS = 1_500
"""Tokens of lines that the model is shown, best first."""

MAX_QUESTION_CHARS = 4_000
"""What the model is shown of a question, in characters."""

MAX_ANSWER_TOKENS = 250
"""What an answer costs at most, three searches with the JSON around them; for the reckoning before one is asked for."""

Gated = Callable[[AsyncChatModel], AsyncChatModel]
"""Puts a model behind its limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the model says, and what saying it has cost."""

    reply: RecallReply | None
    """None: it cannot be read."""
    tokens: int


class Adviser:
    """A chat model that looks at what was found.

    Args:
        model: Any LangChain chat model.
        count: Counts tokens where the provider does not.
        timeout_s: Longest wait for one answer, in seconds.
        gated: Puts the model behind its limits; none: it has none.
    """

    def __init__(
        self,
        model: BaseChatModel,
        count: Callable[[str], int],
        *,
        timeout_s: float = TIMEOUT_S,
        gated: Gated | None = None,
    ) -> None:
        self._model = model
        self._count = count
        self._timeout_s = timeout_s
        self._gated = gated
        self._prompt = load_prompt("recall_v1", RecallReply)

    @property
    def name(self) -> str:
        """The model, as errors call it."""
        return LangChainChatModel(self._model).name

    def messages(self, question: str, lines: Sequence[RecallLine], tried: Sequence[str]) -> tuple[ChatMessage, ...]:
        """The prompt: instructions, which are the same every time, then everything that people said as data.

        Args:
            question: The question.
            lines: What was found; without short ids.
            tried: What was searched for already.
        """
        shown = fit(lines, budget_tokens=MAX_SHOWN_TOKENS, count=self._count)
        blocks = [
            data_block("The question", [data_line({"text": question[:MAX_QUESTION_CHARS]})]),
            data_block("The lines found so far, best first", (data_line(_shown(line)) for line in shown)),
            data_block("Searched for already", (data_line({"text": text}) for text in tried)),
        ]
        return (("system", self._prompt.system.substitute()), ("user", "\n\n".join(blocks)))

    def cost(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens that asking costs at most."""
        return sum(self._count(text) for _, text in messages) + MAX_ANSWER_TOKENS

    def ask(self, messages: Sequence[ChatMessage], *, timeout_s: float) -> Advice:
        """What the model says.

        Raises:
            ModelUnavailable: Nothing, or not within `timeout_s` seconds; or a limit is reached.
        """
        return self._read(messages, self._within(timeout_s).answer(messages, schema=RecallReply))

    async def aask(self, messages: Sequence[ChatMessage], *, timeout_s: float) -> Advice:
        """As `ask`, and can be cancelled."""
        return self._read(messages, await self._within(timeout_s).aanswer(messages, schema=RecallReply))

    def _within(self, timeout_s: float) -> AsyncChatModel:
        model = LangChainChatModel(self._model, timeout_s=min(timeout_s, self._timeout_s))
        return model if self._gated is None else self._gated(model)

    def _read(self, messages: Sequence[ChatMessage], answer: ModelAnswer) -> Advice:
        told = answer.tokens_in + answer.tokens_out
        counted = sum(self._count(text) for _, text in messages) + self._count(answer.text)
        return Advice(reply=read_advice(answer.text), tokens=told or counted)


def read_advice(text: str) -> RecallReply | None:
    """A model's reply, whatever stands around its JSON; None if nothing in it says what to do.

    Example:
        >>> read_advice('Sure! {"enough": false, "searches": ["sister Marta job"]}').searches
        ['sister Marta job']
        >>> read_advice('{"enough": false, "searches": []}') is None
        True
    """
    for item in read_items(text).items:
        try:
            reply = RecallReply.model_validate(item.fields)
        except ValidationError:
            continue
        if reply.enough or reply.searches:
            return reply
    return None


def _shown(line: RecallLine) -> dict[str, str | None]:
    fields = {"kind": line.kind, "slot": line.path, "text": line.text}
    return {name: value for name, value in fields.items() if value is not None}
