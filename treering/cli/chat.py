"""`treering chat`: talk to a model that remembers, or to the memory itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import Home, Tenant, User, held_hint, open_memory, screen, warn_of_failures

if TYPE_CHECKING:
    from rich.console import Console

    from treering.client.memory import Memory
    from treering.graph.chat import Chat
    from treering.schemas.dialogue import Scope
    from treering.schemas.listening import Heard

_LEAVE = frozenset({"/quit", "/exit", "/q"})

_COMMANDS = "/tree shows what is known, /quit ends."

_BUDGET_TOKENS = 400
"""What an answer by rule may show: a screen, not a prompt."""


def chat(
    user: User,
    *,
    session: Annotated[
        str | None, typer.Option(help="The conversation; by default a new one, named after the present second.")
    ] = None,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Talk, and be remembered. The model is that of TREERING_MODEL (provider:model, e.g. openai:gpt-4.1-mini).

    With none, memory answers by rule: it shows what it learned and what it recalls. /tree shows the tree, /quit ends.

    \b
    treering chat ana
    TREERING_MODEL=openai:gpt-4.1-mini treering chat ana
    """
    console = screen()
    heard: list[Heard] = []

    def observe(_: Scope, one: Heard) -> None:
        heard.append(one)

    name = session or f"chat-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with open_memory(home, observe=observe, background=True) as memory:
        model = _model(memory)
        talk = _Talk(memory=memory, console=console, user=user, session=name, tenant=tenant, model=model, heard=heard)
        lead = "" if model else "No model is set (TREERING_MODEL), so memory answers by rule. "
        console.print(f"{lead}{_COMMANDS}", style="yellow", markup=False)
        talk.run()
        memory.end_session(user, name, tenant=tenant)
        memory.flush(user, tenant=tenant)
        warn_of_failures(memory, user, tenant)


def _model(memory: Memory) -> Chat | None:
    if memory.settings.model is None:
        return None
    from treering.composition import load_chat_model

    return memory.wrap(load_chat_model(memory.settings.model))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    memory: Memory
    console: Console
    user: str
    session: str
    tenant: str
    model: Chat | None
    heard: list[Heard] = field(default_factory=list)

    def run(self) -> None:
        while (said := self._ask()) is not None:
            self._take(said)

    def _ask(self) -> str | None:
        try:
            said = self.console.input("[bold cyan]you[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            self.console.print()
            return None
        return None if said in _LEAVE else said

    def _take(self, said: str) -> None:
        from treering.errors import InvalidInput, ModelError

        if said == "/tree":
            self._show_tree()
        elif said.startswith("/"):
            self.console.print(_COMMANDS, style="yellow", markup=False)
        elif said:
            try:
                self._answer(said)
            except (InvalidInput, ModelError) as error:  # of this one message; the conversation goes on
                self.console.print(f"treering: {error}", style="red", markup=False)

    def _show_tree(self) -> None:
        from treering.cli.tree_drawing import draw_tree

        self.memory.flush(self.user, tenant=self.tenant)
        self.console.print(draw_tree(self.memory.tree(self.user, tenant=self.tenant)))

    def _answer(self, said: str) -> None:
        if self.model is None:
            self._answer_by_rule(said)
            return
        for chunk in self.model.stream(said, user=self.user, session=self.session, tenant=self.tenant):
            self.console.print(chunk.text, end="", markup=False)
        self.console.print()

    def _answer_by_rule(self, said: str) -> None:
        from treering.cli.drawing import draw_heard, texts_of

        before = texts_of(self.memory.tree(self.user, tenant=self.tenant).claims)
        receipt = self.memory.remember(self.user, said, session=self.session, tenant=self.tenant)
        recall = self.memory.recall(
            self.user, said, exclude=receipt.stored, budget_tokens=_BUDGET_TOKENS, tenant=self.tenant
        )
        self.memory.flush(self.user, tenant=self.tenant)
        heard = self.heard[:]
        self.heard.clear()
        lines = [line for one in heard for line in draw_heard(one, before)]
        for line in lines:
            self.console.print(line)
        if hint := held_hint(self.user, heard):
            self.console.print(hint, style="dim", markup=False)
        if recall.context or not lines:
            self.console.print(recall.context or "I know nothing about that yet.", markup=False)
