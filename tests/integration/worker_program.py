"""A worker, or beat, whose listener does what a test wants: `python worker_program.py LISTENER worker --concurrency 2`.

The settings come from the environment, as anywhere. Beat's tasks follow each other sooner than they do by default.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from treering.composition import Choices
from treering.memory.ports import Listener
from treering.memory.tree import PersonaTree
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.settings import Settings
from treering.workers.app import build_app

SWEEP_S = 0.5
WINDOW_S = 0.2
LIKES = "I like "


@dataclass(frozen=True, kw_only=True)
class Slow:
    """Takes its time for each turn, in which it hears what somebody likes; the first to hear HANG never answers."""

    folder: Path
    name: str = "slow/1"
    window_turns: int = 1
    context_turns: int = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """Wait: as long as a model would, or for ever."""
        [turn] = window.turns
        (self.folder / f"asked-{turn.message_id}").touch()
        if "HANG" in turn.content and not (self.folder / "hung").exists():
            (self.folder / "hung").touch()
            while True:
                time.sleep(60)
        time.sleep(WINDOW_S)

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """What is liked."""
        [turn] = window.turns
        if not turn.content.startswith(LIKES):
            return Proposal()
        said = {"text": turn.content[2:].rstrip("."), "quote": turn.content, "message_id": turn.message_id}
        return Proposal(drafts=(Draft(kind="ADD", path="preferences.food", **said),))


def listener_named(name: str) -> Listener:
    """That of the stories of consolidation, or a slow one that leaves marks in a folder."""
    if name != "stories":
        return Slow(folder=Path(name))
    stories = load("test_consolidation")
    scripted: Listener = stories.Scripted(hears=stories.HEARS)
    return scripted


def load(name: str) -> ModuleType:
    """A test beside this file."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    application = build_app(Settings.read(os.environ), Choices(listener=listener_named(sys.argv[1])))
    for entry in application.conf.beat_schedule.values():
        entry["schedule"] = SWEEP_S
    application.worker_main(sys.argv[2:])
