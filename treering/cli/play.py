"""Plays a story into a memory and onto a stage: `treering demo`, and the pictures of the documentation."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.text import Text

from treering.cli.drawing import draw_heard, draw_reasons, texts_of
from treering.cli.stage import tree_panel
from treering.cli.tree_drawing import Change, draw_tree

if TYPE_CHECKING:
    from rich.console import Console

    from treering.cli.stage import Stage
    from treering.cli.story import Story, StorySession
    from treering.client.memory import Memory
    from treering.schemas.dialogue import Role, Scope
    from treering.schemas.listening import Heard
    from treering.schemas.recall import Recall

BETWEEN_TURNS = timedelta(minutes=1)
"""How long a turn takes in the story's own time."""

_BUDGET_TOKENS = 300
"""What the context of a question may cost: it fits a screen."""


@dataclass(slots=True, kw_only=True)
class Play:
    """A story, the stage it is played on, and the console for what comes after."""

    console: Console
    stage: Stage
    story: Story
    wait_s: float = 0.0
    heard: list[Heard] = field(default_factory=list)

    def hear(self, _: Scope, one: Heard) -> None:
        """Keep what listening came to; the memory's observer."""
        self.heard.append(one)

    def run(self, memory: Memory) -> None:
        """Play everything: the sessions, the request to forget, the questions, the sum."""
        with self.stage.open():
            self.talk(memory)
        self.confirm(memory)
        for question in self.story.questions:
            self.show(self.ask(memory, question))
            time.sleep(self.wait_s)
        self._sum_up(memory)

    def talk(self, memory: Memory) -> None:
        """Play the sessions."""
        for session in self.story.sessions:
            self._play(memory, session)

    def _play(self, memory: Memory, session: StorySession) -> None:
        self.stage.session(session.id, f"{session.at.day} {session.at:%B %Y}")
        opening = memory.tree(self.story.user)
        said = [(role, text) for turn in session.turns for role, text in turn.items()]
        for place, (role, text) in enumerate(said):
            self.stage.say(self.story.user if role == "user" else role, text, is_user=role == "user")
            self._listen(memory, session, place, role, text)
            time.sleep(self.wait_s)
        memory.end_session(self.story.user, session.id)
        memory.flush(self.story.user)
        self.stage.session_ends(Change(opening, memory.tree(self.story.user)))

    def _listen(self, memory: Memory, session: StorySession, place: int, role: Role, text: str) -> None:
        before = memory.tree(self.story.user)
        self.heard.clear()
        at = session.at + place * BETWEEN_TURNS
        message = {"role": role, "content": text, "id": f"{session.id}-{place}", "at": at}
        memory.remember(self.story.user, message, session=session.id)
        memory.flush(self.story.user)
        lines = [line for one in self.heard for line in draw_heard(one, texts_of(before.claims))]
        self.stage.caused(lines, Change(before, memory.tree(self.story.user)))

    def confirm(self, memory: Memory) -> None:
        """Carry out what waits for somebody's yes, and show the tree without it."""
        before = memory.tree(self.story.user)
        for held in memory.quarantine(self.story.user):
            self.console.rule("[bold]a request to forget[/]", style="dim")
            self.console.print(f"Held until somebody confirms it: “{held.verdict.draft.quote}”", markup=False)
            erasure = memory.release(self.story.user, held.id).receipt
            if erasure is not None:
                gone = f"{_count(len(erasure.claims), 'claim')}, the text of {_count(len(erasure.messages), 'turn')}"
                words = f"the words of {_count(erasure.entries, 'ledger entry', 'ledger entries')}"
                self.console.print(f"Confirmed and erased: {gone}, {words}. Ids and digests stay.", style="red")
        memory.flush(self.story.user)
        change = Change(before, memory.tree(self.story.user))
        self.console.print(tree_panel(draw_tree(change.after, change=change)))

    def ask(self, memory: Memory, question: str) -> Recall:
        """Recall for a question, the day after the story ends."""
        return memory.recall(
            self.story.user, question, budget_tokens=_BUDGET_TOKENS, as_of=self.story.ends_at, explain=True
        )

    def show(self, recall: Recall, *, timed: bool = True) -> None:
        """A question, its context, and the reason for every line."""
        self.console.print(Panel(Text(recall.context), title=Text(recall.query, style="bold"), border_style="cyan"))
        spent = f", {sum(recall.timings_ms.values()):.0f} ms" if timed else ""
        decision = f"mode {recall.decision.mode} ({recall.decision.rule})"
        self.console.print(f"{decision}, {recall.tokens} tokens{spent}", style="dim", highlight=False)
        self.console.print(draw_reasons(recall))

    def _sum_up(self, memory: Memory) -> None:
        entries = memory.history(self.story.user)
        kinds = Counter(entry.operation.kind for entry in entries)
        counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
        current = len(memory.tree(self.story.user).claims)
        self.console.rule(style="dim")
        self.console.print(f"{len(entries)} operations ({counts}) made {current} current claims.", highlight=False)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
