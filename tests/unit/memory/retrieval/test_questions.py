"""Slots by the questions they answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.models.hashing import HashEmbedder
from treering.memory.retrieval.questions import (
    ASKED,
    BEST_SHARE,
    DESCRIBED,
    OF_A_PERSON,
    Scale,
    SlotRouter,
    _matches,
    slot_router,
    texts_to_route,
)
from treering.memory.retrieval.slots import SlotVectors
from treering.schemas.trunk import Branch, Slot, Trunk


def trunk(*questions: tuple[str, ...]) -> Trunk:
    slots = tuple(Slot(path=f"slot{n}", description=f"Slot {n}.", questions=each) for n, each in enumerate(questions))
    return Trunk(name="t", version=1, description="For tests.", branches=(), slots=slots)


def at(*cosines: float) -> np.ndarray:
    """Unit vectors with these cosines to (1, 0)."""
    return np.array([[c, np.sqrt(1 - c * c)] for c in cosines], np.float32)


ASK = np.array([1, 0], np.float32)


def share(cosine: float, scale: Scale = ASKED) -> float:
    return min(1.0, (cosine - scale.nothing) / (scale.full - scale.nothing))


def test_the_nearest_question_of_a_slot_counts_most_and_the_second_confirms_it() -> None:
    router = SlotRouter(paths=("a",), vectors=at(0.1, 0.5, 0.45), owners=np.array([0, 0, 0]), described=None)
    expected = share(BEST_SHARE * 0.5 + (1 - BEST_SHARE) * 0.45)
    assert 0 < expected < 1
    assert router.route(ASK) == {"a": pytest.approx(expected, abs=1e-5)}


def test_a_single_question_is_all_there_is() -> None:
    router = SlotRouter(paths=("a",), vectors=at(0.5), owners=np.array([0]), described=None)
    assert router.route(ASK) == {"a": pytest.approx(share(0.5), abs=1e-5)}


def test_a_second_question_that_says_the_contrary_counts_too() -> None:
    router = SlotRouter(paths=("a",), vectors=at(1.0, -1.0), owners=np.array([0, 0]), described=None)
    assert router.route(ASK) == {}


def test_what_is_near_no_question_matches_no_slot() -> None:
    router = SlotRouter(paths=("a", "b"), vectors=at(0.3, 0.1), owners=np.array([0, 1]), described=None)
    assert router.route(ASK) == {}


def test_only_slots_about_as_near_as_the_nearest_match() -> None:
    near, far = 0.9 - ASKED.margin + 0.01, 0.9 - ASKED.margin - 0.01
    router = SlotRouter(paths=("a", "b", "c"), vectors=at(0.9, near, far), owners=np.arange(3), described=None)
    assert router.route(ASK) == {"a": 1.0, "b": 1.0}


def test_a_slot_just_within_the_margin_matches_and_one_that_is_just_nothing_does_not() -> None:
    scale = Scale(nothing=0.25, full=0.75, margin=0.25)
    assert _matches(("a", "b"), np.array([0.75, 0.5]), scale) == {"a": 1.0, "b": 0.5}
    assert _matches(("a",), np.array([0.25]), scale) == {}


def test_slots_without_questions_are_found_by_what_describes_them_on_a_scale_of_their_own() -> None:
    described = SlotVectors(paths=("b",), vectors=at(0.45), owners=np.array([0]))
    router = SlotRouter(paths=("a",), vectors=at(0.5), owners=np.array([0]), described=described)
    assert router.route(ASK) == {
        "a": pytest.approx(share(0.5), abs=1e-5),
        "b": pytest.approx(share(0.45, DESCRIBED), abs=1e-5),
    }


def test_a_trunk_without_any_questions_works(small_trunk: Trunk) -> None:
    embedder = HashEmbedder()
    router = slot_router(small_trunk, embedder.embed(texts_to_route(small_trunk)))
    matches = router.route(embedder.embed(["the city I live in"])[0])
    assert max(matches, key=lambda path: matches[path]) == "home.city"


def test_what_is_routed_by_are_questions_else_descriptions_and_examples() -> None:
    mixed = trunk(("One?", "Two?"), (), ("Three?",))
    assert texts_to_route(mixed) == ["One?", "Two?", "Three?", "Slot 1."]


@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=6), seed=st.integers(0, 1000))
def test_agrees_with_a_loop(sizes: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    subject = trunk(*[tuple(f"question {n} {k}?" for k in range(size)) for n, size in enumerate(sizes)])
    texts = texts_to_route(subject)
    rows = random.normal(size=(len(texts), 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    asked = rows[0]
    cosines = dict(zip(texts, (float(value) for value in rows @ asked), strict=True))
    scores: dict[Scale, dict[str, float]] = {ASKED: {}, DESCRIBED: {}}
    for slot in subject.slots:
        best = sorted((cosines[question] for question in slot.questions), reverse=True)[:2]
        if best:
            scores[ASKED][slot.path] = BEST_SHARE * best[0] + (1 - BEST_SHARE) * best[-1]
        else:
            scores[DESCRIBED][slot.path] = cosines[slot.description]
    expected = {
        path: share(score, scale)
        for scale, by_path in scores.items()
        for path, score in by_path.items()
        if score > scale.nothing and score >= max(by_path.values()) - scale.margin
    }
    assert slot_router(subject, rows).route(asked) == pytest.approx(expected, abs=1e-4)


def test_vectors_of_another_trunk_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors for 2 questions"):
        slot_router(trunk(("One?",), ("Two?",)), at(1, 1, 1))
    with pytest.raises(ValueError, match="0 vectors for 1 texts"):
        slot_router(trunk(("One?",), ()), at(1))


def of_areas() -> Trunk:
    paths = ("home.city", "home.pets", "health.body.weight", "health.allergies")
    slots = tuple(
        Slot(
            path=path,
            description=f"{path}.",
            questions=(f"{path}?",),
            sensitivity="special" if path.endswith("weight") else "open",
        )
        for path in paths
    )
    branches = tuple(Branch(path=path, description=f"{path}.") for path in ("home", "health", "health.body"))
    return Trunk(name="t", version=1, description="For tests.", branches=branches, slots=slots)


def test_an_area_is_asked_for_by_its_own_question() -> None:
    assert texts_to_route(of_areas())[4:] == [
        "What do you know about my home?",
        "What do you know about my health?",
        "What do you know about my body?",
    ]


def test_the_name_of_an_area_is_asked_for_in_words() -> None:
    slots = (Slot(path="pets_and_plants.cats", description="Cats.", questions=("Which cats?",)),)
    branches = (Branch(path="pets_and_plants", description="At home."),)
    subject = Trunk(name="t", version=1, description="For tests.", branches=branches, slots=slots)
    assert texts_to_route(subject)[1:] == ["What do you know about my pets and plants?"]


def test_a_question_about_an_area_matches_all_that_stands_under_it_and_one_about_a_thing_does_not() -> None:
    router = slot_router(of_areas(), at(0.1, 0.1, 0.1, 0.5, 0.2, 0.9, 0.1))
    assert router.route(ASK) == {"health.allergies": pytest.approx(share(0.5), abs=1e-5)}
    assert router.route(ASK, "area") == {"health.body.weight": 1.0, "health.allergies": 1.0}


def test_an_area_that_is_not_near_brings_nothing() -> None:
    router = slot_router(of_areas(), at(0.1, 0.1, 0.1, 0.5, 0.2, 0.4, 0.1))
    assert set(router.route(ASK, "area")) == {"health.allergies"}


def test_all_that_is_known_of_somebody_is_every_slot_but_the_special_ones() -> None:
    router = slot_router(of_areas(), at(0.9, 0.1, 0.1, 0.1, 0.2, 0.2, 0.1))
    assert router.route(ASK, "person") == {
        "home.city": 1.0,
        "home.pets": OF_A_PERSON,
        "health.allergies": OF_A_PERSON,
    }


def test_vectors_without_those_of_the_areas_are_refused() -> None:
    with pytest.raises(ValueError, match="6 vectors for 4 questions and 3 areas"):
        slot_router(of_areas(), at(1, 1, 1, 1, 1, 1))
