"""The person's own name in a question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.retrieval.naming import impersonal, names_of
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.trunk import Trunk


def tree_of(trunk: Trunk, path: str, text: str) -> PersonaTree:
    now = datetime(2024, 3, 1, tzinfo=UTC)
    claim = Claim(id="0" * 24, path=path, text=text, valid_from=now, recorded_at=now, origin="manual")
    return PersonaTree(trunk=trunk, claims={claim.id: claim})


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where should I take Ana for dinner?", "Where should I take they for dinner?"),
        ("What is Ana's cat called?", "What is their cat called?"),
        ("What is Ana\u2019s cat called?", "What is their cat called?"),
        ("Does Ana Ribeiro work?", "Does they work?"),
        ("Is Anabel her sister, and is banana her fruit?", "Is Anabel her sister, and is banana her fruit?"),
        ("ana", "ana"),
        ("", ""),
    ],
)
def test_a_name_gives_way_to_a_pronoun_where_it_is_a_word_of_its_own(question: str, expected: str) -> None:
    assert impersonal(question, {"Ana", "Ribeiro"}) == expected


def test_without_names_a_question_stays_as_it_is() -> None:
    assert impersonal("Where does Ana live?", ()) == "Where does Ana live?"


def test_names_come_from_the_user_id_and_from_the_slot_of_the_name(small_trunk: Trunk) -> None:
    tree = tree_of(small_trunk, "name", "is called Lin-Wei O'Hara")
    assert names_of("ana.ribeiro_7", tree) == {"Ana", "Ribeiro", "Lin", "Wei", "Hara"}


def test_other_claims_name_nobody(small_trunk: Trunk) -> None:
    assert names_of("42", tree_of(small_trunk, "home.city", "lives in Lisbon")) == frozenset()
    assert names_of("42", None) == frozenset()
