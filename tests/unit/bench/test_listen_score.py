"""A claim counts when it says three quarters of a triple's words, affirmed or denied as the triple has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.bench.gold.perma import Triple, Triples
from treering.bench.listen_claims import HeardClaim, every_sentence, first_person
from treering.bench.listen_score import Score, says, score
from treering.bench.listen_words import is_negative, said
from treering.bench.samples import Conversation, SaidTurn

SPOKEN = "I prefer quiet rooms. Could you show me some with a sea view? Thanks!"


def talk(*texts: str) -> Conversation:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    turns = (
        SaidTurn(id=f"t{place}", session="one", role="user", speaker="user", text=text, at=at)
        for place, text in enumerate(texts)
    )
    return Conversation(id="mia", steps=tuple(turns))


def triple(value: str, attribute: str = "Amenity Preference") -> Triple:
    return Triple(domain="Hotels", attribute=attribute, value=value)


def claim(text: str, quote: str = "I prefer quiet rooms.", session: str = "one") -> HeardClaim:
    return HeardClaim(session=session, text=text, quotes=(quote,))


def scored(*claims: HeardClaim, triples: tuple[Triple, ...]) -> Score:
    return score([talk(SPOKEN)], {"mia": {"one": triples}}, {"mia": claims})


def test_only_what_the_person_says_is_reachable() -> None:
    found = scored(claim("prefers quiet rooms"), triples=(triple("quiet room"), triple("sea view"), triple("spa")))
    assert (found.triples, found.reachable, found.found) == (3, 2, 1)
    assert (found.recall, found.precision) == (0.5, 1.0)
    [missed] = found.missed
    assert (missed.triple, missed.said) == (
        "Hotels-Amenity Preference-sea view",
        "Could you show me some with a sea view?",
    )


def test_three_quarters_of_the_words_are_enough_and_two_thirds_are_not() -> None:
    assert says("likes old rooms by the sea", triple("rooms by the lake"))
    assert not says("likes rooms by sea", triple("rooms by lake"))
    assert says("the room was quieter", triple("quiet rooms")) is False, "the stemmer keeps comparatives apart"


@pytest.mark.parametrize(
    ("text", "value", "is_said"),
    [
        ("does not want a sea view", "sea view", False),
        ("wants a hotel without a spa, near the sea", "sea", True),
        ("doesn\u2019t mind noise, loves the sea", "sea", True),
        ("hates spas but loves the sea", "sea", True),
        ("hates spas but loves the sea", "spa", False),
        ("does not want just any room, wants a quiet room", "quiet room", True),
        ("not only likes jazz", "jazz", True),
        ("No, I prefer jazz", "jazz", True),
    ],
)
def test_a_positive_triple_is_found_where_its_words_are_affirmed(text: str, value: str, is_said: bool) -> None:
    assert says(text, triple(value)) is is_said


def test_a_negative_triple_is_found_where_its_words_are_denied() -> None:
    for value, attribute in (("no nuts", "Ingredients"), ("nuts", "Avoided Ingredients"), ("without nuts", "Food")):
        assert is_negative(attribute, value)
        assert says("does not eat nuts", triple(value, attribute))
        assert not says("eats nuts", triple(value, attribute))
    assert not is_negative("Layover", "non-stop")


def test_a_title_denies_nothing() -> None:
    assert says("reads No Ordinary Time", triple("No Ordinary Time", "Favourite Books"))


def test_a_negation_ends_with_its_clause() -> None:
    found = said("I don't eat meat and fish, and I love soup because it is never dull")
    assert {"meat", "fish", "dull"} <= found.denied
    assert {"soup", "love"} <= found.affirmed
    assert not {"soup", "love"} & found.denied


def test_a_long_claim_and_one_on_two_sentences_are_wrong_and_find_nothing() -> None:
    both = (
        claim("prefers quiet rooms " + "very " * 23),
        claim("prefers quiet rooms", quote="I prefer quiet rooms. Could you show me some"),
    )
    found = scored(*both, triples=(triple("quiet rooms"),))
    assert (found.claims, found.right, found.found) == (2, 0, 0)
    assert [one.why for one in found.wrong] == ["has 26 words", "rests on a span of 2 sentences"]


def test_a_claim_may_match_a_triple_of_another_dialog_but_finds_none_there() -> None:
    key: Triples = {"mia": {"one": (triple("sea view"),), "two": (triple("quiet rooms"),)}}
    found = score([talk(SPOKEN)], key, {"mia": [claim("prefers quiet rooms")]})
    assert (found.right, found.found, found.reachable, found.dialogs) == (1, 0, 1, 2)


def test_a_wrong_claim_is_told_with_the_reason() -> None:
    found = scored(claim("avoids quiet rooms"), claim("thanks"), triples=(triple("quiet rooms"),))
    assert [one.why for one in found.wrong] == [
        "the other polarity of Hotels-Amenity Preference-quiet rooms",
        "matches no triple",
    ]


def test_the_baselines_take_sentences_for_claims() -> None:
    conversation = talk(SPOKEN, "My sister came.")
    assert [one.text for one in every_sentence(conversation)][-2:] == ["Thanks!", "My sister came."]
    assert [one.text for one in first_person(conversation)] == [
        "I prefer quiet rooms.",
        "Could you show me some with a sea view?",
        "My sister came.",
    ]
