"""Writes a suite down: what systems see in one file, the answer key in another."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from treering import __version__
from treering.bench.gold.quartet import GOLD
from treering.bench.samples import Question
from treering.bench.suites.quartet import PEOPLE, Asked, Person, Said
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from treering.bench.quartet.dial import Dial
    from treering.bench.quartet.making import Made
    from treering.bench.samples import Conversation, SaidTurn
    from treering.schemas.value import Value

MANIFEST = "manifest.json"
"""The dial, and the checksums of the other files."""


def write(made: Made, dial: Dial, folder: Path) -> None:
    """Write a suite into a folder, which is made where it is missing.

    Raises:
        InvalidInput: The folder holds a suite already, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / MANIFEST).exists():
            raise InvalidInput(str(folder), "holds a suite already; name another folder")
        written = {
            PEOPLE: _lines(_person(one) for one in made.conversations),
            GOLD: _lines(made.gold),
        }
        for name, text in written.items():
            (folder / name).write_text(text, encoding="utf-8")
        sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in written.items()}
        about = {"suite": "quartet", "treering": __version__, "dial": dial.model_dump(), "sha256": sums}
        (folder / MANIFEST).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")  # last: now it is whole
    except OSError as error:
        raise InvalidInput(str(folder), f"cannot be written to ({type(error).__name__})") from error


def _lines(values: Iterable[Value]) -> str:
    return "".join(f"{one.model_dump_json()}\n" for one in values)


def _person(conversation: Conversation) -> Person:
    return Person(person=conversation.id, steps=tuple(_step(step) for step in conversation.steps))


def _step(step: SaidTurn | Question) -> Said | Asked:
    if isinstance(step, Question):
        return Asked(id=step.id, question=step.text, options=step.options, at=step.at)
    return Said(id=step.id, session=step.session, role=step.role, speaker=step.speaker, text=step.text, at=step.at)
