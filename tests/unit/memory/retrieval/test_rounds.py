"""What several searches found is joined: once a line, the question first, and nothing special by words of others."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from treering.memory.retrieval.rewriting import Rewrite
from treering.memory.retrieval.rounds import REWRITE_WEIGHT, Searched, join
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim, Evidence
from treering.schemas.recall import Decision, Found, Recall, RecallLine
from treering.schemas.trunks import load_trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
TRUNK = load_trunk("core")
OWN = Rewrite(text="her health", is_own_words=True)
FOREIGN = Rewrite(text="epilepsy", is_own_words=False)
FOUND = Found(source="dense", rank=1, score=0.7, weight=0.3)


def line(ref: str, score: float, *, kind: str = "turn", **more: object) -> RecallLine:
    fields = {"id": "t1", "kind": kind, "text": f"[t1] {ref} said", "at": NOON, "tokens": 5, "ref": ref}
    return RecallLine.model_validate(
        fields | {"score": score, "subject": "self", "message_ids": (ref,), "found_by": (FOUND,)} | more
    )


def searched(rewrite: Rewrite | None, *lines: RecallLine) -> Searched:
    decision = Decision(mode="hybrid", rule="asked-for")
    return Searched(rewrite=rewrite, recall=Recall(query="?", context="", lines=lines, decision=decision, as_of=NOON))


def forest() -> dict[str, PersonaTree]:
    claim = Claim(
        id="c" * 24,
        path="health.mental_health",
        text="was diagnosed with epilepsy",
        valid_from=NOON,
        recorded_at=NOON,
        evidence=(Evidence(message_id="m1", quote="epilepsy", start=0),),
    )
    assert TRUNK.by_path[claim.path].sensitivity == "special"
    return {"self": PersonaTree(trunk=TRUNK, claims=MappingProxyType({claim.id: claim}))}


def test_a_line_comes_once_with_its_best_score_and_every_reason() -> None:
    [joined] = join([searched(None, line("m2", 0.5)), searched(OWN, line("m2", 0.9))], {})
    assert joined.score == 0.9 * REWRITE_WEIGHT
    assert joined.text == "m2 said"
    assert [found.query for found in joined.found_by] == [None, "her health"]


def test_of_equals_the_first_line_stays_and_a_worse_one_never_comes_instead() -> None:
    first = line("m2", REWRITE_WEIGHT, tokens=7)
    for score in (1.0, 0.9):
        [joined] = join([searched(None, first), searched(OWN, line("m2", score, tokens=8))], {})
        assert (joined.score, joined.tokens, len(joined.found_by)) == (REWRITE_WEIGHT, 7, 2)


def test_short_ids_are_taken_off_what_the_question_itself_found_too() -> None:
    assert [one.text for one in join([searched(None, line("m2", 0.5))], {})] == ["m2 said"]


def test_the_question_itself_weighs_most() -> None:
    by_question, by_rewrite = join([searched(None, line("m2", 0.5)), searched(OWN, line("m3", 0.5))], {})
    assert by_question.score == 0.5
    assert by_rewrite.score < 0.5


def test_words_of_others_bring_nothing_special() -> None:
    claim = line("c" * 24, 0.9, kind="claim", path="health.mental_health", message_ids=("m1",))
    turn, other = line("m1", 0.8), line("m2", 0.7)
    assert [one.ref for one in join([searched(None), searched(FOREIGN, claim, turn, other)], forest())] == ["m2"]


def test_words_of_the_question_do() -> None:
    claim = line("c" * 24, 0.9, kind="claim", path="health.mental_health", message_ids=("m1",))
    found = join([searched(None), searched(OWN, claim), searched(FOREIGN, claim, line("m1", 0.8))], forest())
    assert {one.ref for one in found} == {claim.ref, "m1"}


def test_a_summary_of_what_is_withheld_stays_out_too() -> None:
    summary = line("p1", 0.9, kind="summary", message_ids=("m0", "m1"))
    assert join([searched(None), searched(FOREIGN, summary)], forest()) == []


def test_a_claim_is_withheld_for_itself_and_not_for_what_was_said_beside_it() -> None:
    beside = line("d" * 24, 0.9, kind="claim", path="home.city", message_ids=("m1",))
    special = line("c" * 24, 0.9, kind="claim", path="health.mental_health", message_ids=("m9",))
    found = join([searched(None), searched(FOREIGN, beside, special)], forest())
    assert [one.ref for one in found] == [beside.ref]
