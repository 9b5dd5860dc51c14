"""The listener that asks a chat model what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.memory.listeners.model_drafts import Surroundings
from treering.memory.listeners.model_evidence import user_turns
from treering.memory.listeners.model_prompt import listen_messages, repair_message
from treering.memory.listeners.model_reading import Reading, read_reply, summary
from treering.memory.parsing import storable
from treering.memory.ports import ChatMessage, ChatModel, ModelAnswer
from treering.memory.prompts.listen_v1 import ListenReply
from treering.memory.prompts.versions import load_prompt
from treering.schemas.listening import Proposal, Reply, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.tree import PersonaTree
    from treering.schemas.trunk import Trunk

WINDOW_TURNS = 6
"""Turns a question: enough to understand an exchange, few enough that a cheap model overlooks nothing."""

CONTEXT_TURNS = 2
"""Earlier turns beside them: the question that a first "yes" answers, and what it was about."""

MISTAKES_NAMED = 5
"""Mistakes that an error message names; the raw reply holds the others."""


class ModelListener:
    """Proposes operations by asking a chat model: JSON first, the text grammar as the fallback, one repair attempt.

    Turns and claims are given to the model as data, and its answer is only ever read as operations on known slots,
    claims and turns: what people write cannot make it do anything else.

    Example:
        >>> from treering.memory.ports import ModelAnswer
        >>> from treering.schemas.trunks import load_trunk
        >>> class Silent:
        ...     name = "silent"
        ...     def answer(self, messages, *, schema=None):
        ...         return ModelAnswer(text='{"operations": []}')
        >>> ModelListener(Silent(), load_trunk("core")).name.startswith("model/listen_v1-")
        True
    """

    def __init__(
        self,
        model: ChatModel,
        trunk: Trunk,
        *,
        window_turns: int = WINDOW_TURNS,
        context_turns: int = CONTEXT_TURNS,
    ) -> None:
        """Args: who is asked, the slots to fill, and how many turns it sees at once and before them."""
        self._model = model
        self._trunk = trunk
        self._prompt = load_prompt("listen_v1", ListenReply)
        self._window_turns = window_turns
        self._context_turns = context_turns

    @property
    def name(self) -> str:
        """`model/` and the version of the prompt."""
        return f"model/{self._prompt.version}"

    @property
    def window_turns(self) -> int:
        """How many turns make a window."""
        return self._window_turns

    @property
    def context_turns(self) -> int:
        """How many earlier turns it wants to see beside a window."""
        return self._context_turns

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """What the model says, once more after a mistake; None where the user says nothing.

        Raises:
            ModelUnavailable: No answer; worth another try later.
            ModelReplyUnreadable: Neither answer holds an operation, or says that there is none.
        """
        if not user_turns(window):
            return None
        messages = listen_messages(self._prompt, self._trunk, window, trees)
        answers = [self._answer(messages)]
        readings = [self._reading(answers[0].text, window, trees)]
        if not readings[0].is_clean:
            answers += self._repaired(messages, answers[0], readings[0])
            readings += [self._reading(answer.text, window, trees) for answer in answers[1:]]
        best = max(range(len(answers)), key=lambda place: _worth(answers[place], readings[place], place))
        if not readings[best].is_readable:
            why = "; ".join([*summary(readings[best].mistakes)][:MISTAKES_NAMED]) or "it holds no operation"
            raise ModelReplyUnreadable(self._model.name, answers[best].text, why)
        return self._reply(answers[best].text, answers)

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """Drafts from the reply; asks nobody and keeps nothing."""
        if reply is None:
            return Proposal()
        reading = self._reading(reply.raw, window, trees)
        return Proposal(drafts=tuple(reading.drafts), unreadable=tuple(reading.unreadable))

    def _answer(self, messages: Sequence[ChatMessage]) -> ModelAnswer:
        answer = self._model.answer(messages, schema=ListenReply)
        return ModelAnswer(text=storable(answer.text), tokens_in=answer.tokens_in, tokens_out=answer.tokens_out)

    def _repaired(
        self, messages: Sequence[ChatMessage], answer: ModelAnswer, reading: Reading
    ) -> tuple[ModelAnswer, ...]:
        """The second answer; none if it does not come and the first one is of use."""
        # Providers refuse an assistant message without text.
        said: tuple[ChatMessage, ...] = (("assistant", answer.text),) if answer.text.strip() else ()
        try:
            return (self._answer((*messages, *said, repair_message(self._prompt, reading.mistakes))),)
        except ModelUnavailable:
            if reading.drafts:
                return ()
            raise

    def _reading(self, raw: str, window: Window, trees: Mapping[str, PersonaTree]) -> Reading:
        return read_reply(raw, Surroundings(trunk=self._trunk, window=window, trees=trees))

    def _reply(self, raw: str, answers: Sequence[ModelAnswer]) -> Reply:
        return Reply(
            raw=raw,
            model=self._model.name,
            prompt_version=self._prompt.version,
            tokens_in=sum(answer.tokens_in for answer in answers),
            tokens_out=sum(answer.tokens_out for answer in answers),
        )


def _worth(answer: ModelAnswer, reading: Reading, place: int) -> tuple[bool, int, int, bool, int]:
    """Sort key of answers: what can be read, says most, and has the fewest mistakes; the later one of equals."""
    return (reading.is_readable, len(reading.drafts), -len(reading.mistakes), bool(answer.text.strip()), place)
