"""The heads as they ship: what they say of everyday claims, and when they are left aside."""

from __future__ import annotations

import io

import numpy as np
import pytest

from treering.errors import InvalidInput
from treering.memory.listeners.heads.files import from_bytes, shipped_bytes, shipped_heads, to_bytes
from treering.memory.listeners.heads.pairs import SIGNS, pair_features, signs
from treering.memory.listeners.heads.trained import slots_digest
from treering.schemas.trunks import load_trunk

TRUNK = load_trunk("core")


def test_the_file_that_ships_is_small_and_needs_no_pickle() -> None:
    content = shipped_bytes()
    assert len(content) < 300_000
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        assert {stored[name].dtype.kind for name in stored.files} == {"f", "U"}
    assert from_bytes(to_bytes(shipped_heads())).record == shipped_heads().record


@pytest.mark.parametrize("content", [b"", b"no file", shipped_bytes()[:5_000]])
def test_a_damaged_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="trained heads"):
        from_bytes(content)


def test_heads_fit_one_embedder_and_one_set_of_slots() -> None:
    heads = shipped_heads()
    assert heads.fit_with(heads.record.embedder, TRUNK)
    assert not heads.fit_with("another", TRUNK)
    assert not heads.fit_with(heads.record.embedder, load_trunk("biopsychosocial"))
    other = TRUNK.model_copy(update={"slots": TRUNK.slots[:-1]})
    assert slots_digest(other) != slots_digest(TRUNK)


def test_a_trunk_that_only_forgets_sooner_is_the_same_to_them() -> None:
    first = TRUNK.slots[0].model_copy(update={"half_life_days": 3.0})
    assert slots_digest(TRUNK.model_copy(update={"slots": (first, *TRUNK.slots[1:])})) == slots_digest(TRUNK)


def test_no_claim_has_no_chances() -> None:
    nothing = np.zeros((0, 384), np.float32)
    assert shipped_heads().slots(nothing) == []
    assert shipped_heads().worth(nothing).shape == (0,)
    assert shipped_heads().relations([], [], nothing, nothing) == []


def test_chances_add_up_to_one() -> None:
    vectors = np.random.default_rng(0).normal(size=(3, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for row in shipped_heads().slots(vectors):
        assert sum(row.values()) == pytest.approx(1, abs=1e-4)


def test_the_signs_of_a_pair_are_bounded_and_named() -> None:
    found = signs("works as a nurse at Siemens", "no longer works at Siemens", 0.7)
    assert len(found) == len(SIGNS)
    assert all(-1 <= value <= 1 for value in found)
    by_name = dict(zip(SIGNS, found, strict=True))
    assert (by_name["new_ends"], by_name["names_kept"], by_name["flip"]) == (1.0, 1.0, 1.0)


def test_features_of_no_pair_have_the_right_width() -> None:
    nothing = np.zeros((0, 8), np.float32)
    assert pair_features([], [], nothing, nothing).shape == (0, len(SIGNS) + 16)
