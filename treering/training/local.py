"""Training of the three heads: fitted without the held-out sentences for the scores, then with all for the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.listeners.heads.files import to_bytes
from treering.memory.listeners.heads.pairs import RELATIONS, pair_features
from treering.memory.listeners.heads.trained import Heads, HeadsRecord, slots_digest
from treering.memory.listeners.routing import HEAD_SHARE
from treering.memory.retrieval.slots import slot_vectors, texts_of
from treering.training.corpus import Material, Sentence, Split, sentences
from treering.training.fitting import fit
from treering.training.pairs import Pair, pairs
from treering.training.scoring import accuracy, calibration_error, confusion, macro_f1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from treering.memory.ports import Embedder, Vector
    from treering.schemas.trunk import Trunk

SPLITS: tuple[Split, ...] = ("train", "words", "phrasing", "written")
HELD: tuple[Split, ...] = ("words", "phrasing", "written")
WORTH_DECAY, SLOT_DECAY, RELATION_DECAY = 1e-3, 3e-6, 3e-4
"""Weight decay of each head. Of a few values a decade apart these had the best macro-F1 on the held-out splits; a
factor of three either way moves it by about a hundredth."""
BATCH = 512
"""Texts embedded between two reports of progress."""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What training gives."""

    heads: Heads
    """Fitted to all sentences."""
    file: bytes
    """Their file."""
    sizes: dict[str, int]
    """Sentences and pairs of each split."""
    slot_confusion: NDArray[np.int64]
    """Held-out sentences of all splits: the right slot (row) and the likeliest (column)."""
    relation_confusion: NDArray[np.int64]
    """The same for relations."""


@dataclass(frozen=True)
class _Examples:
    features: NDArray[np.float64]
    labels: NDArray[np.int64]


_Task = dict[Split, _Examples]


def train_local(
    embedder: Embedder,
    trunk: Trunk,
    material: Material,
    *,
    seed: int,
    progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
) -> Trained:
    """Heads for a trunk, from sentences; the same sentences, seed and machine give the same bytes.

    Args:
        embedder: What makes their vectors.
        trunk: Its slots are what the slot head tells apart.
        material: What the sentences are drawn from.
        seed: Seed of the draws.
        progress: Told the step, how far it is, and how far it goes.
    """
    said = {split: sentences(material, trunk, split, seed) for split in SPLITS}
    paired = {split: pairs(material, trunk, split, seed) for split in SPLITS}
    texts = {s.text for split in SPLITS for s in said[split]} | {
        t for s in SPLITS for p in paired[s] for t in (p.old, p.new)
    }
    vectors = _embedded(embedder, sorted(texts), progress)
    paths = tuple(slot.path for slot in trunk.slots)
    worth = {split: _worth(said[split], vectors) for split in SPLITS}
    slots = {split: _slots(said[split], paths, vectors) for split in SPLITS}
    relations = {split: _relations(paired[split], vectors) for split in SPLITS}
    tasks = (
        ("worth", worth, 2, WORTH_DECAY),
        ("slot", slots, len(paths), SLOT_DECAY),
        ("relation", relations, len(RELATIONS), RELATION_DECAY),
    )
    metrics: dict[str, float] = {}
    weights, confusions = {}, {}
    for number, (name, task, classes, decay) in enumerate(tasks):
        progress(f"fitting {name}", 2 * number, 2 * len(tasks))
        tried = fit(task["train"].features, task["train"].labels, classes, decay=decay)
        scores, confusions[name] = _scored(name, task, tried, classes)
        metrics |= scores
        progress(f"fitting {name}", 2 * number + 1, 2 * len(tasks))
        whole = _joined(task.values())
        weights[f"{name}_weights"] = fit(whole.features, whole.labels, classes, decay=decay).T.astype(np.float32)
        if name == "slot":
            metrics |= _routed(task, tried, embedder, trunk)
    progress("fitting", 2 * len(tasks), 2 * len(tasks))
    record = HeadsRecord(
        embedder=embedder.fingerprint, trunk=slots_digest(trunk), data=material.digest, seed=seed, metrics=metrics
    )
    heads = Heads(record=record, paths=paths, **weights)
    sizes = {split: len(said[split]) for split in SPLITS} | {f"{s}_pairs": len(paired[s]) for s in SPLITS}
    return Trained(
        heads=heads,
        file=to_bytes(heads),
        sizes=sizes,
        slot_confusion=confusions["slot"],
        relation_confusion=confusions["relation"],
    )


