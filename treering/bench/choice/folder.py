"""The folder of a run: what each system put before the model, and what was answered. Nothing in it is written twice.

A kill loses the conversation at hand of one system, and the answers under way; the same command goes on from there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic import ValidationError

from treering.bench.systems.port import Stats
from treering.errors import InvalidInput
from treering.schemas.value import Value

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
ANSWERS = "answers.jsonl"
CONTEXTS = "contexts"


class Recalled(Value):
    """What a system put before the model for a question."""

    question: str
    """Its id in the conversation."""
    memory: str
    """What would be read."""
    tokens: int
    """What it costs."""
    turns: tuple[str, ...]
    """Turns that it reads out, or rests on, sorted."""
    seconds: float
    """How long it took."""
    order: tuple[str, ...] = ()
    """The same turns, the best first, where the system tells."""
    turns_before: int | None = None
    """Turns of the conversation that were taken in before it was asked."""


class Heard(Value):
    """One conversation, as one system took it in."""

    conversation: str
    """Its id."""
    turns: int
    """How many there were."""
    ingest_s: float
    """How long it took until all of them could be found."""
    asked: tuple[Recalled, ...]
    """In the order in which it was asked."""
    ingest_seconds: tuple[float, ...] = ()
    """Of each time that turns were taken in."""
    flush_seconds: tuple[float, ...] = ()
    """Of each wait until they could be found."""
    stats: Stats | None = None
    """What the system came to at the end of it; `disk_bytes` is what this conversation added."""
    mode: str = ""
    """How the system looked for turns."""
    embedder: str = ""
    """The fingerprint of its embedder; empty without one."""
    workers: int = 1
    """How many conversations were heard at the same time, which makes times longer."""


class Answered(Value):
    """A reply to a prompt."""

    answerer: str
    """Who replied."""
    prompt: str
    """The id of the prompt."""
    reply: str
    """In its own words."""
    input_tokens: int = 0
    """What was sent, as the provider counts it; 0 where it does not."""
    output_tokens: int = 0
    """What came back."""
    refused: str = ""
    """Why the provider would not have this prompt answered, e.g. since it is too long; then the reply is empty."""


class About(Value):
    """What a run is a run of."""

    suite: str
    """The name of the suite."""
    data: str
    """Its folder."""
    sha256: dict[str, str]
    """Checksums of its files."""
    conversations: int | None
    """How many histories were taken; None: all."""
    embedder: str
    """As it is set."""
    model: str = ""
    """The chat model that listens, as it is set; empty: none does."""
    treering: str
    """The version that ran."""
    shuffle: int | None = None
    """The seed by which options were shuffled; None: they stand as their authors put them."""


def about(folder: Path) -> About:
    """What the run in a folder is.

    Raises:
        InvalidInput: There is none.
    """
    try:
        return About.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise InvalidInput(str(folder), "holds no run; `treering bench run` makes one") from error


class RunFolder:
    """A run on disk.

    Args:
        folder: Where it is; made where it is missing.
        manifest: What is measured; a folder of something else is refused.

    Raises:
        InvalidInput: The folder is of another run, or cannot be written to.
    """

    def __init__(self, folder: Path, manifest: About) -> None:
        self.folder = folder
        file = folder / MANIFEST
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                _write(file, manifest.model_dump_json(indent=2) + "\n")
            elif about(folder) != manifest:
                raise InvalidInput(
                    str(folder), "holds another run (see its manifest.json); name another folder (`--folder`)"
                )
        except OSError as error:
            raise InvalidInput(str(folder), f"cannot be written to ({type(error).__name__})") from error
        self._replies = self._read_replies()

    @property
    def systems(self) -> tuple[str, ...]:
        """Those that have heard something, by name."""
        contexts = self.folder / CONTEXTS
        return tuple(sorted(one.name for one in contexts.iterdir())) if contexts.is_dir() else ()

    def has_heard(self, system: str, number: int) -> bool:
        """Whether a system came to the end of a conversation."""
        return self._context_file(system, number).exists()

    def heard(self, system: str, number: int) -> Heard | None:
        """What a system made of a conversation, if it came to its end.

        Raises:
            InvalidInput: The file is not what was written.
        """
        if not self.has_heard(system, number):
            return None
        file = self._context_file(system, number)
        try:
            return Heard.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise InvalidInput(str(file), "is damaged; remove it, and this conversation is heard again") from error

    def keep_heard(self, system: str, number: int, heard: Heard) -> None:
        """Keep what a system made of a conversation, all of it or nothing."""
        file = self._context_file(system, number)
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, heard.model_dump_json())

    @property
    def answerers(self) -> frozenset[str]:
        """Those that have answered something, refusals aside."""
        return frozenset(one.answerer for one in self._replies.values() if not one.refused)

    def reply(self, answerer: str, prompt: str) -> str | None:
        """What was replied, if it was."""
        found = self.answered(answerer, prompt)
        return None if found is None else found.reply

    def answered(self, answerer: str, prompt: str) -> Answered | None:
        """A reply with what it took, if there is one."""
        return self._replies.get((answerer, prompt))

    def keep_reply(self, reply: Answered) -> None:
        """Keep a reply; once this returns, no kill of this process loses it."""
        with (self.folder / ANSWERS).open("a", encoding="utf-8") as file:
            file.write(reply.model_dump_json() + "\n")
        self._replies[reply.answerer, reply.prompt] = reply

    def _context_file(self, system: str, number: int) -> Path:
        return self.folder / CONTEXTS / system / f"{number:05d}.json"

    def _read_replies(self) -> dict[tuple[str, str], Answered]:
        file = self.folder / ANSWERS
        if not file.exists():
            return {}
        written = file.read_text(encoding="utf-8", errors="replace")
        whole, _, torn = written.rpartition("\n")
        if torn:  # a kill in the middle of a line
            _write(file, f"{whole}\n" if whole else "")
        lines = [line for line in whole.split("\n") if line]
        try:
            found = [Answered.model_validate_json(line) for line in lines]
        except ValidationError as error:
            raise InvalidInput(str(file), "is damaged; remove the line that is no reply") from error
        return {(one.answerer, one.prompt): one for one in found}


def _write(file: Path, text: str) -> None:
    """Write a file, all of it or nothing."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
