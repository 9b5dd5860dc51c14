"""What is foreseen is what a run takes, or at least as much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering.bench.choice.folder import About, RunFolder
from treering.bench.choice.foreseeing import PROBE_TURNS, Foreseen, foresee
from treering.bench.choice.hearing import LENGTH_RULE, hear
from treering.bench.choice.running import prompts
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.tokens import RegexTokenCounter

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ABOUT = About(suite="s", data="d", sha256={}, conversations=None, embedder="hash", treering="0")


def life(person: str, *, turns: int = 2 * PROBE_TURNS) -> Conversation:
    said = [
        SaidTurn(
            id=f"t{number}",
            session=f"s{number // 10}",
            role="user",
            speaker=person,
            text=f"On day {number} I, {person}, walked {number} miles with a friend.",
            at=NOON + timedelta(days=number),
        )
        for number in range(turns)
    ]
    where = Question(id="q0", text="How far?", options=("a mile", "two"), at=NOON + timedelta(days=999))
    who = Question(id="q1", text="With whom?", at=NOON + timedelta(days=999))
    return Conversation(id=person, steps=(*said[: turns // 2], where, *said[turns // 2 :], who))


LIVES = [life("ada"), life("bo")]


@pytest.mark.parametrize("system", ["none", "full-context", "last-turns", "bm25", LENGTH_RULE])
def test_prompts_and_tokens_are_those_of_the_run_or_a_bound(tmp_path: Path, system: str) -> None:
    folder = RunFolder(tmp_path / "run", ABOUT)
    hear(folder, system, LIVES, HashEmbedder, lambda _: None)
    unique = {prompt.id: prompt for _, _, _, prompt in prompts(folder, [system], LIVES)}
    sent = sum(RegexTokenCounter().count(prompt.text) for prompt in unique.values())
    found = foresee(system, LIVES, embedder=None)
    assert (found.turns, found.contexts, found.hearing_s) == (4 * PROBE_TURNS, 4, None)
    if system == LENGTH_RULE:
        assert (found.prompts, found.input_tokens, found.is_exact) == (0, 0, True)
    elif found.is_exact:
        assert (found.prompts, found.free_answers) == (len(unique), len(unique) // 2)
        assert found.input_tokens == pytest.approx(sent, rel=0.01)
    else:
        assert found.prompts >= len(unique)
        assert found.input_tokens >= sent


def test_without_a_memory_people_who_are_asked_the_same_are_one_prompt() -> None:
    assert foresee("none", LIVES, embedder=None).prompts == 2
    assert foresee("full-context", LIVES, embedder=None).prompts == 4


def test_the_calls_of_a_listener_are_drawn_out_from_the_first_turns() -> None:
    heard: list[int] = []

    def listening(beginning: Conversation) -> tuple[int, int]:
        heard.append(sum(isinstance(step, SaidTurn) for step in beginning.steps))
        return 10, 1_000

    found = foresee("treering", LIVES, embedder=None, listening=listening)
    assert heard == [PROBE_TURNS]
    assert (found.listening_calls, found.listening_tokens) == (40, 4_000)


def test_time_is_told_for_all_turns_and_a_suite_of_nobody_takes_nothing() -> None:
    assert (foresee("bm25", LIVES, embedder=HashEmbedder).hearing_s or 0) > 0
    assert foresee("none", [], embedder=None) == Foreseen(turns=0, contexts=0)
