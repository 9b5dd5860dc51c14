"""The listener that asks a chat model what changed: which slots first, then which operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.errors.models import Spent
from treering.memory.listeners.model_drafts import Surroundings
from treering.memory.listeners.model_evidence import user_turns
from treering.memory.listeners.model_prompt import (
    ANSWERED_CHARS,
    MAX_TURN_CHARS,
    repair_message,
    shown_text,
    write_messages,
)
from treering.memory.listeners.model_reading import Reading, read_reply, summary
from treering.memory.listeners.model_slots import SlotFinder, ask_model
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.ports import Limited
from treering.memory.prompts.listen_v2 import ListenReply
from treering.memory.prompts.versions import load_prompt
from treering.schemas.listening import Proposal, Reply, UnreadableLine, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from treering.memory.listeners.model_meaning import MeaningRouter
    from treering.memory.models.price import Price
    from treering.memory.ports import ChatMessage, ChatModel, ModelAnswer, TokenCounter
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.trunk import Trunk

WINDOW_TURNS = 6
"""Turns a window at most: enough to understand an exchange, few enough that a cheap model overlooks nothing."""

WINDOW_TOKENS = 2_000
"""Tokens of turns a window at most, as they are shown; a single turn may have more."""

CONTEXT_TURNS = 2
"""Earlier turns beside them: the question that a first "yes" answers, and what it was about."""

MISTAKES_NAMED = 5
"""Mistakes that an error message names; the raw reply holds the others."""


class ModelListener:
    """Proposes operations by asking a chat model, at most two questions a window.

    The first names the slots that the window concerns; where it names none, that is all. The second shows these slots
    with their claims, and gives the operations. Where no first question is needed (a small trunk, or slots found by
    sentence vectors), a second one is left to put mistakes right.

    Turns and claims are given to the model as data, and its answers are only ever read as names of slots, and as
    operations on known slots, claims and turns: what people write cannot make it do anything else.

    Example:
        >>> from treering.memory.ports import ModelAnswer
        >>> from treering.schemas.trunks import load_trunk
        >>> class Silent:
        ...     name = "silent"
        ...     def answer(self, messages, *, schema=None):
        ...         return ModelAnswer(text='{"paths": [], "forget": false}')
        >>> ModelListener(Silent(), load_trunk("core")).name.startswith("model/listen_v2-")
        True
    """

    def __init__(
        self,
        model: ChatModel,
        trunk: Trunk,
        *,
        meaning: MeaningRouter | None = None,
        routes_by_meaning: bool = False,
        price: Price | None = None,
        counter: TokenCounter | None = None,
        window_turns: int = WINDOW_TURNS,
        window_tokens: int = WINDOW_TOKENS,
        context_turns: int = CONTEXT_TURNS,
    ) -> None:
        """Makes a listener; nothing is asked yet.

        Args:
            model: Who is asked.
            trunk: The slots to fill.
            meaning: Finds slots where the first answer cannot be read; without it, such a window is put aside.
            routes_by_meaning: Let `meaning` find the slots of every window, and ask no first question.
            price: What the model costs; without it, the ledger tells no cost.
            counter: Counts tokens of turns and slots.
            window_turns: Turns a window at most.
            window_tokens: Tokens of turns a window at most; a longer turn is a window of its own.
            context_turns: Earlier turns that are shown beside them.
        """
        self._model = model
        # A window that was begun is heard to its end: else it would spend its first question, and wait for the second.
        self._further = model.going_on if isinstance(model, Limited) else model
        self._trunk = trunk
        self._price = price
        self._counter = counter or RegexTokenCounter()
        self._prompt = load_prompt("listen_v2", ListenReply)
        self._alike = meaning.alike if meaning else None
        self._finder = SlotFinder(
            model, trunk, meaning=meaning, routes_by_meaning=routes_by_meaning, count=self._counter.count
        )
        self._window_turns = window_turns
        self._window_tokens = window_tokens
        self._context_turns = context_turns

    @property
    def name(self) -> str:
        """`model/` and the version of the prompts."""
        return f"model/{self.prompt_version}"

    @property
    def prompt_version(self) -> str:
        """Both prompts, e.g. `listen_v2-1f0c2a9b.77d1e0b2`: it changes with every letter of them."""
        return f"{self._prompt.version}.{self._finder.prompt_version.rpartition('-')[2]}"

    @property
    def window_turns(self) -> int:
        """How many turns make a window."""
        return self._window_turns

    @property
    def window_tokens(self) -> int:
        """How many tokens of turns make a window."""
        return self._window_tokens

    @property
    def context_turns(self) -> int:
        """How many earlier turns it wants to see beside a window."""
        return self._context_turns

    def turn_tokens(self, turn: Turn) -> int:
        """Tokens that a turn costs in a window, as it is shown."""
        is_user = turn.role == "user"
        return self._counter.count(
            shown_text(turn, is_user=is_user, most=MAX_TURN_CHARS if is_user else ANSWERED_CHARS)
        )

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """What the model says, in at most two answers; None where the user says nothing.

        Raises:
            ModelUnavailable: No answer; worth another try later.
            ModelReplyUnreadable: An answer of which nothing can be used, and which does not say that there is nothing.
        """
        if not user_turns(window):
            return None
        found = self._finder.find(window)
        routing = (found.answer,) if found.answer else ()
        if found.is_empty:
            return self._reply("", routing, ())
        messages = write_messages(self._prompt, self._trunk, found, window, trees, alike=self._alike)
        answers = [ask_model(self._further if routing else self._model, messages, ListenReply)]
        readings = [self._reading(answers[0].text, window, trees)]
        if not readings[0].is_clean and not routing:
            answers += self._repaired(messages, answers[0], readings[0])
            readings += [self._reading(answer.text, window, trees) for answer in answers[1:]]
        best = max(range(len(answers)), key=lambda place: _worth(answers[place], readings[place], place))
        if not readings[best].is_of_use:
            why = _why(answers[best], readings[best].mistakes)
            spent = self._spent((*routing, *answers))
            raise ModelReplyUnreadable(self._model.name, answers[best].text, why, spent=spent)
        return self._reply(answers[best].text, routing, answers)

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """Drafts from the reply; asks nobody and keeps nothing."""
        if reply is None:
            return Proposal()
        notes = self._finder.notes(reply.routing) if reply.routing is not None else ()
        if reply.routing is not None and not reply.raw:
            return Proposal(unreadable=notes)
        reading = self._reading(reply.raw, window, trees)
        unreadable = (*notes, *reading.unreadable)
        return Proposal(drafts=tuple(reading.drafts), unreadable=unreadable, lost=len(reading.mistakes))

    def _repaired(
        self, messages: Sequence[ChatMessage], answer: ModelAnswer, reading: Reading
    ) -> tuple[ModelAnswer, ...]:
        """The second answer; none if it does not come and the first one is of use."""
        # Providers refuse an assistant message without text.
        said: tuple[ChatMessage, ...] = (("assistant", answer.text),) if answer.text.strip() else ()
        asked_again = repair_message(self._prompt, reading.mistakes)
        try:
            return (ask_model(self._further, (*messages, *said, asked_again), ListenReply),)
        except ModelUnavailable:
            if reading.drafts:
                return ()
            raise

    def _reading(self, raw: str, window: Window, trees: Mapping[str, PersonaTree]) -> Reading:
        return read_reply(raw, Surroundings(trunk=self._trunk, window=window, trees=trees))

    def _reply(self, raw: str, routing: Sequence[ModelAnswer], answers: Sequence[ModelAnswer]) -> Reply:
        asked = (*routing, *answers)
        spent = self._spent(asked)
        return Reply(
            raw=raw,
            routing=routing[0].text if routing else None,
            model=self._model.name,
            prompt_version=spent.prompt_version,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            calls=len(asked),
            cost=spent.cost,
        )

    def _spent(self, answers: Sequence[ModelAnswer]) -> Spent:
        tokens_in = sum(answer.tokens_in for answer in answers)
        tokens_out = sum(answer.tokens_out for answer in answers)
        return Spent(
            prompt_version=self.prompt_version,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=self._price.of(tokens_in=tokens_in, tokens_out=tokens_out) if self._price else None,
        )


def _worth(answer: ModelAnswer, reading: Reading, place: int) -> tuple[bool, int, int, bool, int]:
    """Sort key of answers: what is of use, says most, and has the fewest mistakes; the later one of equals."""
    return (reading.is_of_use, len(reading.drafts), -len(reading.mistakes), bool(answer.text.strip()), place)


def _why(answer: ModelAnswer, mistakes: Iterable[UnreadableLine]) -> str:
    """What an error says of an answer, without its words."""
    stopped = f"it was stopped by {answer.stopped_by}; " if answer.stopped_by else ""
    return stopped + ("; ".join([*summary(mistakes)][:MISTAKES_NAMED]) or "it holds no operation")
