"""Tables of many columns, in as many parts below each other as the screen needs: nothing in them is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions

_GAP = 2
"""Blanks between two columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A table whose first column names the rows; print it as it is.

    A part is as wide as the screen allows. Headings are broken between words, names of rows where they take half of
    the screen.
    """

    title: str
    caption: str = ""
    corner: str = ""
    """The heading of the names of rows."""
    columns: Sequence[str]
    """The headings of all others."""
    rows: Sequence[Sequence[str]]
    """Each with its name first."""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Table | str]:
        """Its parts, the title above the first one and the caption below the last."""
        if not self.columns or not self.rows:
            return
        names = min(max(map(cell_len, (self.corner, *(row[0] for row in self.rows)))), options.max_width // 2)
        widths = self._widths(options.max_width - names)
        parts = list(_parts(widths, options.max_width - names))
        for number, part in enumerate(parts):
            table = Table(
                box=None,
                header_style="bold",
                pad_edge=False,
                title=self.title if number == 0 else None,
                caption=self.caption or None if number == len(parts) - 1 else None,
                caption_justify="left",
            )
            table.add_column(self.corner, width=names, overflow="fold")
            for place in part:
                table.add_column(self.columns[place], justify="right", width=widths[place], overflow="fold")
            for row in self.rows:
                table.add_row(row[0], *(row[1 + place] for place in part))
            if number:
                yield ""
            yield table

    def _widths(self, room: int) -> Sequence[int]:
        """The width of each column: where all are to stand side by side, headings may be broken between words."""
        cells = [max(cell_len(row[1 + place]) for row in self.rows) for place in range(len(self.columns))]
        whole = [max(cell, cell_len(heading)) for cell, heading in zip(cells, self.columns, strict=True)]
        if sum(whole) + _GAP * len(whole) <= room:
            return whole
        words = [max(map(cell_len, heading.split() or [""])) for heading in self.columns]
        return [max(cell, word) for cell, word in zip(cells, words, strict=True)]


def _parts(widths: Sequence[int], room: int) -> Iterator[Sequence[int]]:
    """The columns of each part, as many as go side by side."""
    part: list[int] = []
    taken = 0
    for place, width in enumerate(widths):
        if part and taken + _GAP + width > room:
            yield part
            part, taken = [], 0
        part.append(place)
        taken += _GAP + width
    yield part
