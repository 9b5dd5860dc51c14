"""The tokens of a window: counted from the prompts that would go out, beside the whole trunk in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from treering.bench import listening_tokens
from treering.bench.listening_tokens import Metered, bench_listening_tokens, numbers, read_histories, tokens
from treering.errors import InvalidInput
from treering.memory.models.hashing import HashEmbedder
from treering.memory.prompts.listen_v2 import ListenReply


def test_windows_are_summed_up_and_told_apart_by_what_is_known() -> None:
    windows = [
        Metered(whole=1_000, sent=500, calls=1, claims=0),
        Metered(whole=3_000, sent=500, calls=2, claims=60),
        Metered(whole=9_999, sent=0, calls=0, claims=60),
    ]
    assert numbers(windows) == {
        "windows": 2,
        "calls": 1.5,
        "tokens": 500,
        "whole_trunk_tokens": 2_000,
        "share": 0.25,
        "share_0_to_49_claims": 0.5,
        "share_50_to_199_claims": pytest.approx(1 / 6),
    }


def test_a_schema_that_goes_out_counts_too() -> None:
    assert tokens([("user", "Hello there")], None) == 2
    assert tokens([("user", "Hello there")], ListenReply) > 200


def test_generated_talk_costs_at_most_two_calls_and_less_than_the_whole_trunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening_tokens, "TALK_TURNS", 24)
    results = bench_listening_tokens(
        "talk",
        None,
        trunk_name="core",
        limit=None,
        embedder=HashEmbedder(),
        cache_dir=tmp_path,
        progress=lambda _: None,
    )
    by_model, by_vectors = results.systems["slots by the model"], results.systems["slots by vectors"]
    assert by_model["windows"] == by_vectors["windows"] == 4
    assert by_vectors["calls"] == 1
    assert 1 <= by_model["calls"] <= 2
    assert by_model["tokens"] < by_model["whole_trunk_tokens"]
    assert by_model["whole_trunk_tokens"] > 4_000


@pytest.mark.parametrize(("suite", "what"), [("locomo", "--suite"), ("perma", "--data")])
def test_what_is_missing_is_said(suite: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        read_histories(suite, None, None)
