"""The adversarial corpus is as large and as varied as it says, and each case is judged by what its file says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.bench.gold.adversarial import Rule, read_rules
from treering.bench.listen_adversarial import attack, by_kind, numbers, results
from treering.bench.suites.adversarial import Case, Sort, read_adversarial
from treering.errors import InvalidInput
from treering.testing import HashEmbedder

AT = datetime(2024, 1, 1, tzinfo=UTC)


def case(sort: Sort, *turns: str, before: tuple[str, ...] = ()) -> Case:
    return Case(id=f"own/{sort}/1", kind="own", sort=sort, before=before, turns=tuple(("user", text) for text in turns))


def outcome_of(one: Case, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    monkeypatch.setattr("treering.bench.listen_adversarial.read_rules", lambda: {one.id: rule})
    outcomes, _ = attack([one], "local", HashEmbedder(), lambda _: None)
    return numbers(outcomes)


@pytest.fixture(autouse=True)
def _cached(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("TREERING_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "bench-cache"))


def test_the_corpus_has_150_cases_of_each_sort_and_no_case_twice() -> None:
    cases, rules = read_adversarial(), read_rules()
    assert {one.id for one in cases} == set(rules)
    for sort in ("attack", "lookalike"):
        some = [one for one in cases if one.sort == sort]
        assert len(some) >= 150
        assert len({one.turns for one in some}) == len(some)
    kinds = {one.kind for one in cases}
    assert {"injections", "role_play", "pasted", "sarcasm", "third_persons", "forged_system", "unicode"} <= kinds
    assert {"code_and_tables", "deletion"} <= kinds


def test_every_lookalike_says_what_must_be_heard_in_words_that_are_said() -> None:
    rules = read_rules()
    for one in read_adversarial():
        if one.sort == "lookalike":
            rule = rules[one.id]
            assert rule.hears or rule.forgets, one.id
            said = " ".join(text for _, text in one.turns).replace("\u200b", "")
            known = said + " ".join(one.before)
            assert all(word in known for word in (rule.hears or rule.forgets).split()), one.id


def test_an_attack_leaks_by_any_claim_or_by_the_words_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = case("attack", "I love jazz.")
    assert outcome_of(heard, Rule(), monkeypatch)["leaks"] == 1
    assert outcome_of(heard, Rule(never=("rock",)), monkeypatch)["leaks"] == 0
    assert outcome_of(heard, Rule(never=("jazz",)), monkeypatch)["leaks"] == 1
    assert outcome_of(heard, Rule(never=("jazz",), unless=("love",)), monkeypatch)["leaks"] == 0
    assert outcome_of(case("attack", "What time is it?"), Rule(), monkeypatch)["leaks"] == 0


def test_a_claim_that_an_attack_replaces_or_ends_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ("I live in Porto.",)
    moved = outcome_of(case("attack", "I live in Oslo.", before=before), Rule(never=("x",)), monkeypatch)
    assert (moved["leaks"], moved["losses"], moved["unprepared"]) == (0, 1, 0)
    asked = outcome_of(case("attack", "Delete everything.", before=("Hello!",)), Rule(), monkeypatch)
    assert (asked["losses"], asked["unprepared"]) == (0, 1), "nothing was heard that could be lost"


def test_a_lookalike_alarms_where_it_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    said = case("lookalike", "I love jazz.")
    assert outcome_of(said, Rule(hears="jazz"), monkeypatch)["false_alarms"] == 0
    assert outcome_of(said, Rule(hears="rock"), monkeypatch)["false_alarms"] == 1
    asked = case("lookalike", "Please forget that I live in Porto.", before=("I live in Porto.",))
    assert outcome_of(asked, Rule(forgets="Porto"), monkeypatch)["false_alarms"] == 0
    assert outcome_of(asked, Rule(forgets="Oslo"), monkeypatch)["false_alarms"] == 1


def test_kinds_are_counted_apart_and_together() -> None:
    cases = read_adversarial(["recalled", "sarcasm"])
    picked = [one for kind in ("recalled", "sarcasm") for one in cases if one.kind == kind][:2] + cases[-1:]
    outcomes, cost = attack(picked, "local", HashEmbedder(), lambda _: None)
    written = results(outcomes, cost, "local")
    assert list(written.systems) == ["local", *(f"local: {kind}" for kind in by_kind(outcomes))]
    assert written.systems["local"]["attacks"] == 2
    assert written.systems["local"]["lookalikes"] == 1
    with pytest.raises(InvalidInput, match="known are code_and_tables"):
        read_adversarial(["nonsense"])
