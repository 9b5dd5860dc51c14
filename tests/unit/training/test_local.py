"""Training of the heads, on a tiny trunk and corpus, and the file that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from treering.memory.listeners.heads.files import from_bytes, shipped_heads
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.minilm import MiniLMEmbedder
from treering.schemas.trunk import Slot, Trunk
from treering.schemas.trunks import load_trunk
from treering.training.corpus import Material, read_material
from treering.training.fitting import fit
from treering.training.local import Trained, train_local
from treering.training.scoring import calibration_error, confusion, macro_f1, worst

TRUNK = Trunk(
    name="tiny",
    version=1,
    description="For tests.",
    branches=(),
    slots=(Slot(path="food", description="Food."), Slot(path="city", description="City.")),
)

SENTENCES = {
    "lexicons.yaml": {
        "dish": ["ramen", "sushi", "soup", "bread", "cake"],
        "town": ["Porto", "Lyon", "Graz", "Bern", "Cork"],
    },
    "slots.yaml": {
        "food": ["I love {dish}", "I hate {dish}", "I eat {dish}", "I cook {dish}", "My favourite dish is {dish}"],
        "city": ["I live in {town}", "I moved to {town}", "I left {town}", "I stay in {town}", "My home is in {town}"],
    },
    "handwritten.yaml": {
        "food": ["I love every dish", "I cook a lot"],
        "city": ["I live in town", "I moved to the city"],
    },
    "negatives.yaml": {
        "templates": ["I think that is fine", "I see what you mean", "I have a question", "I want one", "I hope so"],
        "handwritten": ["I guess so", "I think so"],
    },
    "relations.yaml": {
        "templates": {
            "same": ["I love {dish} => I adore {dish}", "I live in {town} => My home is in {town}"],
            "refines": ["I love {dish} => I love {dish} with lemon", "I live in {town} => I live near {town}"],
            "contradicts": ["I love {dish} => I hate {dish}", "I hate {dish} => I love {dish}"],
            "ends": ["I live in {town} => I left {town}", "I eat {dish} => I stopped eating {dish}"],
            "unrelated": ["I love {dish:1} => I love {dish:2}", "I love {dish} => I live in {town}"],
        },
        "handwritten": {
            "same": ["I eat soup => I have soup", "I cook soup => I make soup"],
            "refines": ["I eat soup => I eat hot soup", "I cook soup => I cook red soup"],
            "contradicts": ["I like soup => I hate soup", "I hate cake => I like cake"],
            "ends": ["I eat soup => I stopped eating soup", "I eat cake => I stopped eating cake"],
            "unrelated": ["I eat soup => I live in Bern", "I eat cake => I live in Cork"],
        },
    },
}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("sentences")
    for name, text in SENTENCES.items():
        (folder / name).write_text(yaml.safe_dump(text))
    return read_material(folder)


@pytest.fixture(scope="module")
def told() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="module")
def trained(material: Material, told: list[tuple[str, int, int]]) -> Trained:
    return train_local(HashEmbedder(), TRUNK, material, seed=0, progress=lambda *step: told.append(step))


def test_training_again_gives_the_same_bytes_and_another_seed_others(material: Material, trained: Trained) -> None:
    assert train_local(HashEmbedder(), TRUNK, material, seed=0).file == trained.file
    assert train_local(HashEmbedder(), TRUNK, material, seed=1).file != trained.file


def test_the_heads_have_learned_what_the_sentences_say(trained: Trained) -> None:
    heads = trained.heads
    vectors = HashEmbedder().embed(["loves ramen", "lives in Porto"])
    food, city = heads.slots(vectors)
    assert food["food"] > 0.8
    assert city["city"] > 0.8
    assert heads.worth(HashEmbedder().embed(["loves ramen", "thinks that is fine"])).round().tolist() == [1, 0]
    old, new = HashEmbedder().embed(["loves soup"]), HashEmbedder().embed(["hates soup"])
    [chances] = heads.relations(["loves soup"], ["hates soup"], old, new)
    assert max(chances, key=chances.__getitem__) == "contradicts"


def test_the_file_gives_the_heads_back_in_half_precision(trained: Trained) -> None:
    read = from_bytes(trained.file)
    assert read.record == trained.heads.record
    assert read.paths == ("food", "city")
    assert np.allclose(read.slot_weights, trained.heads.slot_weights, rtol=1e-2, atol=1e-3)


def test_progress_is_told_to_its_end(trained: Trained, told: list[tuple[str, int, int]]) -> None:
    assert {step.split()[0] for step, _, _ in told} == {"embedding", "fitting"}
    _, done, total = told[-1]
    assert done == total


def test_the_heads_that_ship_fit_what_ships_and_are_better_than_chance(tmp_path: Path) -> None:
    heads, trunk = shipped_heads(), load_trunk("core")
    assert heads.fit_with(MiniLMEmbedder(tmp_path).fingerprint, trunk)
    assert heads.record.data == read_material().digest, "the sentences were changed: run treering train local --out"
    metrics = heads.record.metrics
    for split in ("words", "phrasing", "written"):
        assert metrics[f"slot_{split}_accuracy"] > 0.6, "one of 127 slots: chance is 0.01"
        assert metrics[f"worth_{split}_macro_f1"] > 0.75, "chance is 0.5"
        assert metrics[f"relation_{split}_macro_f1"] > 0.65, "chance is 0.2"


def test_the_fit_is_the_minimum() -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(60, 3))
    labels = (features[:, 0] + 0.3 * chance.normal(size=60) > 0).astype(np.int64)
    weights = fit(features, labels, 2, decay=0.01)
    sizes = np.bincount(labels)

    def loss(tried: np.ndarray) -> float:
        scores = features @ tried[:-1] + tried[-1]
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        each = -logs[np.arange(60), labels] / sizes[labels] / 2
        return float(each.sum() + 0.01 * (tried[:-1] ** 2).sum())

    assert all(loss(weights) <= loss(weights + 0.05 * chance.normal(size=weights.shape)) for _ in range(20))


def test_scores_of_a_known_case() -> None:
    chances = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 1, 1, 0])
    assert macro_f1(chances, labels) == pytest.approx((2 / 3 + 0.8) / 2)
    counts = confusion(chances, labels, 2)
    assert counts.tolist() == [[2, 0], [1, 1]]
    assert worst(counts, ["a", "b"], 3) == [("b", "a", 1)]
    assert calibration_error(chances, labels) == pytest.approx(0.25 * 0.1 + 0.25 * 0.2 + 0.5 * 0.1)
