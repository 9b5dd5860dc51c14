"""`treering chat`: talk to a model that remembers, or to the memory itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import Home, Tenant, User, open_memory

if TYPE_CHECKING:
    from rich.console import Console

    from treering.client.memory import Memory
    from treering.graph.chat import Chat

_LEAVE = frozenset({"/quit", "/exit", "/q"})

_BUDGET_TOKENS = 400
"""What an answer by rule may show: a screen, not a prompt."""


def chat(
    user: User,
    *,
    session: Annotated[
        str | None, typer.Option(help="The conversation; by default a new one, named after the present minute.")
    ] = None,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Talk, and be remembered. The model is that of TREERING_MODEL (provider:model, e.g. openai:gpt-4.1-mini).

    With none, memory answers by rule: it shows what it learned and what it recalls. /tree shows the tree, /quit ends.
    """
    from rich.console import Console

    console = Console()
    name = session or f"chat-{datetime.now(UTC):%Y%m%d-%H%M}"
    with open_memory(home, background=True) as memory:
        talk = _Talk(memory=memory, console=console, user=user, session=name, tenant=tenant, model=_model(memory))
        if talk.model is None:
            console.print("No model is set (TREERING_MODEL), so memory answers by rule. /tree, /quit", style="yellow")
        while (said := talk.ask()) is not None:
            if said == "/tree":
                talk.show_tree()
            elif said and talk.model is None:
                talk.answer_by_rule(said)
            elif said:
                talk.answer_by_model(said)
        memory.end_session(user, name, tenant=tenant)
        memory.flush(user, tenant=tenant)


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

    def ask(self) -> str | None:
        try:
            said = self.console.input("[bold cyan]you[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            return None
        return None if said in _LEAVE else said

    def show_tree(self) -> None:
        from treering.cli.tree_drawing import draw_tree

        self.memory.flush(self.user, tenant=self.tenant)
        self.console.print(draw_tree(self.memory.tree(self.user, tenant=self.tenant)))

    def answer_by_rule(self, said: str) -> None:
        from treering.cli.drawing import draw_operation, texts_of
        from treering.schemas.operations import NoOp

        before = self.memory.tree(self.user, tenant=self.tenant)
        receipt = self.memory.remember(self.user, said, session=self.session, tenant=self.tenant)
        recall = self.memory.recall(
            self.user, said, exclude=receipt.stored, budget_tokens=_BUDGET_TOKENS, tenant=self.tenant
        )
        self.memory.flush(self.user, tenant=self.tenant)
        for entry in self.memory.history(self.user, tenant=self.tenant):
            if entry.version > before.version and not isinstance(entry.operation, NoOp):
                self.console.print(draw_operation(entry.operation, texts_of(before.claims)))
        self.console.print(recall.context or "I know nothing about that yet.", markup=False, highlight=False)

    def answer_by_model(self, said: str) -> None:
        if self.model is None:
            return
        for chunk in self.model.stream(said, user=self.user, session=self.session, tenant=self.tenant):
            self.console.print(chunk.text, end="", markup=False, highlight=False)
        self.console.print()
