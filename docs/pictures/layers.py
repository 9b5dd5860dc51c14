"""The layers of the package, drawn from the contracts that `make check` proves: `make pictures`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from drawing import LINE, PAD, Drawing

FOLDER = Path(__file__).parent

WIDTH = 760

TOP = 48
"""Below the title, in pixels."""

ROOM = 12
"""Between boxes, in pixels."""

BAND = 10
"""What a layer takes beside its boxes and the room between them, in pixels."""

LETTER = 8.8
"""Width of a letter in a box, about, in pixels."""


def pictures() -> dict[str, str]:
    """The two pictures by the names of their files."""
    contracts = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    of = {one["containers"][0]: one["layers"] for one in contracts if one["type"] == "layers"}
    return {
        "layers.svg": drawn("treering", of["treering"]),
        "engine-layers.svg": drawn("treering.memory", of["treering.memory"]),
    }


def drawn(container: str, layers: list[str]) -> str:
    """Layers above each other; what stands beside each other in one does not import each other."""
    bands = [_rows(_rooms(layer)) for layer in layers]
    high = LINE + PAD
    drawing = Drawing(
        WIDTH,
        TOP + sum(len(rows) * (high + ROOM) + BAND for rows in bands) + ROOM,
        f"The layers of {container}, each above what it may import: {'; '.join(layers)}.",
    )
    drawing.words(24, 32, f"{container}: each layer may import what stands below it", kind="title", anchor="start")
    y = TOP
    for rows in bands:
        drawing.band(16, y, WIDTH - 32, len(rows) * (high + ROOM) + ROOM // 2)
        for place, rooms in enumerate(rows):
            width = (WIDTH - 48 - ROOM * (len(rooms) - 1)) // len(rooms)
            for column, room in enumerate(rooms):
                drawing.box(24 + column * (width + ROOM), y + ROOM * 3 // 4 + place * (high + ROOM), width, room)
        y += len(rows) * (high + ROOM) + BAND
    return drawing.svg()


def _rooms(layer: str) -> list[str]:
    """`a | b` are independent of each other, and `a : b` may import each other."""
    return [room.strip() for room in layer.replace(":", "|").split("|")]


def _rows(rooms: list[str]) -> list[list[str]]:
    """As many rooms in a row as fit there."""
    rows: list[list[str]] = [[]]
    for room in rooms:
        taken = rows[-1] + [room]
        if max(len(one) * LETTER + 2 * PAD for one in taken) * len(taken) + ROOM * (len(taken) - 1) > WIDTH - 48:
            rows.append([])
        rows[-1].append(room)
    return rows


if __name__ == "__main__":
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")
