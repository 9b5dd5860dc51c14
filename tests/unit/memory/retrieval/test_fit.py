"""The budget holds, the order is stable, and long turns are cut to what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.fit import HEADINGS, Draft, arrange, excerpt, fit, write
from treering.schemas.recall import Found, LineKind, RecallLine

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def words(text: str) -> int:
    return len(text.split())


def line(ref: str, score: float, text: str = "one two three", kind: LineKind = "turn", **more: object) -> RecallLine:
    fields = {"id": ref, "ref": ref, "kind": kind, "text": text, "at": NOW, "score": score, "subject": "self"}
    return RecallLine.model_validate({**fields, "tokens": words(f"[c99] {text}"), **more})


lines = st.lists(
    st.builds(
        line,
        ref=st.text("abcdefgh", min_size=3, max_size=6),
        score=st.floats(0, 1),
        text=st.lists(st.just("word"), min_size=1, max_size=12).map(" ".join),
        kind=st.sampled_from(["claim", "turn"]),
    ),
    max_size=12,
    unique_by=lambda made: made.ref,
)


@given(lines, st.integers(0, 80))
def test_the_written_context_never_costs_more_than_the_budget(made: list[RecallLine], budget: int) -> None:
    fitted = arrange(fit(made, budget_tokens=budget, count=words), {})
    assert words(write(fitted)) <= budget


@given(lines)
def test_with_room_for_all_nothing_is_left_out(made: list[RecallLine]) -> None:
    assert {one.ref for one in fit(made, budget_tokens=10_000, count=words)} == {one.ref for one in made}


def test_the_best_line_goes_first_and_a_long_one_makes_room_for_the_next() -> None:
    made = [line("a", 0.9, "w " * 50), line("b", 0.8), line("c", 0.7)]
    assert [one.ref for one in fit(made, budget_tokens=14, count=words)] == ["b", "c"]


def test_a_budget_smaller_than_one_line_gives_an_empty_context() -> None:
    assert write(fit([line("a", 0.9)], budget_tokens=2, count=words)) == ""


@given(lines)
def test_drafts_become_the_lines_that_they_stand_for(made: list[RecallLine]) -> None:
    found = (Found(source="dense", rank=1, score=0.5, weight=1.0),)
    told = {"path": "taste.food", "sensitivity": "special", "message_ids": ("m1", "m2"), "found_by": found}
    whole = [one.model_copy(update=told) for one in made]
    drafts = [Draft(**{name: getattr(one, name) for name in Draft._fields}) for one in whole]
    assert arrange(drafts, {}) == arrange(whole, {})
    assert set(Draft._fields) == set(RecallLine.model_fields) - {"id"}


def test_claims_stand_in_trunk_order_and_turns_by_time_with_short_ids() -> None:
    made = [
        line("t2", 0.9, "later", at=NOW + timedelta(days=1)),
        line("t1", 0.1, "earlier"),
        line("x", 0.1, "loves tea", "claim", path="taste.food"),
        line("y", 0.9, "Ana", "claim", path="name"),
    ]
    context = write(arrange(made, {"name": 0, "taste.food": 1}))
    assert context.splitlines() == [
        HEADINGS["claim"],
        "[c1] Ana",
        "[c2] loves tea",
        HEADINGS["turn"],
        "[t1] earlier",
        "[t2] later",
    ]


def test_a_long_turn_is_cut_to_the_sentences_that_match() -> None:
    text = "It rained. I met Tom at the fair.\nWe ate pie. The bus was late."
    found = excerpt(text, lambda sentence: float("Tom" in sentence or "pie" in sentence), max_tokens=12, count=words)
    assert found == "I met Tom at the fair. We ate pie."


def test_a_cut_shows_where_sentences_are_missing() -> None:
    text = "I met Tom. It rained all day long. Tom left."
    assert excerpt(text, lambda s: float("Tom" in s), max_tokens=8, count=words) == "I met Tom. … Tom left."


def test_one_endless_sentence_is_cut_by_length() -> None:
    cut = excerpt("word " * 200, lambda _: 0.0, max_tokens=20, count=words)
    assert words(cut) <= 20
    assert cut.endswith("…")


def test_a_short_turn_stays_whole_on_one_line() -> None:
    assert excerpt("Hello\n there", lambda _: 0.0, max_tokens=20, count=words) == "Hello there"


def test_the_budget_is_spent_to_the_last_token_and_a_heading_is_paid_for_once() -> None:
    heading = words(HEADINGS["claim"])
    made = [line(ref, 0.5, kind="claim") for ref in ("b", "a", "c")]
    for budget, refs in ((heading + 8, ["a", "b"]), (heading + 7, ["a"]), (heading + 3, [])):
        assert [one.ref for one in fit(made, budget_tokens=budget, count=words)] == refs


def test_who_said_nothing_of_a_place_comes_last_and_equal_ones_in_the_order_of_refs() -> None:
    made = [
        line("s2", 0.1, kind="summary"),
        line("s1", 0.9, kind="summary"),
        line("t2", 0.1),
        line("t1", 0.9),
        line("c4", 0.9, kind="claim"),
        line("c3", 0.9, kind="claim", path="name", at=NOW + timedelta(days=1)),
        line("c2", 0.9, kind="claim", path="name"),
        line("c1", 0.9, kind="claim", path="name"),
        line("c0", 0.9, kind="claim", subject="person:Tom", path="taste"),
    ]
    arranged = arrange(made, {"taste": 0, "name": 1})
    assert [one.ref for one in arranged] == ["c0", "c1", "c2", "c3", "c4", "s1", "s2", "t1", "t2"]
    assert [one.id for one in arranged] == ["c1", "c2", "c3", "c4", "c5", "s1", "s2", "t1", "t2"]


def test_sentences_are_chosen_as_long_as_they_and_their_joints_fit_the_first_of_equal_ones_first() -> None:
    text = "Aa bb.\n\nCc  dd. Ee ff. Gg."
    for most, cut in ((2, "Gg."), (3, "Aa bb."), (5, "Aa bb. … Gg."), (6, "Aa bb. Cc dd.")):
        assert excerpt(text, lambda _: 0.0, max_tokens=most, count=words) == cut
    assert excerpt(text, lambda sentence: float(sentence == "Gg."), max_tokens=2, count=words) == "Gg."
    assert excerpt(text, lambda _: 0.0, max_tokens=7, count=words) == "Aa bb. Cc dd. Ee ff. Gg."


def test_the_length_of_a_cut_is_the_longest_that_leaves_room_for_its_mark() -> None:
    for most in range(1, 10):
        assert excerpt("abcdefghij", lambda _: 1.0, max_tokens=most, count=len) == f"{'abcdefghij'[: most - 1]}…"
    assert excerpt("abcdefghij", lambda _: 1.0, max_tokens=10, count=len) == "abcdefghij"