def _embedded(
    embedder: Embedder, texts: Sequence[str], progress: Callable[[str, int, int], None]
) -> Mapping[str, Vector]:
    found: dict[str, Vector] = {}
    for start in range(0, len(texts), BATCH):
        progress("embedding", start, len(texts))
        batch = texts[start : start + BATCH]
        found |= dict(zip(batch, embedder.embed(batch), strict=True))
    progress("embedding", len(texts), len(texts))
    return found


def _worth(said: Sequence[Sentence], vectors: Mapping[str, Vector]) -> _Examples:
    return _examples([vectors[s.text] for s in said], [int(s.path is not None) for s in said])


def _slots(said: Sequence[Sentence], paths: Sequence[str], vectors: Mapping[str, Vector]) -> _Examples:
    number = {path: place for place, path in enumerate(paths)}
    known = [(vectors[s.text], number[s.path]) for s in said if s.path in number]
    return _examples([vector for vector, _ in known], [place for _, place in known])


def _relations(paired: Sequence[Pair], vectors: Mapping[str, Vector]) -> _Examples:
    features = pair_features(
        [pair.old for pair in paired],
        [pair.new for pair in paired],
        np.stack([vectors[pair.old] for pair in paired]),
        np.stack([vectors[pair.new] for pair in paired]),
    )
    return _examples(list(features), [RELATIONS.index(pair.relation) for pair in paired])


def _examples(features: Sequence[Vector], labels: Sequence[int]) -> _Examples:
    return _Examples(np.stack(features).astype(np.float64), np.array(labels, np.int64))


def _joined(parts: Iterable[_Examples]) -> _Examples:
    parts = list(parts)
    return _Examples(np.concatenate([p.features for p in parts]), np.concatenate([p.labels for p in parts]))


def _routed(task: _Task, weights: NDArray[np.float64], embedder: Embedder, trunk: Trunk) -> dict[str, float]:
    """Accuracy of the nearest slot alone, and of nearness with the head's share, as the listener routes."""
    by_meaning = slot_vectors(trunk, embedder.embed(texts_of(trunk)))
    metrics: dict[str, float] = {}
    for split in HELD:
        features, labels = task[split].features, task[split].labels
        ranked = by_meaning.nearest(features.astype(np.float32), len(trunk.slots))
        near = np.array([[dict(row)[slot.path] for slot in trunk.slots] for row in ranked])
        metrics[f"nearest_{split}_accuracy"] = round(accuracy(near, labels), 4)
        metrics[f"routed_{split}_accuracy"] = round(
            accuracy(near + HEAD_SHARE * _chances(features, weights), labels), 4
        )
    return metrics


def _chances(features: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = features @ weights[:-1] + weights[-1]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _scored(
    name: str, task: _Task, weights: NDArray[np.float64], classes: int
) -> tuple[dict[str, float], NDArray[np.int64]]:
    metrics: dict[str, float] = {}
    counts = np.zeros((classes, classes), np.int64)
    for split in HELD:
        chances, labels = _chances(task[split].features, weights), task[split].labels
        counts += confusion(chances, labels, classes)
        metrics[f"{name}_{split}_accuracy"] = round(accuracy(chances, labels), 4)
        metrics[f"{name}_{split}_macro_f1"] = round(macro_f1(chances, labels), 4)
        metrics[f"{name}_{split}_calibration_error"] = round(calibration_error(chances, labels), 4)
    return metrics, counts
