"""Where the demo is played: a live picture in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from treering.cli.tree_drawing import Change, draw_tree, main_branches

if TYPE_CHECKING:
    from rich.tree import Tree
_NAME_COLUMNS = 9
"""Width of "assistant", the longest speaker; what a turn caused stands under what was said."""

_LOG_LINES = 60
"""Lines of talk that are kept for the picture; more never fit a screen."""

_LIVE_COLUMNS = 70
_LIVE_LINES = 20
"""A smaller screen has no room for talk and tree beside each other."""

_WIDE_COLUMNS = 110
"""From here on the talk may take more than half, and the tree shows its dates."""

_LEGEND = "the tree: [not dim][green]+ new[/] [yellow]~ changed[/] [red]- gone[/][/]"

_FRAME = 4
"""Columns that a panel's border and padding take."""


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

    def caused(self, lines: list[Text], change: Change) -> None:
        """What a turn caused."""
        ...

    def session_ends(self, change: Change) -> None:
        """A session is over."""
        ...


def fits_live(console: Console) -> bool:
    """Whether the console is a screen with room for the live picture."""
    is_screen = console.is_terminal and not console.is_dumb_terminal
    return is_screen and console.width >= _LIVE_COLUMNS and console.height >= _LIVE_LINES


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
        """One paragraph a turn."""
        self._console.print(spoken(speaker, text, is_user=is_user))

    def caused(self, lines: list[Text], change: Change) -> None:  # noqa: ARG002 - the tree follows in session_ends
        """One line an operation."""
        for line in lines:
            self._console.print(under(line))

    def session_ends(self, change: Change) -> None:
        """The tree, with what the session changed."""
        self._console.print(tree_panel(draw_tree(change.after, change=change)))


class LiveStage:
    """Talk on the left, the tree on the right, changing while one looks."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._log: deque[RenderableType] = deque(maxlen=_LOG_LINES)
        self._is_wide = console.width >= _WIDE_COLUMNS
        self._recent: list[str] = []
        self._layout = Layout()
        talk, tree = (3, 2) if self._is_wide else (1, 1)
        self._layout.split_row(Layout(name="talk", ratio=talk), Layout(name="tree", ratio=tree))
        self._tree_columns = console.width * tree // (talk + tree) - _FRAME
        self._talk_columns = console.width * talk // (talk + tree) - _FRAME
        self._layout["tree"].update(Panel("", title="the tree", border_style="dim"))
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

    def caused(self, lines: list[Text], change: Change) -> None:
        """Operations under the turn, and the tree in colour until the next one changes it."""
        self._log.extend(under(line) for line in lines)
        if change.branches:
            touched = change.branches
            self._recent = [name for name in self._recent if name not in touched] + sorted(touched)
            self._layout["tree"].update(tree_panel(self._fitted(change)))
        self._draw_talk()

    def session_ends(self, change: Change) -> None:
        """The picture has it all already."""

    def _fitted(self, change: Change) -> Tree:
        """The tree in the room there is: branches that changed long ago are folded first."""
        quiet = [name for name in main_branches(change.after) if name not in self._recent]
        foldable = [name for name in (*quiet, *self._recent) if name not in change.branches]
        folded: list[str] = []
        while True:
            tree = draw_tree(change.after, change=change, folded=folded, dated=self._is_wide)
            if self._height(tree, self._tree_columns) <= self._console.height - 2 or len(folded) == len(foldable):
                return tree
            folded.append(foldable[len(folded)])

    def _draw_talk(self) -> None:
        room = self._console.height - 2
        kept: list[RenderableType] = []
        for line in reversed(self._log):
            room -= self._height(line, self._talk_columns)
            if room < 0:
                break
            kept.append(line)
        self._layout["talk"].update(Panel(Group(*reversed(kept)), title="what is said", border_style="dim"))
        self._live.refresh()

    def _height(self, what: RenderableType, columns: int) -> int:
        return len(self._console.render_lines(what, self._console.options.update_width(columns)))


def spoken(speaker: str, text: str, *, is_user: bool) -> Table:
    """A turn, as text and never as markup."""
    return _row(
        Text(speaker, style="bold cyan" if is_user else "dim", justify="right"),
        Text(text, style="" if is_user else "dim"),
    )


def under(line: Text) -> Table:
    """What a turn caused, under its words."""
    return _row(Text(""), line)


def tree_panel(tree: Tree) -> Panel:
    """A tree in its frame, which says what the signs mean."""
    return Panel(tree, title=_LEGEND, border_style="dim")


def _row(left: Text, right: Text) -> Table:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=_NAME_COLUMNS, no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(left, right)
    return row
