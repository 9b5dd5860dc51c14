"""`treering demo`: a year of one person in a minute, the tree growing while she talks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from treering.settings import Settings

_PAUSE_S = 1.2
"""Seconds between turns in a terminal: time to read two sentences."""


def demo(
    *,
    pause: Annotated[
        float | None,
        typer.Option(help="Seconds between turns; by default 1.2 in a terminal and none elsewhere.", min=0),
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep the store in this folder; else it is thrown away.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print line after line, also in a terminal.")] = False,
) -> None:
    """Replay a year of one person, and watch the persona tree grow, change and forget.

    Each turn shows the operations it caused: + added, ~ updated, - ended or forgotten, · known already. Then three
    questions are recalled, with the reason for every line. No model and no key are needed.

    \b
    treering demo
    treering demo --plain --keep ./mara
    """
    from treering.cli.options import screen, warn_of_failures
    from treering.cli.play import Play
    from treering.cli.stage import LiveStage, PlainStage, fits_live
    from treering.cli.story import load_story
    from treering.client.memory import Memory

    console = screen()
    is_live = fits_live(console) and not plain
    wait_s = pause if pause is not None else (_PAUSE_S if is_live else 0.0)
    stage = LiveStage(console) if is_live else PlainStage(console)
    play = Play(console=console, stage=stage, story=load_story(), wait_s=wait_s)
    with tempfile.TemporaryDirectory(prefix="treering-demo-") as folder:
        with console.status("Waking up: the sentence model is built once, then cached …"):
            memory = Memory(settings=_settings(keep or Path(folder)), observe=play.hear, background=False)
            memory.warm_up()
        with memory:
            play.run(memory)
            warn_of_failures(memory, play.story.user, "default")
    _invite(console, play.story.user, keep)


def _settings(home: Path) -> Settings:
    """The defaults: a database, a chat model or a trunk of the environment has no part in the demo."""
    import os

    from treering.settings import Settings

    return Settings(home=home, cache_dir=Settings.read(os.environ).cache_dir)


def _invite(console: Console, user: str, kept: Path | None) -> None:
    from treering.cli.options import program

    tries = [
        'remember ana "I moved to Lisbon and I am allergic to peanuts."',
        'recall ana "Where should I take Ana for dinner?" --explain',
    ]
    if kept is not None:
        tries.append(f"tree {user} --home {kept}")
    console.print("Now try your own:")
    for one in tries:
        console.print(f"  {program()} {one}", markup=False, highlight=False, soft_wrap=True)
