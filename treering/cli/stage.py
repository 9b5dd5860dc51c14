"""Where the demo is played: a live picture in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from treering.cli.drawing import draw_tree

if TYPE_CHECKING:
    from treering.schemas.views import TreeView

_INDENT = 11
"""Columns before what a turn caused: the width of the speaker's name."""

_LOG_LINES = 60
"""Lines of talk that are kept for the picture; more never fit a screen."""


class Stage(Protocol):
    """Shows talk, what it causes, and the tree."""

    def open(self) -> AbstractContextManager[object]:
        """The time while sessions are played."""
        ...

    def session(self, name: str, day: str) -> None:
        """A session begins."""
        ...

    def say(self, speaker: str, text: str, *, is_user: bool) -> None:
        """Somebody speaks."""
        ...

    def caused(self, lines: list[Text], before: TreeView, after: TreeView) -> None:
        """What a turn caused."""
        ...

    def session_ends(self, before: TreeView, after: TreeView) -> None:
        """A session is over."""
        ...


class PlainStage:
    """Prints one thing after the other, and the tree after each session."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def open(self) -> AbstractContextManager[object]:
        """Nothing to set up."""
        return nullcontext()

    def session(self, name: str, day: str) -> None:
        """A rule across the page."""
        self._console.rule(f"[bold]{name}[/]  {day}", style="dim")

    def say(self, speaker: str, text: str, *, is_user: bool) -> None:
        """One line a turn."""
        self._console.print(spoken(speaker, text, is_user=is_user))

    def caused(self, lines: list[Text], before: TreeView, after: TreeView) -> None:  # noqa: ARG002 - see session_ends
        """One line an operation."""
        for line in lines:
            self._console.print(Padding(line, (0, 0, 0, _INDENT)))

    def session_ends(self, before: TreeView, after: TreeView) -> None:
        """The tree, with what the session changed."""
        self._console.print(tree_panel(before, after))


class LiveStage:
    """Talk on the left, the tree on the right, changing while one looks."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._log: deque[RenderableType] = deque(maxlen=_LOG_LINES)
        self._layout = Layout()
        self._layout.split_row(Layout(name="talk", ratio=3), Layout(name="tree", ratio=2))
        self._live = Live(self._layout, console=console, auto_refresh=False, screen=True)

    def open(self) -> AbstractContextManager[object]:
        """Takes the screen until the sessions are over."""
        return self._live

    def session(self, name: str, day: str) -> None:
        """A headline in the talk."""
        self._log.append(Text(f"── {name}, {day} ──", style="bold"))
        self._draw_talk()

    def say(self, speaker: str, text: str, *, is_user: bool) -> None:
        """One paragraph a turn."""
        self._log.append(spoken(speaker, text, is_user=is_user))
        self._draw_talk()

    def caused(self, lines: list[Text], before: TreeView, after: TreeView) -> None:
        """Operations under the turn, and the tree in colour."""
        self._log.extend(Padding(line, (0, 0, 0, _INDENT)) for line in lines)
        self._layout["tree"].update(tree_panel(before, after))
        self._draw_talk()

    def session_ends(self, before: TreeView, after: TreeView) -> None:
        """The picture has it all already."""

    def _draw_talk(self) -> None:
        width = self._console.width * 3 // 5 - 4
        room = self._console.height - 2
        kept: list[RenderableType] = []
        for line in reversed(self._log):
            room -= len(self._console.render_lines(line, self._console.options.update_width(width)))
            if room < 0:
                break
            kept.append(line)
        self._layout["talk"].update(Panel(Group(*reversed(kept)), title="what is said", border_style="dim"))
        self._live.refresh()


def spoken(speaker: str, text: str, *, is_user: bool) -> Text:
    """A turn, as text and never as markup."""
    line = Text(f"{speaker:>{_INDENT - 2}}  ", style="bold cyan" if is_user else "dim")
    line.append(text, style="" if is_user else "dim")
    return line


def tree_panel(before: TreeView, after: TreeView) -> Panel:
    """The tree after a change: new claims green, those that replaced others yellow."""
    known = {claim.id for claim in before.claims}
    new = [claim for claim in after.claims if claim.id not in known]
    changed = {claim.id for claim in new if claim.supersedes}
    fresh = {claim.id for claim in new} - changed
    title = f"the tree, version {after.version}: [green]new[/], [yellow]changed[/]"
    return Panel(draw_tree(after, fresh=fresh, changed=changed), title=title, border_style="dim")
