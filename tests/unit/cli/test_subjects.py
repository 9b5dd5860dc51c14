"""`treering subjects` from the outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from treering import AsyncMemory, Memory

Run = Callable[..., Result]


def test_everybody_who_has_a_tree_is_listed(command: Run) -> None:
    assert command("subjects", "ana").output == "Nobody yet.\n"
    command("remember", "ana", "My sister Ines lives in Porto.")
    assert command("subjects", "ana").output == "self (ana): 1 claim\nperson:Ines: 1 claim\n"
    listed = json.loads(command("subjects", "ana", "--json").output)
    assert listed == [{"subject": "self", "claims": 1}, {"subject": "person:Ines", "claims": 1}]
    assert "lives in Porto" in command("tree", "ana", "--subject", "person:Ines").output


async def test_an_event_loop_sees_the_same(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path, embedder="hash", background=False)) as memory:
        await memory.remember("ana", "My sister Ines lives in Porto.")
        await memory.flush()
        assert [one.subject for one in await memory.subjects("ana")] == ["self", "person:Ines"]
