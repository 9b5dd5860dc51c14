"""Several processes end in the contexts of one; they never meet what is right, and none outlives its run."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from treering.bench.choice.folder import About, Heard, RunFolder
from treering.bench.choice.hearing import hear
from treering.bench.choice.side_by_side import DEATHS, hear_side_by_side
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.errors import TreeringError
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Embedder

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ABOUT = About(suite="s", data="d", sha256={}, conversations=None, embedder="hash", treering="0")
TIMES = {"ingest_s", "ingest_seconds", "flush_seconds", "stats", "workers"}


def life(person: str) -> Conversation:
    towns = ("Porto", "Leeds", "Ghent")
    turns = [
        SaidTurn(
            id=f"t{day}",
            session=f"s{day}",
            role="user",
            speaker=person,
            text=f"I moved to {town} with my dog {person}.",
            at=NOON + timedelta(days=day),
        )
        for day, town in enumerate(towns)
    ]
    question = Question(id="q", text="Where do I live?", options=towns, at=NOON + timedelta(days=3))
    return Conversation(id=person, steps=(*turns[:2], question, turns[2]))


LIVES = [life(person) for person in ("ada", "bo", "cy")]


def watched(notes: Path, deaths: int) -> Embedder:
    """An embedder that notes which modules its process has loaded, and kills the first processes that use it."""
    (notes / f"{os.getpid()}").write_text("\n".join(sorted(sys.modules)))
    if len(list(notes.iterdir())) <= deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return HashEmbedder()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


def contexts(folder: RunFolder, systems: tuple[str, ...]) -> list[dict[str, object]]:
    """All that was kept, but for times."""
    kept = [folder.heard(system, number) for system in systems for number in range(len(LIVES))]
    return [_without_times(one) for one in kept if one is not None]


def _without_times(one: Heard) -> dict[str, object]:
    asked = [each.model_dump(exclude={"seconds"}) for each in one.asked]
    return one.model_dump(exclude={*TIMES, "asked"}) | {"asked": asked}


def test_processes_one_of_which_is_killed_end_in_the_same_contexts_and_never_load_what_is_right(
    tmp_path: Path, notes: Path
) -> None:
    systems = ("treering-deaf", "bm25", "none")
    alone, together = (RunFolder(tmp_path / name, ABOUT) for name in ("alone", "together"))
    for system in systems:
        hear(alone, system, LIVES, HashEmbedder, lambda _: None)
    steps: dict[str, int] = dict.fromkeys(systems, 0)

    def progress(system: str, more: int) -> None:
        steps[system] += more

    hear_side_by_side(together, systems, LIVES, partial(watched, notes, 1), progress, workers=2)
    assert contexts(together, systems) == contexts(alone, systems)
    assert len(contexts(together, systems)) == len(systems) * len(LIVES)
    assert set(steps.values()) == {12}, "what a dead process had done is counted once"
    first = together.heard("treering-deaf", 0)
    assert first is not None
    assert first.workers == 2
    loaded = {name for note in notes.iterdir() for name in note.read_text().splitlines()}
    assert "treering.bench.choice.hearing" in loaded
    assert not {name for name in loaded if name.startswith(("treering.bench.gold", "treering.bench.quartet"))}
    assert not [note for note in notes.iterdir() if _is_alive(int(note.name))]


def test_a_conversation_over_which_processes_keep_dying_ends_the_run_and_the_rest_is_kept(
    tmp_path: Path, notes: Path
) -> None:
    folder = RunFolder(tmp_path / "run", ABOUT)
    hear(folder, "dense", LIVES[:1], HashEmbedder, lambda _: None)
    with pytest.raises(TreeringError, match=r"killed while dense heard bo.*same command goes on"):
        hear_side_by_side(folder, ["dense"], LIVES[:2], partial(watched, notes, DEATHS), _ignored, workers=4)
    assert folder.has_heard("dense", 0)
    hear_side_by_side(folder, ["dense"], LIVES[:2], partial(watched, notes, 0), _ignored, workers=4)
    assert folder.has_heard("dense", 1)


def broken() -> Embedder:
    raise ValueError("no such file")


def test_what_fails_in_a_process_is_told_with_the_system_and_the_conversation(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", ABOUT)
    embedder: Callable[[], Embedder] = broken
    with pytest.raises(TreeringError, match=r"dense failed over ada: ValueError\('no such file'\)"):
        hear_side_by_side(folder, ["dense"], LIVES[:1], embedder, _ignored, workers=2)


def _ignored(_system: str, _more: int) -> None: ...


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
