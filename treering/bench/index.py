"""`treering bench index`: what a recall costs beside the embedding of its question, and beside Qdrant's local mode."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Self

from treering.bench.generated import SparingEmbedder, Words, invented
from treering.bench.long_ledger import LIVE_CLAIMS, long_ledger, write_ledger
from treering.bench.results import Results, manifest
from treering.bench.systems.qdrant_local import LocalQdrant
from treering.bench.systems.treering import DeafListener
from treering.bench.timing import interleaved, p50_ms
from treering.client.memory import Memory
from treering.memory.models.choose import make_embedder
from treering.memory.retrieval.sparse import terms
from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunks import load_trunk
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.bench.timing import Ratio
    from treering.memory.ports import Embedder
    from treering.schemas.recall import Mode

SESSION_TURNS = 40
"""Turns of a session."""

PEER_PEOPLE = 100
"""People among whom the points are shared out that are searched beside Qdrant."""

PEER_HITS = 20
"""Hits of such a search."""

PAIRS = 61
"""Recalls of each kind, each beside what it is compared with."""

PEER_PAIRS = 15
"""Searches beside Qdrant, which takes a tenth of a second for one."""

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_WITH_CLAIMS = "with-claims"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is searched."""

    turns: int
    """Turns of one person."""
    people: int
    """People with so many turns each; the first is measured alone as well."""
    points: int
    """Turns in a second store, of `PEER_PEOPLE`, and points in Qdrant; 0 leaves this out."""


def bench_index(sizes: Sizes, progress: Callable[[str], None]) -> Results:
    """Measure on this machine, in a folder that is removed afterwards."""
    settings = Settings.read(os.environ)
    true = make_embedder(settings.embedder, settings.cache_dir)
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        with _Filled(f"{folder}/people", true, progress) as store:
            systems = _recalls(store, sizes, progress)
        if sizes.points:
            with _Filled(f"{folder}/peer", true, progress) as store:
                systems["search beside qdrant local"] = _beside_qdrant(store, sizes.points, progress)
    about: dict[str, str | int | float] = {
        "turns": sizes.turns,
        "people": sizes.people,
        "points": sizes.points,
        "pairs": PAIRS,
        "embedder": true.fingerprint,
    }
    return Results(bench="index", suite="embedded", systems=systems, manifest=manifest(about))


