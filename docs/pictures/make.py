"""Draws the pictures of the documentation by playing the demo's story: `make pictures`.

The same story gives the same bytes: no time, no id and no measurement is drawn. The pictures name no font file and no
address, so they look the same in a browser, on a code host, and without a network.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from treering import Memory, Settings
from treering.cli.play import Play
from treering.cli.stage import PlainStage, spoken, tree_panel, under
from treering.cli.story import load_story
from treering.cli.tree_drawing import Change, draw_tree

FOLDER = Path(__file__).parent

COLUMNS = 86
"""Narrow enough to be read where a page is 830 pixels wide."""

CHOSEN = {"january-2", "march-0", "july-0", "july-2", "july-4"}
"""Turns that the picture of the tree shows: additions, a replacement, an ending, a taste that flips, a boundary."""

ASPECT = 0.602
"""Width to height of a letter in Menlo, SF Mono and DejaVu Sans Mono, for viewers that do not fit text to a length."""

_EDGE_SPACES = re.compile(
    r'x="([\d.]+)"( y="[\d.]+") textLength="([\d.]+)"([^>]*)>((?:&#160;)*)(.*?)((?:&#160;)*)</text>'
)
"""A text element, with the spaces around its words: some viewers drop them, and all that follows moves."""

THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (227, 179, 65)]
    + [(88, 166, 255), (188, 140, 255), (86, 212, 221), (230, 237, 243)],
)

FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<style>
.{unique_id}-matrix {{
font: {char_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre
}}
.{unique_id}-title {{ font: bold 18px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Without the web font of rich's own format: a picture in a README may load nothing."""


class PictureStage(PlainStage):
    """Prints the chosen turns with what they caused, and keeps the changes of the tree."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.changes: dict[str, Change] = {}
        self._session = ""
        self._day = ""
        self._gap = ""
        self._place = -1
        self._line: RenderableType = ""

    def session(self, name: str, day: str) -> None:
        """Headlines are drawn only where a turn of the session is."""
        self._session, self._day, self._place = name, day, -1

    def say(self, speaker: str, text: str, *, is_user: bool) -> None:
        """Wait for what it causes: not every turn is drawn."""
        self._place += 1
        self._line = spoken(speaker, text, is_user=is_user)

    def caused(self, lines: list[Text], change: Change) -> None:
        """A chosen turn, its day, and its operations."""
        name = f"{self._session}-{self._place}"
        self.changes[name] = change
        if name not in CHOSEN:
            return
        if self._day:
            self._console.print(Text(self._gap + self._day, style="dim"))
            self._gap = "\n"
        self._day = ""
        self._console.print(self._line)
        for line in lines:
            self._console.print(under(line))

    def session_ends(self, change: Change) -> None:
        """The tree is drawn once, at the end."""


def draw(folder: Path = FOLDER) -> None:
    """Write `tree.svg` and `recall.svg` into a folder."""
    screen = Console(
        record=True,
        width=COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        file=io.StringIO(),
    )
    stage = PictureStage(screen)
    play = Play(console=screen, stage=stage, story=load_story())
    with tempfile.TemporaryDirectory() as home, picture_memory(Path(home), play) as memory:
        play.talk(memory)
        change = Change(stage.changes["july-0"].before, stage.changes["july-4"].after)
        screen.print()
        screen.print(tree_panel(draw_tree(change.after, change=change)))
        _write(screen, folder / "tree.svg", "Mara talks, and her tree grows")
        play.show(play.ask(memory, play.story.questions[0]), timed=False)
        _write(screen, folder / "recall.svg", "A question, its context, and the reason for every line")


def picture_memory(home: Path, play: Play) -> Memory:
    """A memory with the default settings, whatever the environment says."""
    return Memory(settings=Settings(home=home), observe=play.hear, background=False)


def _write(screen: Console, file: Path, title: str) -> None:
    drawn = screen.export_svg(
        title=title, theme=THEME, code_format=FORMAT, unique_id=f"treering-{file.stem}", font_aspect_ratio=ASPECT
    )
    drawn = _EDGE_SPACES.sub(_trimmed, drawn)
    file.write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n", encoding="utf-8")


def _trimmed(text: re.Match[str]) -> str:
    x, y, length, rest, before, words, after = text.groups()
    letter = 20 * ASPECT
    left, right = (len(spaces) // len("&#160;") * letter for spaces in (before, after))
    return f'x="{float(x) + left:g}"{y} textLength="{float(length) - left - right:g}"{rest}>{words}</text>'


if __name__ == "__main__":
    draw()
