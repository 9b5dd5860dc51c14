"""Fills a memory with generated people through the SDK, in a folder with which a killed run goes on."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, ValidationError
from typing_extensions import override

from treering.bench.generated import SparingEmbedder, Words
from treering.bench.long_ledger import write_ledger
from treering.bench.systems.treering import DeafListener
from treering.client.memory import Memory
from treering.errors import InvalidInput
from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Proposal
from treering.schemas.trunks import load_trunk
from treering.schemas.value import Value
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from treering.memory.ports import Embedder
    from treering.memory.tree import PersonaTree
    from treering.schemas.listening import Reply, Window
    from treering.schemas.operations import Operation
    from treering.schemas.recall import Mode

SESSION_TURNS = 40
"""Turns of a session."""

WINDOW_TURNS = 20
"""Turns of a window, each of which leaves one claim: 500 claims of 10,000 turns."""

WRITTEN = "written.jsonl"
"""The file of a filled folder that says who is in it."""

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_CLAIM_WORDS = 6


class Written(Value):
    """A person who was written to the end."""

    person: str
    """Who."""
    turns: Annotated[int, Field(ge=0)]
    """Turns that they said."""
    remember_ms: float
    """Median time of a `remember` of a session, in milliseconds; 0 where nothing was said."""
    cpu_s: float
    """Processor time until everything was heard, indexed and summarised, in seconds; vectors are invented."""
    wall_s: float
    """The same on the wall."""


class Filling:
    """A memory of generated turns with generated vectors; what is asked is embedded truly, and never twice.

    Args:
        home: Folder of the store.
        true: The embedder of questions.
        database_url: The store's database, where it is not to lie in the folder.
        has_claims: Whether some of what is said becomes claims.
        seed: Of the words of questions; by default the folder's own, or an embedder knows what another was asked.
    """

    def __init__(
        self,
        home: Path,
        true: Embedder,
        *,
        database_url: str | None = None,
        has_claims: bool = True,
        seed: int | None = None,
    ) -> None:
        self.true = true
        self.home = home
        self.words = Words(seed=int.from_bytes(home.name.encode()) if seed is None else seed)
        self._embedder = SparingEmbedder(true)
        settings = Settings.read(os.environ).model_copy(update={"home": home, "database_url": database_url})
        listener = NotingListener() if has_claims else DeafListener(WINDOW_TURNS)
        self.memory = Memory(settings=settings, embedder=self._embedder, listener=listener, background=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.memory.close()

    def write(self, people: Mapping[str, int], progress: Callable[[int], None] | None = None) -> None:
        """Have people say so many turns each; who is there already says nothing more.

        Args:
            people: Turns by person.
            progress: Told the turns of one after the other.
        """
        done = {one.person for one in written(self.home)}
        for person, turns in people.items():
            if person not in done:
                keep_written(self.home, self._say(person, turns))
            if progress is not None:
                progress(turns)

    def write_ledger(self, person: str, operations: Sequence[Operation]) -> None:
        """Give somebody who is not there yet a ledger, below the SDK: no talk leads to so many updates of one tree."""
        with closing(self.store()) as store:
            write_ledger(store, Scope(user=person), operations)
        self._embedder.invents = True
        self.memory.remember(person, self.words.turn(), session="after")
        self.memory.flush(person)

    def store(self) -> SqlStore:
        """The store itself, below the SDK."""
        trunk = load_trunk(self.memory.settings.trunk)
        return SqlStore(self.memory.settings.store_url, trunk, fingerprint=self.true.fingerprint)

    def recall(self, person: str, mode: Mode, *, invents: bool = False) -> None:
        """Ask something new.

        Args:
            person: Whom it is about.
            mode: How it is looked for.
            invents: Whether the question's vector is invented too, so that only what comes after it takes time.
        """
        self._embedder.invents = invents
        self.memory.recall(person, self.words.question(), mode=mode)

    def embed(self) -> None:
        """Embed a new question, which is what each recall begins with."""
        self.true.embed([self.words.question()])

    def _say(self, person: str, turns: int) -> Written:
        """The words hang on the name alone, and so do the ids: what a killed run has stored is known."""
        self._embedder.invents = True
        words = Words(seed=int.from_bytes(person.encode()))
        began, cpu = perf_counter(), process_time()
        spent: list[float] = []
        for first in range(0, turns, SESSION_TURNS):
            said = [
                Message(
                    content=words.turn(), id=f"m{number}", at=_BEGIN + timedelta(minutes=first * 10 + number - first)
                )
                for number in range(first, min(first + SESSION_TURNS, turns))
            ]
            before = perf_counter()
            self.memory.remember(person, said, session=f"s{first}")
            spent.append(perf_counter() - before)
        self.memory.end_session(person)
        self.memory.flush(person)
        return Written(
            person=person,
            turns=turns,
            remember_ms=round(1_000 * median(spent or [0.0]), 3),
            cpu_s=round(process_time() - cpu, 4),
            wall_s=round(perf_counter() - began, 4),
        )


def written(home: Path) -> list[Written]:
    """Who is in a folder; a line that a killed run has left half-written is none."""
    try:
        lines = (home / WRITTEN).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(Written.model_validate_json(line))
        except ValidationError:
            continue
    return found


def keep_written(home: Path, one: Written) -> None:
    """Note that somebody was written to the end."""
    home.mkdir(parents=True, exist_ok=True)  # of a store that lies in a server, the folder holds nothing else
    with (home / WRITTEN).open("a", encoding="utf-8") as file:
        file.write(f"\n{one.model_dump_json()}\n")  # the line before may be what a killed run has left


@contextmanager
def kept_folder(folder: Path | None, fingerprint: str) -> Iterator[Path]:
    """The folder of filled stores, which knows the embedder of the questions that are asked in it.

    Args:
        folder: Which; none: one that is removed afterwards.
        fingerprint: The embedder's.

    Raises:
        InvalidInput: It holds stores for another embedder, or cannot be one.
    """
    if folder is None:
        with TemporaryDirectory(prefix="treering-bench-") as made:
            yield Path(made)
        return
    file = folder / "embedder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(fingerprint, encoding="utf-8")
        kept = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(str(folder), f"cannot hold the stores ({type(error).__name__}); name another") from error
    if kept != fingerprint:
        raise InvalidInput(str(folder), f"was written for {kept}, and this is {fingerprint}; name another folder")
    yield folder


@contextmanager
def made_whole(home: Path) -> Iterator[Path]:
    """A folder to work in, which a killed run finds again, and which gets its name when all is in it."""
    part = home.with_name(f"{home.name}.part")
    yield part
    part.rename(home)


def person(number: int) -> str:
    """The name of a generated person."""
    return f"person-{number}"


class NotingListener(DeafListener):
    """Takes the first words of the last turn of each window for a claim, in one slot after the other."""

    name = "noting/1"

    def __init__(self) -> None:
        super().__init__(WINDOW_TURNS)
        self._paths = [slot.path for slot in load_trunk("core").slots if slot.cardinality == "many"]

    @override
    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """One claim."""
        del trees, reply
        turn = window.turns[-1]
        said = " ".join(turn.content.split()[:_CLAIM_WORDS])
        path = self._paths[turn.seq // WINDOW_TURNS % len(self._paths)]
        return Proposal(drafts=(Draft(kind="ADD", path=path, text=said, message_id=turn.message_id, quote=said),))