class _Filled:
    """A memory of generated turns with generated vectors; what is asked is embedded truly, and never twice."""

    def __init__(self, home: str, true: Embedder, progress: Callable[[str], None]) -> None:
        self.true = true
        self.words = Words(seed=7)
        self._embedder = SparingEmbedder(true)
        self._progress = progress
        self.memory = Memory(home, embedder=self._embedder, listener=DeafListener(), background=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.memory.close()

    def write(self, people: int, turns: int) -> None:
        """Fill the memories of so many people."""
        for number in range(people):
            self._progress(f"write {turns:,} turns, {people - number} people to go")
            self._say(_person(number), turns)

    def write_claims(self) -> None:
        """Fill the tree of one person."""
        self._progress(f"write {LIVE_CLAIMS} claims")
        self._say(_WITH_CLAIMS, 0)
        additions = (one for one in long_ledger(load_trunk("core"), 2 * LIVE_CLAIMS) if one.kind == "ADD")
        with closing(self.store()) as store:
            write_ledger(store, Scope(user=_WITH_CLAIMS), list(islice(additions, LIVE_CLAIMS)))
        self._say(_WITH_CLAIMS, 1)

    def store(self) -> SqlStore:
        """The store itself, below the SDK."""
        trunk = load_trunk(self.memory.settings.trunk)
        return SqlStore(self.memory.settings.store_url, trunk, fingerprint=self.true.fingerprint)

    def recall(self, person: str, mode: Mode) -> None:
        """Ask something new."""
        self._embedder.invents = False
        self.memory.recall(person, self.words.question(), mode=mode)

    def embed(self) -> None:
        """Embed a new question, which is what each recall begins with."""
        self.true.embed([self.words.question()])

    def _say(self, person: str, turns: int) -> None:
        self._embedder.invents = True
        for first in range(0, turns, SESSION_TURNS):
            said = [
                Message(content=self.words.turn(), at=_BEGIN + timedelta(minutes=first * 10 + number))
                for number in range(min(SESSION_TURNS, turns - first))
            ]
            self.memory.remember(person, said, session=f"s{first}")
        self.memory.flush(person)


def _recalls(store: _Filled, sizes: Sizes, progress: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Recalls of one person and of many beside the embedding of a question, and the first of a process."""
    store.write(sizes.people, sizes.turns)
    store.write_claims()
    progress("recall, beside the embedding of a question")
    store.embed()
    cold_ms = _milliseconds(partial(store.recall, _person(0), "hybrid"))
    hybrid = _beside_embedding(store, _person(0), "hybrid")
    store.recall(_WITH_CLAIMS, "tree")
    tree = _beside_embedding(store, _WITH_CLAIMS, "tree")
    found = {
        "hybrid": {"turns": float(sizes.turns), **hybrid, "cold_ms": cold_ms},
        "tree": {"claims": float(len(store.memory.tree(_WITH_CLAIMS).claims)), **tree},
    }
    if sizes.people > 1:
        progress(f"recall of {sizes.people} people in turn, beside that of one")
        for number in range(sizes.people):
            store.recall(_person(number), "hybrid")
        many, one, ratio = interleaved(
            lambda number: store.recall(_person(number % sizes.people), "hybrid"),
            lambda _: store.recall(_person(0), "hybrid"),
            repeats=PAIRS,
        )
        found["hybrid of many people"] = {
            "people": sizes.people,
            "recall_p50_ms": p50_ms(many),
            "one_person_p50_ms": p50_ms(one),
            **_told(ratio),
        }
    return found


def _beside_embedding(store: _Filled, person: str, mode: Mode) -> dict[str, float]:
    """The ratio is 1 where a recall costs no more than the embedding of its question."""
    recalls, embeddings, ratio = interleaved(
        lambda _: store.recall(person, mode), lambda _: store.embed(), repeats=PAIRS
    )
    return {"recall_p50_ms": p50_ms(recalls), "embed_p50_ms": p50_ms(embeddings), **_told(ratio)}


def _beside_qdrant(store: _Filled, points: int, progress: Callable[[str], None]) -> dict[str, float]:
    """A search by vector and by words, surroundings included, beside one by vector in Qdrant's local mode."""
    each = points // PEER_PEOPLE
    dimension = store.true.dimension
    store.write(PEER_PEOPLE, each)
    progress(f"write {points:,} points to Qdrant's local mode")
    with closing(LocalQdrant(dimension)) as qdrant, closing(store.store()) as sql:
        for number in range(PEER_PEOPLE):
            qdrant.write(_person(number), [invented(f"{number} {place}", dimension) for place in range(each)])

        def ours(number: int) -> None:
            question, scope = store.words.question(), Scope(user=_person(number % PEER_PEOPLE))
            vector, words = invented(question, dimension), terms(question)
            with sql.begin(write=False) as unit:
                unit.vectors.search(scope, vector, words, kind="turn", limit=PEER_HITS)

        def theirs(number: int) -> None:
            qdrant.search(_person(number % PEER_PEOPLE), invented(store.words.question(), dimension), PEER_HITS)

        progress("search in both")
        for number in range(PEER_PEOPLE):
            ours(number)
        theirs(0)
        slow, fast, ratio = interleaved(theirs, ours, repeats=PEER_PAIRS)
    return {
        "points": float(points),
        "search_p50_ms": p50_ms(fast),
        "qdrant_local_p50_ms": p50_ms(slow),
        **_told(ratio, "times_as_fast"),
    }


def _person(number: int) -> str:
    return f"person-{number}"


def _told(ratio: Ratio, name: str = "ratio") -> dict[str, float]:
    return {name: ratio.median, f"{name}_low": ratio.low, f"{name}_high": ratio.high}


def _milliseconds(action: Callable[[], object]) -> float:
    began = perf_counter()
    action()
    return round((perf_counter() - began) * 1_000, 2)
