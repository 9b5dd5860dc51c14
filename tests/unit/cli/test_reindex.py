"""`treering reindex` from the outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from treering import AsyncMemory, Memory, Reindexed
from treering.cli import options
from treering.errors import DimensionMismatch
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Embedder

Run = Callable[..., Result]

NEW = "sentence-transformers:new"


@pytest.fixture
def run(command: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a store in which Ana has said something; `new` names another embedder."""
    command("remember", "ana", "I live in Porto.", "--id", "m1")
    opened = options.open_memory

    def open_memory(home: Path | None, *, embedder: Embedder | str | None = None) -> Memory:
        return opened(home, embedder=HashEmbedder(64) if embedder == NEW else embedder)

    monkeypatch.setattr("treering.cli.reindex.open_memory", open_memory)
    return command


def test_it_says_what_lies_beside_and_how_to_drop_it(run: Run) -> None:
    output = run("reindex", "--embedder", NEW).output
    assert "The vectors of 1 person by hash:1:64 are complete." in output
    assert "Beside them: 2 by hash:1:256." in output
    assert f"reindex --embedder {NEW} --drop-others" in output
    assert run("recall", "ana", "Where does Ana live?").exit_code == 0
    output = run("reindex", "--embedder", NEW, "--drop-others").output
    assert "Dropped: 2 by hash:1:256." in output
    assert "Beside" not in output
    with pytest.raises(DimensionMismatch, match="treering reindex --embedder"):
        run("recall", "ana", "Where does Ana live?")
    run("reindex")
    assert run("recall", "ana", "Where does Ana live?").exit_code == 0


def test_its_json_is_stable(run: Run) -> None:
    done = Reindexed.model_validate_json(run("reindex", "--embedder", NEW, "--json").output)
    assert done == Reindexed(embedder="hash:1:64", scopes=1, others={"hash:1:256": 2})
    assert run("reindex", "--tenant", "nobody", "--json").output.count('"scopes": 0') == 1


async def test_event_loops_have_it_too(run: Run, home: Path) -> None:
    del run
    async with AsyncMemory(Memory(home, embedder=HashEmbedder(64), background=False)) as memory:
        assert (await memory.reindex(drop_others=True)).dropped == {"hash:1:256": 2}
