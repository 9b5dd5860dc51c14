"""The embedder without a model."""

from __future__ import annotations

import subprocess
import sys

from treering.testing.embedder import HashEmbedder


def test_texts_that_share_words_are_nearer_than_others() -> None:
    peanuts, allergy, trains = HashEmbedder().embed(
        ["Ana is allergic to peanuts", "A peanut allergy of Ana's", "Trains were late on Monday"]
    )
    assert peanuts @ allergy > 0.5
    assert peanuts @ trains < 0.2


def test_vectors_are_the_same_in_every_process() -> None:
    program = "from treering.testing.embedder import HashEmbedder as H; print(H(16).embed(['tea for two']).tolist())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(HashEmbedder(16).embed(["tea for two"]).tolist())


def test_the_dimension_is_part_of_the_fingerprint() -> None:
    assert HashEmbedder(8).fingerprint != HashEmbedder(16).fingerprint
