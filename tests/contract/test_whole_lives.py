"""The whole engine on every store: what a life comes to is what it comes to on the reference."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from treering.memory.asking import Question
from treering.memory.engine import Engine
from treering.memory.forgetting.wishes import Wish
from treering.memory.listeners.local import LocalListener
from treering.memory.models.slot_cache import load_slot_router, load_slot_vectors
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.ports import Store
from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Message, Scope
from treering.schemas.recall import Recall
from treering.schemas.trunk import Trunk
from treering.schemas.trunks import load_trunk
from treering.testing import HashEmbedder, ManualClock, MemoryStore
from treering.workers.runner import Runner

Life = Callable[[Engine, Scope, ManualClock], None]

SAID = [
    "I live in Porto with my sister Bo.",
    "I am allergic to peanuts.",
    "I moved to Lisbon last week.",
    "My favourite food is grilled fish.",
]


def salts() -> Callable[[], bytes]:
    """The same salts in every store, so that digests can be compared."""
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(16)


def engine_on(store: Store, trunk: Trunk, folder: Path, clock: ManualClock) -> Engine:
    embedder = HashEmbedder()
    slots = cache(lambda: load_slot_vectors(trunk, embedder, folder))
    return Engine(
        store=store,
        index=None,
        embedder=embedder,
        router=cache(lambda: load_slot_router(trunk, embedder, folder)),
        slots=slots,
        listener=lambda: LocalListener(embedder, slots(), trunk),
        trunk=trunk,
        counter=RegexTokenCounter(),
        clock=clock,
        observe=lambda *_: None,
    )


def speak(engine: Engine, scope: Scope, clock: ManualClock) -> None:
    for number, content in enumerate(SAID):
        clock.advance(3_600)
        engine.remember(scope, [Message(content=content, id=f"m{number}")], f"s{number // 2}")
    engine.end_session(scope)
    Runner(engine, lease_s=60).drain(scope)


def undo_and_rewind(engine: Engine, scope: Scope, clock: ManualClock) -> None:
    engine.undoing.undo(scope, n=1)
    engine.undoing.undo(scope, n=1)
    engine.undoing.redo(scope)
    engine.undoing.rewind(scope, 1)


def retract(engine: Engine, scope: Scope, clock: ManualClock) -> None:
    engine.retracting.retract(scope, "m2")
    engine.retracting.amend(scope, "m1", "I am allergic to shellfish.")


def forget_a_claim(engine: Engine, scope: Scope, clock: ManualClock) -> None:
    _, forest = engine.trees(scope)
    engine.forgetting.forget(scope, Wish(claims=frozenset({min(forest["self"].claims)})))
    engine.remember(scope, [Message(content=SAID[0], id="again")], "s9")


def forget_all(engine: Engine, scope: Scope, clock: ManualClock) -> None:
    engine.forgetting.forget(scope, Wish())


LIVES: list[Life] = [undo_and_rewind, retract, forget_a_claim, forget_all]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def test_a_life_comes_to_the_same_on_every_store(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, life: Life
) -> None:
    trunk = load_trunk("core")
    url = f"sqlite:///{tmp_path}/memory.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    store = SqlStore(url, trunk, fingerprint=HashEmbedder().fingerprint, salt=salts())
    reference = MemoryStore(trunk, fingerprint=HashEmbedder().fingerprint, salt=salts())
    outcomes = [outcome_of(one, trunk, tmp_path, life) for one in (reference, store)]
    store.close()
    assert outcomes[1] == outcomes[0]


def outcome_of(store: Store, trunk: Trunk, folder: Path, life: Life) -> dict[str, Any]:
    """All that can be asked of a store after a life, but for what is drawn by chance."""
    scope, clock = Scope(user="ana"), ManualClock()
    engine = engine_on(store, trunk, folder, clock)
    speak(engine, scope, clock)
    assert engine.trees(scope)[1]["self"].claims
    clock.advance(3_600)
    life(engine, scope, clock)
    clock.advance(3_600)
    Runner(engine, lease_s=60).drain(scope)
    with store.begin(write=False) as unit:
        return {
            "head": unit.ledger.head(scope),
            "trees": [unit.ledger.trees(scope, version=v) for v in range(unit.ledger.head(scope).version + 1)],
            "entries": list(unit.ledger.entries(scope)),
            "broken": unit.ledger.first_broken(scope),
            "turns": unit.turns.turns(scope),
            "former": unit.turns.former(scope, [turn.message_id for turn in unit.turns.turns(scope)]),
            "sessions": unit.turns.sessions(scope),
            "vectors": sorted(unit.vectors.ids(scope)),
            "receipts": [json.loads(one.model_dump_json()) for one in unit.receipts.receipts(scope)],
            "names": unit.ledger.names(scope),
            "operations": list(unit.history.records(scope, "operations")),
            "batches": list(unit.history.records(scope, "batches")),
            "standing": unit.trunks.standing(),
            "jobs": unit.jobs.jobs(scope=scope),
            "recall": recalled(engine_on(store, trunk, folder, clock), scope),
        }


def recalled(engine: Engine, scope: Scope) -> Recall:
    """What a question brings up; each index adds scores up in its own way, so that their last digits may differ."""
    found = engine.recall(scope, Question(text="Where does Ana live?", mode="hybrid", budget_tokens=500))
    lines = tuple(line.model_copy(update={"score": round(line.score, 6)}) for line in found.lines)
    return found.model_copy(update={"lines": lines})
