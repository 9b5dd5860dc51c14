"""`treering demo`: a year of one person in two minutes, the tree growing while she talks."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from treering.cli.stage import Stage
    from treering.cli.story import Story, StorySession
    from treering.client.memory import Memory
    from treering.schemas.dialogue import Role, Scope
    from treering.schemas.listening import Heard

_BETWEEN_TURNS = timedelta(minutes=1)

_PAUSE_S = 1.2
"""Seconds between turns in a terminal: time to read two sentences."""

_BUDGET_TOKENS = 300
"""What the context of a demo question may cost: it fits a screen."""


def demo(
    *,
    pause: Annotated[
        float | None,
        typer.Option(help="Seconds between turns; by default 1.2 in a terminal and none elsewhere.", min=0),
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep the store in this folder; else it is thrown away.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print line after line, also in a terminal.")] = False,
) -> None:
    """Replay a year of one person, and watch the persona tree grow, change and forget.

    Each turn shows the operations it caused: + added, ~ updated, - ended or forgotten, · known already. Then three
    questions are recalled, with the reason for every line. No model and no key are needed.
    """
    from rich.console import Console

    from treering.cli.stage import LiveStage, PlainStage
    from treering.cli.story import load_story

    console = Console()
    is_live = console.is_terminal and not plain
    wait_s = pause if pause is not None else (_PAUSE_S if is_live else 0.0)
    with tempfile.TemporaryDirectory(prefix="treering-demo-") as folder:
        stage = LiveStage(console) if is_live else PlainStage(console)
        play = _Play(console=console, stage=stage, story=load_story(), wait_s=wait_s)
        play.run(str(keep or folder))


@dataclass(slots=True, kw_only=True)
class _Play:
    console: Console
    stage: Stage
    story: Story
    wait_s: float
    heard: list[Heard] = field(default_factory=list)

    def run(self, folder: str) -> None:
        from treering.cli.options import warn_of_failures
        from treering.client.memory import Memory

        with self.console.status("Waking up: the sentence model is built once, then cached …"):
            memory = Memory(folder, observe=self._hear, background=False)
            memory.warm_up()
        with memory:
            with self.stage.open():
                for session in self.story.sessions:
                    self._play(memory, session)
            self._confirm(memory)
            for question in self.story.questions:
                self._ask(memory, question)
            self._sum_up(memory)
            warn_of_failures(memory, self.story.user, "default")

    def _hear(self, _: Scope, one: Heard) -> None:
        self.heard.append(one)

    def _play(self, memory: Memory, session: StorySession) -> None:
        self.stage.session(session.id, f"{session.at:%d %B %Y}")
        opening = memory.tree(self.story.user)
        said = [(role, text) for turn in session.turns for role, text in turn.items()]
        for place, (role, text) in enumerate(said):
            self.stage.say(self.story.user if role == "user" else role, text, is_user=role == "user")
            self._listen(memory, session, place, role, text)
            time.sleep(self.wait_s)
        memory.end_session(self.story.user, session.id)
        memory.flush(self.story.user)
        self.stage.session_ends(opening, memory.tree(self.story.user))

    def _listen(self, memory: Memory, session: StorySession, place: int, role: Role, text: str) -> None:
        from treering.cli.drawing import draw_heard, texts_of

        before = memory.tree(self.story.user)
        self.heard.clear()
        at = session.at + place * _BETWEEN_TURNS
        message = {"role": role, "content": text, "id": f"{session.id}-{place}", "at": at}
        memory.remember(self.story.user, message, session=session.id)
        memory.flush(self.story.user)
        lines = [line for one in self.heard for line in draw_heard(one, texts_of(before.claims))]
        self.stage.caused(lines, before, memory.tree(self.story.user))

    def _confirm(self, memory: Memory) -> None:
        for held in memory.quarantine(self.story.user):
            self.console.rule("[bold]a request to forget[/]", style="dim")
            self.console.print(f"Held until somebody confirms it: “{held.verdict.draft.quote}”", markup=False)
            erasure = memory.confirm(self.story.user, held.id)
            if erasure is not None:
                gone = f"{len(erasure.claims)} claim, the text of {len(erasure.messages)} turns"
                words = f"the words of {erasure.entries} ledger entries"
                self.console.print(f"Confirmed and erased: {gone}, {words}. Ids and digests stay.", style="red")
        memory.flush(self.story.user)

    def _ask(self, memory: Memory, question: str) -> None:
        from rich.panel import Panel
        from rich.text import Text

        from treering.cli.drawing import draw_reasons

        recall = memory.recall(
            self.story.user, question, budget_tokens=_BUDGET_TOKENS, as_of=self.story.ends_at, explain=True
        )
        self.console.print(Panel(Text(recall.context), title=Text(question, style="bold"), border_style="cyan"))
        spent_ms = sum(recall.timings_ms.values())
        decision = f"mode {recall.decision.mode} ({recall.decision.rule})"
        self.console.print(f"{decision}, {recall.tokens} tokens, {spent_ms:.0f} ms", style="dim")
        self.console.print(draw_reasons(recall))
        time.sleep(self.wait_s)

    def _sum_up(self, memory: Memory) -> None:
        entries = memory.history(self.story.user)
        kinds = Counter(entry.operation.kind for entry in entries)
        counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
        current = len(memory.tree(self.story.user).claims)
        self.console.rule(style="dim")
        self.console.print(f"{len(entries)} operations ({counts}) made {current} current claims. Now try your own:")
        self.console.print('  treering remember ana "I moved to Lisbon and I am allergic to peanuts."', markup=False)
        self.console.print('  treering recall ana "Where should I take Ana for dinner?" --explain', markup=False)
