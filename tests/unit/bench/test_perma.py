"""PERMA is replayed in the order of dates, and its triples are taken apart as they are meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.bench.gold.perma import read_perma_gold, split_triples
from treering.bench.samples import SaidTurn
from treering.bench.suites.perma import read_perma
from treering.errors import InvalidInput


def test_dialogs_come_by_date_and_those_of_one_date_follow_each_other(perma: Path) -> None:
    [mia] = read_perma(perma)
    turns = [step for step in mia.steps if isinstance(step, SaidTurn)]
    assert list(dict.fromkeys(turn.session for turn in turns)) == ["0.1", "0.0", "1.0"]
    assert turns[0].at == datetime(2023, 3, 1, 8, 1, tzinfo=UTC)
    times = [turn.at for turn in turns]
    assert times == sorted(set(times))
    assert [turn.role for turn in turns[:2]] == ["user", "assistant"]


def test_a_value_keeps_its_own_commas_and_hyphens(perma: Path) -> None:
    assert [one.value for one in read_perma_gold(perma)["mia"]["1.0"]] == ["no nuts", "soup, stew, and bread"]
    assert [one.name for one in split_triples("A-B C-non-stop, Rental Cars-D-x")] == [
        "A-B C-non-stop",
        "Rental Cars-D-x",
    ]


def test_the_noisy_dialogs_are_another_file_with_the_same_triples(perma: Path) -> None:
    [clean], [noisy] = read_perma(perma), read_perma(perma, noisy=True)
    assert [step.id for step in clean.steps] == [step.id for step in noisy.steps]
    assert clean.steps != noisy.steps
    assert read_perma_gold(perma) == read_perma_gold(perma, noisy=True)


def test_unknown_people_and_other_shapes_are_errors(perma: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="bob"):
        read_perma(perma, ["mia", "bob"])
    with pytest.raises(InvalidInput, match="no folder of a person"):
        read_perma(tmp_path)
    person = tmp_path / "eve"
    person.mkdir()
    file = person / "raw_dialogues_c.json"
    for content in ([{"dialogs": [{"date": "soon"}]}], [7], {"x": 1}):
        file.write_text(json.dumps(content))
        with pytest.raises(InvalidInput, match="raw_dialogues_c"):
            read_perma(tmp_path)
        with pytest.raises(InvalidInput, match="raw_dialogues_c"):
            read_perma_gold(tmp_path)
    file.write_text(json.dumps([{"dialogs": [{"preferences": "no triple"}]}]))
    with pytest.raises(InvalidInput, match="no Domain-Attribute-Value"):
        read_perma_gold(tmp_path)
