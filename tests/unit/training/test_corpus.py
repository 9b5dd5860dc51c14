"""The training sentences that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from treering.errors import InvalidInput
from treering.memory.listeners.heads.pairs import RELATIONS
from treering.schemas.trunks import load_trunk
from treering.training.corpus import Material, Sentence, claim_of, drawn, read_material, sentences
from treering.training.pairs import pairs

TRUNK = load_trunk("core")


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material()


@pytest.fixture(scope="module")
def learned(material: Material) -> tuple[Sentence, ...]:
    return tuple(sentences(material, TRUNK, "train", 0))


def test_every_slot_of_the_trunk_has_templates_and_sentences_by_hand(material: Material) -> None:
    paths = set(TRUNK.by_path)
    assert set(material.slots) == paths
    assert set(material.written) == paths
    assert min(map(len, material.slots.values())) >= 5, "a fifth of a slot's templates is held out"


def test_no_template_and_no_sentence_by_hand_is_on_both_sides(
    material: Material, learned: tuple[Sentence, ...]
) -> None:
    for templates in material.slots.values():
        assert not set(drawn(templates, "train")) & set(drawn(templates, "phrasing"))
    texts = {sentence.text for sentence in learned}
    held = {sentence.text for sentence in sentences(material, TRUNK, "written", 0)}
    assert len(held) > 400
    assert len(held & texts) <= 0.05 * len(held), "short sentences may be drawn from a template too"


def test_the_same_seed_draws_the_same_sentences(material: Material) -> None:
    said = sentences(material, TRUNK, "words", 3)
    assert said == sentences(material, TRUNK, "words", 3)
    assert said != sentences(material, TRUNK, "words", 4)
    assert pairs(material, TRUNK, "phrasing", 3) == pairs(material, TRUNK, "phrasing", 3)


def test_sentences_are_claims_in_the_third_person(learned: tuple[Sentence, ...]) -> None:
    assert sum(sentence.text.startswith(("I ", "I'", "My ")) for sentence in learned) < 0.01 * len(learned)
    assert claim_of("My sister Ana lives in Porto") == "has a sister named Ana who lives in Porto"


def test_each_relation_has_pairs_in_each_split(material: Material) -> None:
    for split in ("train", "words", "phrasing", "written"):
        found = pairs(material, TRUNK, split, 0)
        assert {pair.relation for pair in found} == set(RELATIONS), split


def test_a_file_that_is_no_list_of_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text("home.city:\n  - I live in {city}\n  - 7\n")
    with pytest.raises(InvalidInput, match=r"home\.yaml"):
        read_material(tmp_path)
