"""What `treering train local` prints."""

from __future__ import annotations

import numpy as np
import pytest

from treering.cli.train import _show
from treering.memory.listeners.heads.trained import Heads, HeadsRecord
from treering.training.local import Trained

METRICS = {
    f"{head}_{split}_{name}": 0.5
    for head in ("worth", "slot", "relation")
    for split in ("words", "phrasing", "written")
    for name in ("accuracy", "macro_f1", "calibration_error")
} | {f"{name}_{split}_accuracy": 0.25 for name in ("nearest", "routed") for split in ("words", "phrasing", "written")}


def test_scores_and_the_worst_confusions_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    record = HeadsRecord(embedder="e", trunk="t", data="d", seed=0, metrics=METRICS | {"slot_written_accuracy": 0.734})
    nothing = np.zeros((2, 3), np.float32)
    heads = Heads(
        record=record, paths=("food", "city"), worth_weights=nothing, slot_weights=nothing, relation_weights=nothing
    )
    relations = np.diag([1, 2, 3, 4, 5])
    relations[3, 0] = 77
    _show(
        Trained(
            heads=heads,
            file=b"",
            sizes={"train": 1_234},
            slot_confusion=np.array([[5, 0], [9, 5]]),
            relation_confusion=relations,
        )
    )
    shown = capsys.readouterr().out
    assert "train 1,234" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["slot", "written", "0.734", "0.500", "0.500"] in rows
    assert ["city", "food", "9"] in rows
    assert not any(row[:2] == ["food", "city"] for row in rows), "what was never confused is not shown"
    assert ["ends", "77", "0", "0", "4", "0"] in rows
