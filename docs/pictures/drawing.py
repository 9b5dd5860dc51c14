"""Boxes, words and arrows as SVG: one look for all diagrams, which load nothing and name no font file."""

from __future__ import annotations

from html import escape

LINE = 18
"""From one line of words to the next, in pixels."""

PAD = 12
"""Around words in a box, in pixels."""

STYLE = """\
svg { font: 14px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif }
.card { fill: #fbfcfc; stroke: #cfd8dc }
.box { fill: #e3f2ef; stroke: #00897b; stroke-width: 1.5 }
.held { fill: #fff3e0; stroke: #ef8f00 }
.gone { fill: #fdecea; stroke: #c62828 }
.quiet { fill: #eceff1; stroke: #90a4ae }
.title { font-weight: 600; fill: #12332e }
.words { fill: #263238 }
.small { font-size: 12px; fill: #455a64 }
.arrow { fill: none; stroke: #546e7a; stroke-width: 1.5 }
.head { fill: #546e7a }
@media (prefers-color-scheme: dark) {
.card { fill: #14191c; stroke: #37474f }
.box { fill: #12332e; stroke: #4db6ac }
.held { fill: #3a2a10; stroke: #ffb74d }
.gone { fill: #3b1a18; stroke: #ef9a9a }
.quiet { fill: #263238; stroke: #78909c }
.title { fill: #e0f2f1 }
.words { fill: #cfd8dc }
.small { fill: #b0bec5 }
.arrow { stroke: #90a4ae }
.head { fill: #90a4ae }
}
"""
"""On a card of its own, so that it is read on a dark page as on a light one."""


class Drawing:
    """A picture of a width and a height in pixels, drawn piece by piece."""

    def __init__(self, width: int, height: int, says: str) -> None:
        self._width, self._height, self._says = width, height, says
        self._parts: list[str] = []

    def box(self, x: int, y: int, width: int, title: str, *words: str, kind: str = "box") -> tuple[int, int]:
        """A box as high as its words; returns the middle of its upper and lower edge."""
        height = LINE * (1 + len(words)) + PAD
        self._parts.append(f'<rect class="box {kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>')
        middle = x + width // 2
        self.words(middle, y + LINE, title, kind="title")
        for place, line in enumerate(words, start=1):
            self.words(middle, y + LINE * (1 + place), line, kind="small")
        return y, y + height

    def band(self, x: int, y: int, width: int, height: int) -> None:
        """A quiet ground under boxes that belong together."""
        self._parts.append(f'<rect class="quiet" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>')

    def words(self, x: int, y: int, line: str, *, kind: str = "words", anchor: str = "middle") -> None:
        """One line of words at a point."""
        self._parts.append(f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(line)}</text>')

    def arrow(self, *points: tuple[int, int]) -> None:
        """A line through points, with a head at the last."""
        way = " ".join(f"{x},{y}" for x, y in points)
        self._parts.append(f'<polyline class="arrow" points="{way}" marker-end="url(#treering-head)"/>')

    def svg(self) -> str:
        """The picture, with what it says for those who do not see it."""
        head = '<path class="head" d="M0,0 L8,4 L0,8 z"/>'
        size = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self._width} {self._height}" role="img">',
                f"<title>{escape(self._says)}</title>",
                f"<style>\n{STYLE}</style>",
                f'<defs><marker id="treering-head" {size} orient="auto">{head}</marker></defs>',
                f'<rect class="card" x="1" y="1" width="{self._width - 2}" height="{self._height - 2}" rx="10"/>',
                *self._parts,
                "</svg>\n",
            ]
        )
