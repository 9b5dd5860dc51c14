"""`treering bench index`: what a recall costs beside the embedding of its question, and beside Qdrant's local mode."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from treering.bench.filling import Filling, kept_folder, made_whole, person
from treering.bench.generated import invented
from treering.bench.long_ledger import LIVE_CLAIMS, long_ledger
from treering.bench.results import Results, manifest
from treering.bench.systems.qdrant_local import LocalQdrant
from treering.bench.timing import interleaved, p50_ms
from treering.memory.models.choose import make_embedder
from treering.memory.retrieval.sparse import terms
from treering.schemas.dialogue import Scope
from treering.schemas.trunks import load_trunk
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.bench.timing import Ratio
    from treering.memory.ports import Embedder
    from treering.schemas.recall import Mode

PEER_PEOPLE = 100
"""People among whom the points are shared out that are searched beside Qdrant."""

PEER_HITS = 20
"""Hits of such a search."""

PAIRS = 61
"""Recalls of each kind, each beside what it is compared with."""

PEER_PAIRS = 15
"""Searches beside Qdrant, which takes a tenth of a second for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is searched."""

    turns: int
    """Turns of one person."""
    people: int
    """People with so many turns each; the first is measured alone as well."""
    points: int
    """Turns in a second store, of `PEER_PEOPLE`, and points in Qdrant; 0 leaves this out."""


def bench_index(sizes: Sizes, progress: Callable[[str], None], folder: Path | None = None) -> Results:
    """Measure on this machine.

    Args:
        sizes: How much is searched.
        progress: Told what is being done.
        folder: Where what was written is kept, so that another run goes on with it; none: it is removed.

    Raises:
        InvalidInput: The folder is of another embedder, or none that can be used.
    """
    settings = Settings.read(os.environ)
    true = make_embedder(settings.embedder, settings.cache_dir)
    with kept_folder(folder, true.fingerprint) as home:
        with _written(home, sizes.people, sizes.turns, true, progress) as store:
            systems = _recalls(store, sizes, progress)
        with TemporaryDirectory(prefix="treering-bench-") as made, Filling(Path(made), true) as store:
            systems["tree"] = _of_claims(store, progress)
        if sizes.points:
            each = sizes.points // PEER_PEOPLE
            with _written(home, PEER_PEOPLE, each, true, progress) as store:
                systems["search beside qdrant local"] = _beside_qdrant(store, each, progress)
    about: dict[str, str | int | float] = {
        "turns": sizes.turns,
        "people": sizes.people,
        "points": sizes.points,
        "pairs": PAIRS,
        "embedder": true.fingerprint,
    }
    return Results(bench="index", suite="embedded", systems=systems, manifest=manifest(about))


def _written(home: Path, people: int, turns: int, true: Embedder, progress: Callable[[str], None]) -> Filling:
    """A store of so many people, as it lies in the folder or written anew; opened as if nobody had been asked yet."""
    whole = home / f"index-{people}x{turns}"
    if not whole.exists():
        left = people * turns

        def tell(said: int) -> None:
            nonlocal left
            left -= said
            progress(f"write, {left:,} turns to go")

        with made_whole(whole) as part, Filling(part, true, has_claims=False) as filling:
            filling.write({person(number): turns for number in range(people)}, tell)
    return Filling(whole, true, has_claims=False)


def _of_claims(store: Filling, progress: Callable[[str], None]) -> dict[str, float]:
    """Recalls in the tree of somebody with as many claims as one has after a year or two."""
    progress(f"write {LIVE_CLAIMS} claims")
    additions = (one for one in long_ledger(load_trunk("core"), 2 * LIVE_CLAIMS) if one.kind == "ADD")
    store.write_ledger(person(0), list(islice(additions, LIVE_CLAIMS)))
    store.recall(person(0), "tree")
    tree = _beside_embedding(store, person(0), "tree")
    return {"claims": float(len(store.memory.tree(person(0)).claims)), **tree}


def _recalls(store: Filling, sizes: Sizes, progress: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Recalls of one person and of many beside the embedding of a question, and the first of a process."""
    progress("recall, beside the embedding of a question")
    store.embed()
    cold_ms = _milliseconds(partial(store.recall, person(0), "hybrid"))
    hybrid = _beside_embedding(store, person(0), "hybrid")
    found = {"hybrid": {"turns": float(sizes.turns), **hybrid, "cold_ms": cold_ms}}
    if sizes.people > 1:
        progress(f"recall of {sizes.people} people in turn, beside that of one")
        for number in range(sizes.people):
            store.recall(person(number), "hybrid")
        many, one, ratio = interleaved(
            lambda number: store.recall(person(number % sizes.people), "hybrid"),
            lambda _: store.recall(person(0), "hybrid"),
            repeats=PAIRS,
        )
        found["hybrid of many people"] = {
            "people": sizes.people,
            "recall_p50_ms": p50_ms(many),
            "one_person_p50_ms": p50_ms(one),
            **_told(ratio),
        }
    return found


def _beside_embedding(store: Filling, who: str, mode: Mode) -> dict[str, float]:
    """The ratio is 1 where a recall costs no more than the embedding of its question."""
    recalls, embeddings, ratio = interleaved(lambda _: store.recall(who, mode), lambda _: store.embed(), repeats=PAIRS)
    return {"recall_p50_ms": p50_ms(recalls), "embed_p50_ms": p50_ms(embeddings), **_told(ratio)}


def _beside_qdrant(store: Filling, each: int, progress: Callable[[str], None]) -> dict[str, float]:
    """A search by vector and by words, surroundings included, beside one by vector in Qdrant's local mode."""
    dimension = store.true.dimension
    progress(f"write {PEER_PEOPLE * each:,} points to Qdrant's local mode")
    with closing(LocalQdrant(dimension)) as qdrant, closing(store.store()) as sql:
        for number in range(PEER_PEOPLE):
            qdrant.write(person(number), [invented(f"{number} {place}", dimension) for place in range(each)])

        def ours(number: int) -> None:
            question, scope = store.words.question(), Scope(user=person(number % PEER_PEOPLE))
            vector, words = invented(question, dimension), terms(question)
            with sql.begin(write=False) as unit:
                unit.vectors.search(scope, vector, words, kind="turn", limit=PEER_HITS)

        def theirs(number: int) -> None:
            qdrant.search(person(number % PEER_PEOPLE), invented(store.words.question(), dimension), PEER_HITS)

        progress("search in both")
        for number in range(PEER_PEOPLE):
            ours(number)
        theirs(0)
        slow, fast, ratio = interleaved(theirs, ours, repeats=PEER_PAIRS)
    return {
        "points": float(PEER_PEOPLE * each),
        "search_p50_ms": p50_ms(fast),
        "qdrant_local_p50_ms": p50_ms(slow),
        **_told(ratio, "times_as_fast"),
    }


def _told(ratio: Ratio, name: str = "ratio") -> dict[str, float]:
    return {name: ratio.median, f"{name}_low": ratio.low, f"{name}_high": ratio.high}


def _milliseconds(action: Callable[[], object]) -> float:
    began = perf_counter()
    action()
    return round((perf_counter() - began) * 1_000, 2)
