"""Where whole lives are lived: two small trunks, a listener whose claims one can foretell, and stores to move into."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from treering import Memory, Scope, Settings
from treering.errors import ModelReplyUnreadable, UnknownUser
from treering.memory.stores.encryption.ciphers import TEXT_PREFIX
from treering.memory.stores.tables import metadata
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Turn
from treering.schemas.export import Export
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.schemas.operations import Head
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.schemas.trunks.migrations import load_migration
from treering.testing import ManualClock

KEY = base64.b64encode(bytes(range(32))).decode()
_ONE = {"cardinality": "one"}


def _trunk(version: int, inner: str, **slots: dict[str, Any]) -> Trunk:
    found = [Slot(path=path.replace("_", "."), description=f"The {path}.", **more) for path, more in slots.items()]
    branch = Branch(path=inner, description="The person.")
    return Trunk(name="lives", version=version, description="For tests.", branches=(branch,), slots=tuple(found))


OLD = _trunk(1, "person", person_city=_ONE, likes={}, pets={})
NEW = _trunk(2, "being", being_city=_ONE, tastes={}, drinks={})
STEPS = """
from: lives/1
to: lives/2
steps:
  - rename: {from: person, to: being}
  - split: {from: likes, to: [{path: drinks, when: 'zorbaxelinth|snelkarobith'}, {path: tastes}]}
  - drop: pets
"""
PLACES = {1: {"city": "person.city", "likes": "likes", "pets": "pets"}, 2: {"city": "being.city", "likes": "tastes"}}


class Scribe:
    """Takes down `verb slot subject words; …`, word for word, as a model would answer it."""

    name = "scribe/1"
    window_turns = 2
    context_turns = 1

    def __init__(self, trunk: Trunk) -> None:
        self.places = PLACES[trunk.version]

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        raw = "\n".join(turn.content for turn in (*window.context, *window.turns))
        if any("garbled" in turn.content for turn in window.turns):
            raise ModelReplyUnreadable("scribe", raw, f"it says {raw!r}")
        return Reply(raw=raw, model="scribe", prompt_version="1")

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        return Proposal(drafts=tuple(draft for turn in window.turns for draft in self._drafts(turn)))

    def _drafts(self, turn: Turn) -> Iterator[Draft]:
        for statement in turn.content.split("; "):
            verb, slot, subject, text = (*statement.split(" ", 3), "", "", "")[:4]
            if verb not in ("add", "update", "end", "forget"):
                continue
            yield Draft(
                kind={"add": "ADD", "update": "UPDATE"}.get(verb, "DELETE"),
                subject="self" if subject == "self" else f"person:{subject}",
                path=self.places.get(slot, slot),
                text=text,
                message_id=turn.message_id,
                quote=statement,
                reason="forgotten" if verb == "forget" else "ended",
            )


class House:
    """A place for stores, one after the other, and the memory that is open in the present one."""

    def __init__(self, folder: Path, new_url: Callable[[], str] | None = None) -> None:
        self._folder = folder
        self._new_url = new_url
        file = folder / "m.yaml"
        file.write_text(STEPS)
        self._migration = load_migration(file)
        self.trunk = OLD
        self.sealed = False
        self.memory: Memory

    def settle_in(self, clock: ManualClock, *, sealed: bool) -> None:
        """Leave what is there, and open an empty store."""
        if hasattr(self, "memory"):
            self.memory.close()
        self.sealed = sealed
        self._clock = clock
        self._home = Path(tempfile.mkdtemp(dir=self._folder))
        more = {"master_key": KEY, "keys_url": f"sqlite:///{self._home}/keys.db"} if sealed else {}
        url = None if self._new_url is None else self._new_url()
        self._settings = Settings.model_validate({"home": self._home, "embedder": "hash", "database_url": url, **more})
        self._open()

    def reopen(self, trunk: Trunk | None = None) -> None:
        """As after a restart of the application; it may have learned another trunk."""
        self.memory.close()
        self.trunk = trunk or self.trunk
        self._open()

    def migrate(self) -> None:
        """Put everybody onto the new trunk; nothing happens to whoever is there."""
        self.memory.migrate(self._migration, trunks=[OLD, NEW])
        self.reopen(NEW)

    def roll_back(self, *, drop_new: bool) -> None:
        """Put everybody back."""
        self.memory.rollback(self._migration, trunks=[OLD, NEW], drop_new=drop_new)
        self.reopen(OLD)

    def head(self, user: str) -> Head:
        """Where somebody's ledger stands."""
        with self.memory._engine.store.begin(write=False) as unit:
            return unit.ledger.head(Scope(user=user))

    def tree(self, user: str, version: int | None = None) -> tuple[int, dict[str, Claim]]:
        """The version, and its live claims by id, about whomever."""
        found, forest = self.memory._engine.trees(Scope(user=user), version=version)
        return found, {ref: claim for tree in forest.values() for ref, claim in tree.claims.items()}

    def export(self, user: str) -> Export | None:
        """All that is stored of somebody; of whom nothing is, none."""
        try:
            return self.memory.export(user)
        except UnknownUser:
            return None

    def bytes(self) -> bytes:
        """Every byte of the store and of its keys; of a server, every row."""
        found = b"".join(file.read_bytes() for file in sorted(self._home.iterdir()))
        if self._settings.database_url is None:
            return found
        with psycopg.connect(self._settings.database_url.replace("+psycopg", "")) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            ).fetchall()
            for (table,) in tables:
                with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copied:
                    found += b"".join(bytes(block) for block in copied)
        return found

    def opened(self) -> str:
        """Every text that is sealed, opened: of a person who forgot one thing, the rest can still be read."""
        found: list[str] = []
        with self.memory._engine.store.transaction(write=False) as transaction:
            for table in metadata.sorted_tables:
                for row in transaction.connection.execute(select(table)).mappings():
                    words = transaction.words(row.get("scope_id"))
                    sealed = (value for value in row.values() if isinstance(value, str))
                    found += [words.open(value) for value in sealed if value.startswith(TEXT_PREFIX)]
        return "\n".join(found)

    def _open(self) -> None:
        self.memory = Memory(
            settings=self._settings,
            listener=Scribe(self.trunk),
            trunk=self.trunk,
            clock=self._clock,
            background=False,
        )


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Callable[[], House]:
    """Makes places for stores that are files."""
    return lambda: House(tmp_path)


@pytest.fixture
def postgres_house(tmp_path: Path, new_postgres_store: Callable[[], str]) -> Callable[[], House]:
    """Makes places for stores on a server."""
    return lambda: House(tmp_path, new_postgres_store)
