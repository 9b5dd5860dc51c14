"""Claims that no index shows yet."""

from __future__ import annotations

import pytest

from treering.memory.catching_up import best_hits, search_claims
from treering.memory.models.hashing import HashEmbedder
from treering.memory.retrieval.aspects import Aspect
from treering.memory.retrieval.hits import Hits
from treering.memory.retrieval.sparse import terms

CLAIMS = {"home": "lives in Lisbon", "food": "is allergic to peanuts"}


def aspect(text: str) -> Aspect:
    return Aspect(vector=HashEmbedder().embed([text])[0], terms=terms(text))


def test_a_claim_counts_by_what_it_is_most_like() -> None:
    lisbon, peanuts = aspect("lives in Lisbon"), aspect("allergic to peanuts")
    both = search_claims(HashEmbedder(), CLAIMS, (lisbon, peanuts))
    assert dict(both.dense)["home"] == pytest.approx(
        dict(search_claims(HashEmbedder(), CLAIMS, (lisbon,)).dense)["home"]
    )
    assert dict(both.dense)["food"] == pytest.approx(
        dict(search_claims(HashEmbedder(), CLAIMS, (peanuts,)).dense)["food"]
    )
    assert {ref for ref, _ in both.sparse} == {"home", "food"}


def test_without_claims_nothing_is_embedded() -> None:
    class Broken(HashEmbedder):
        def embed(self, texts: object) -> object:  # type: ignore[override]
            raise AssertionError(texts)

    assert search_claims(Broken(), {}, (aspect("Lisbon"),)) == Hits()


def test_of_several_searches_the_best_score_of_each_stays_and_ties_go_by_name() -> None:
    first, second = Hits(dense=(("b", 0.5), ("a", -0.4))), Hits(dense=(("c", 0.5), ("a", -0.1)), sparse=(("a", 2.0),))
    assert best_hits([first, second]) == Hits(dense=(("b", 0.5), ("c", 0.5), ("a", -0.1)), sparse=(("a", 2.0),))
