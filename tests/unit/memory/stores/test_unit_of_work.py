"""What transactions of a process remember has one bound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from treering.memory.ports import VectorEntry
from treering.memory.stores import SqlStore
from treering.memory.stores.mentions import GRAPH_BYTES
from treering.memory.stores.unit_of_work import ROOM_BYTES, Caches
from treering.memory.stores.vector_cache import CACHE_BYTES
from treering.schemas.dialogue import Scope
from treering.schemas.trunks import load_trunk

UNIT = np.ones(4, np.float32) / 2


@pytest.mark.parametrize("room", [0, 1, 7_000, ROOM_BYTES])
def test_vectors_and_graphs_share_the_room(room: int) -> None:
    caches = Caches.within(room)
    assert caches.vectors.room + caches.graphs.room == room


def test_the_room_by_default_is_that_of_both() -> None:
    caches = Caches.within(ROOM_BYTES)
    assert (caches.vectors.room, caches.graphs.room) == (CACHE_BYTES, GRAPH_BYTES)


def test_a_store_keeps_no_more_than_it_may(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'x.db'}", load_trunk("core"), fingerprint="model", room_bytes=3_000)
    for number in range(40):
        with store.begin() as unit:
            unit.vectors.upsert(
                Scope(user=f"u{number}"), [VectorEntry(id="turn:m1", kind="turn", dense=UNIT, terms={7: 1})]
            )
        with store.begin(write=False) as unit:
            assert len(unit.vectors.search(Scope(user=f"u{number}"), UNIT, {7: 1}, kind="turn").dense) == 1
    caches = store._connections.caches
    assert 0 < caches.vectors.nbytes <= 3_000
    store.close()
