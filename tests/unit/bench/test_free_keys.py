"""What is right where a suite is answered freely, and who is asked what."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from treering.bench.gold.answers import RightText
from treering.bench.gold.locomo import AUDIT, read_locomo_answers
from treering.bench.gold.realmem import read_realmem_rubrics
from treering.bench.samples import Question
from treering.bench.suites.locomo import LOCOMO, read_locomo_whole
from treering.bench.suites.realmem import read_realmem


def test_every_question_of_locomo_has_an_answer_and_an_adversarial_one_is_that_nothing_is_known(locomo: Path) -> None:
    key = read_locomo_answers(locomo)
    asked = {(one.id, step.id) for one in read_locomo_whole(locomo) for step in one.steps if isinstance(step, Question)}
    assert set(key) == asked
    assert key["pair-1", "q1"] == RightText(
        texts=("near the lighthouse",), type="multi-hop", evidence=frozenset({"D1:2", "D10:1"})
    )
    assert key["pair-1", "q3"] == RightText(texts=(), type="adversarial", is_unknowable=True)


@pytest.mark.parametrize(
    ("corrected", "right"),
    [
        ("Tuesdays", ("Tuesdays",)),
        ("Tuesdays (as she says)", ("Tuesdays (as she says)", "Tuesdays")),
        ("Tuesdays (D2:1), Fridays (D2:2).", ("Tuesdays (D2:1), Fridays (D2:2).", "Tuesdays, Fridays.")),
        (None, ("Mondays",)),
    ],
)
def test_an_answer_that_the_audit_corrects_is_right_without_its_remarks(
    corrected: str | None, right: tuple[str, ...], locomo: Path, tmp_path: Path
) -> None:
    shutil.copytree(locomo, tmp_path, dirs_exist_ok=True)
    (tmp_path / AUDIT).write_text(json.dumps([{"sample_id": "pair-1", "qa_index": 2, "correct_answer": corrected}]))
    assert read_locomo_answers(tmp_path)["pair-1", "q2"].texts == right


def test_an_audit_beside_the_suite_is_one_of_its_files(locomo: Path, tmp_path: Path) -> None:
    assert set(LOCOMO.checksums(locomo)) == {AUDIT, "locomo_tiny.json"}
    shutil.copy(locomo / "locomo_tiny.json", tmp_path)
    assert set(LOCOMO.checksums(tmp_path)) == {"locomo_tiny.json"}


def test_a_reply_of_realmem_is_held_to_what_was_used_of_earlier_sessions_alone(realmem: Path) -> None:
    key = read_realmem_rubrics(realmem)
    [mia] = read_realmem(realmem)
    assert all(step.is_request for step in mia.steps if isinstance(step, Question))
    knee = key["Mia_Berg", "s2:2"]
    assert (knee.texts, knee.type, set(knee.evidence)) == ((), "Implicit Preference", {"s1:2", "s1:3"})
    assert "The user's left knee hurts." in knee.rubric
    assert "Said later." not in knee.rubric
