"""Facts about people for which there is no slot."""

from __future__ import annotations

from treering.memory.listeners.hearing import Heard
from treering.memory.listeners.unplaced import with_unplaced
from treering.memory.wording.sentences import Span

QUOTE = Span(text="My sister Ana is a potter and lives in Porto.", start=0)
TIE = Heard(kind="claim", text="has a sister named Ana", quote=QUOTE)
POTTER = Heard(kind="answer", text="is a potter", quote=QUOTE)
HOME = Heard(kind="answer", text="lives in Porto", quote=QUOTE)
MINE = Heard(kind="claim", text="loves jazz", quote=Span(text="I love jazz.", start=50))


def test_a_fact_without_a_slot_stays_with_the_tie() -> None:
    told = {"self": [TIE, MINE], "person:Ana": [POTTER, HOME]}
    found = with_unplaced(told, "self", lambda item: item is not POTTER)
    assert [item.text for item in found["self"]] == ["has a sister named Ana who is a potter", "loves jazz"]
    assert found["person:Ana"] == [HOME]
    assert found["self"][0].quote == QUOTE


def test_facts_with_slots_stay_where_they_are() -> None:
    told = {"self": [TIE, MINE], "person:Ana": [POTTER, HOME]}
    assert with_unplaced(told, "self", lambda _: True) == told


def test_a_fact_goes_to_no_tie_of_somebody_else_or_of_other_words() -> None:
    elsewhere = Heard(kind="answer", text="is a potter", quote=Span(text="She is a potter.", start=60))
    told = {"self": [TIE], "person:Ana": [elsewhere], "person:Bo": [POTTER]}
    assert with_unplaced(told, "self", lambda _: False) == told


def test_no_claim_becomes_too_long() -> None:
    long = Heard(kind="answer", text="is a potter" + " and so on" * 6, quote=QUOTE)
    told = {"self": [TIE], "person:Ana": [long]}
    assert with_unplaced(told, "self", lambda _: False) == told
