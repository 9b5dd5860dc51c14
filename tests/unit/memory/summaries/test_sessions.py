"""A session's passages: which sentences may be read out, and what is embedded for them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from treering.memory.models.hashing import HashEmbedder
from treering.memory.summaries.building import SESSION, Condenser
from treering.memory.summaries.sessions import SENTENCES_A_TURN, first_sentences, session_passages, turn_vectors
from treering.schemas.dialogue import Turn
from treering.testing import NotingEmbedder


@pytest.fixture
def embedder() -> NotingEmbedder:
    return NotingEmbedder()


def turn(number: int, text: str) -> Turn:
    at = datetime(2024, 3, 4, 9, number, tzinfo=UTC)
    return Turn(message_id=f"m{number}", session="s", index=number, seq=number + 1, role="user", content=text, at=at)


def test_of_a_long_text_the_first_sentences_may_be_read_out() -> None:
    text = "\n".join(f"Line number {number} says something." for number in range(3 * SENTENCES_A_TURN))
    assert first_sentences(text) == tuple(text.split("\n")[:SENTENCES_A_TURN])


def test_only_turns_without_a_vector_are_embedded(embedder: NotingEmbedder) -> None:
    turns = [turn(0, "I live in Porto."), turn(1, "I love sardines."), turn(2, "It rains.")]
    known = np.ones(256, np.float32)
    vectors = turn_vectors(turns, {"turn:m1": known}, embedder.embed)
    assert embedder.texts == ["I live in Porto.", "It rains."]
    assert np.array_equal(vectors[1], known)
    assert np.array_equal(vectors[[0, 2]], HashEmbedder().embed(embedder.texts))


def test_a_turn_of_one_sentence_lends_it_its_vector(embedder: NotingEmbedder) -> None:
    turns = [
        turn(0, "I moved to Lisbon with my sister."),
        turn(1, "We found a small flat in Alfama. Its old kitchen has a red door."),
    ]
    vectors = HashEmbedder().embed([one.content for one in turns])
    passages = session_passages(turns, vectors, Condenser(embed=embedder.embed, cost=len), written=None)
    assert set(embedder.texts) == {"We found a small flat in Alfama.", "Its old kitchen has a red door."}
    assert passages[-1].level == SESSION
    assert {ref for one in passages[:-1] for ref in one.message_ids} == {"m0", "m1"}


def test_what_a_chat_model_wrote_is_the_summary(embedder: NotingEmbedder) -> None:
    turns = [turn(0, "I moved to Lisbon with my sister.")]
    vectors = HashEmbedder().embed([one.content for one in turns])
    condenser = Condenser(embed=embedder.embed, cost=len)
    *_, summary = session_passages(turns, vectors, condenser, written="They moved to Lisbon.")
    assert summary.text == "They moved to Lisbon."
