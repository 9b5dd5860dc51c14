"""The vectors of slots on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from treering.memory.models.slot_cache import load_slot_router, load_slot_vectors
from treering.memory.retrieval.slots import texts_of
from treering.schemas.trunk import Trunk
from treering.testing import NotingEmbedder


def test_a_warm_start_embeds_nothing(small_trunk: Trunk, tmp_path: Path) -> None:
    first = load_slot_vectors(small_trunk, NotingEmbedder(), tmp_path)
    embedder = NotingEmbedder()
    again = load_slot_vectors(small_trunk, embedder, tmp_path)
    assert embedder.asked == []
    assert again.paths == first.paths == tuple(slot.path for slot in small_trunk.slots)
    assert (again.vectors == first.vectors).all()


def test_questions_have_a_file_of_their_own(small_trunk: Trunk, tmp_path: Path) -> None:
    asking = tuple(slot.model_copy(update={"questions": (f"{slot.path}?",)}) for slot in small_trunk.slots)
    trunk = Trunk.model_validate(small_trunk.model_copy(update={"slots": asking}).model_dump())
    load_slot_vectors(trunk, NotingEmbedder(), tmp_path)
    first = load_slot_router(trunk, NotingEmbedder(), tmp_path)
    embedder = NotingEmbedder()
    again = load_slot_router(trunk, embedder, tmp_path)
    assert embedder.asked == []
    assert len(list(tmp_path.iterdir())) == 2
    assert again.paths == first.paths == tuple(slot.path for slot in small_trunk.slots)
    assert (again.vectors == first.vectors).all()


def test_another_trunk_or_embedder_has_a_file_of_its_own(small_trunk: Trunk, tmp_path: Path) -> None:
    load_slot_vectors(small_trunk, NotingEmbedder(), tmp_path)
    for trunk, embedder in (
        (small_trunk.model_copy(update={"version": 2}), NotingEmbedder()),
        (small_trunk, NotingEmbedder(16)),
    ):
        vectors = load_slot_vectors(Trunk.model_validate(trunk.model_dump()), embedder, tmp_path).vectors
        assert len(embedder.texts) == len(texts_of(small_trunk))
        assert vectors.shape[1] == embedder.dimension


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeros(path: Path) -> None:
    np.save(path, np.zeros_like(np.load(path)))


def too_few(path: Path) -> None:
    np.save(path, np.load(path)[1:])


def other_type(path: Path) -> None:
    np.save(path, np.load(path).astype(np.float64))


def no_numbers(path: Path) -> None:
    path.write_bytes(b"not an array")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [half, zeros, too_few, other_type, no_numbers, empty])
def test_a_damaged_file_is_made_anew(damage: Callable[[Path], None], small_trunk: Trunk, tmp_path: Path) -> None:
    whole = load_slot_vectors(small_trunk, NotingEmbedder(), tmp_path).vectors
    (path,) = tmp_path.iterdir()
    damage(path)
    assert (load_slot_vectors(small_trunk, NotingEmbedder(), tmp_path).vectors == whole).all()
    embedder = NotingEmbedder()
    load_slot_vectors(small_trunk, embedder, tmp_path)
    assert embedder.asked == []


def test_without_a_writable_folder_it_works_each_time_anew(small_trunk: Trunk) -> None:
    for _ in range(2):
        embedder = NotingEmbedder()
        load_slot_vectors(small_trunk, embedder, Path("/proc/treering"))
        assert len(embedder.texts) == len(texts_of(small_trunk))


def test_nothing_else_is_left_in_the_folder(small_trunk: Trunk, tmp_path: Path) -> None:
    load_slot_vectors(small_trunk, NotingEmbedder(), tmp_path / "new")
    assert [path.suffix for path in (tmp_path / "new").iterdir()] == [".npy"]
