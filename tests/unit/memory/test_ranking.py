"""What only the turns themselves can tell of their rank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from treering.memory.ranking import MAX_RERANKED, RankedTurn, rerank
from treering.memory.retrieval.rank import Ranked, Weights
from treering.schemas.dialogue import Turn

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def ranked(number: int, score: float) -> RankedTurn:
    name = f"m{number:02}"
    turn = Turn(message_id=name, session="s", index=number, seq=number, role="user", content=f"turn {number}", at=NOW)
    return RankedTurn(turn=turn, ranked=Ranked(ref=name, score=score))


class Likes:
    """A reranker that likes one text."""

    def __init__(self, liked: str) -> None:
        self.liked = liked
        self.read: list[str] = []

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read += texts
        return [float(text == self.liked) for text in texts]


def test_a_reranker_reads_the_best_only_and_has_its_share_in_the_score() -> None:
    turns = [ranked(number, 0.9 - number / 100) for number in range(MAX_RERANKED + 5)]
    likes = Likes("turn 3")
    again = rerank(turns, "Which?", likes, Weights(turns={"reranker": 0.25}))
    assert again[0].turn.message_id == "m03"
    assert again[0].ranked.score == pytest.approx(0.75 * 0.87 + 0.25)
    assert again[0].ranked.found_by[-1].source == "reranker"
    assert len(likes.read) == MAX_RERANKED
    assert again[MAX_RERANKED:] == turns[MAX_RERANKED:]


def test_without_weight_a_reranker_changes_no_order() -> None:
    turns = [ranked(number, 0.9 - number / 100) for number in range(5)]
    again = rerank(turns, "Which?", Likes("turn 4"), Weights().without("reranker"))
    assert [one.turn.message_id for one in again] == [one.turn.message_id for one in turns]
