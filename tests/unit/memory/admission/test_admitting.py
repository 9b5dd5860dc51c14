"""Admission: each refusal has a rule, and each draft a verdict."""

from __future__ import annotations

from datetime import UTC, datetime

from treering.memory.admission import MAX_OPERATIONS_A_WINDOW, Admitted, admit
from treering.memory.tombstones import Tombstones, claim_mark
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Draft, Proposal, Window
from treering.schemas.operations import Add
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def rule_on(
    trunk: Trunk, *drafts: Draft, role: Role = "user", content: str = "I love tea. I live in Porto."
) -> Admitted:
    turn = Turn(message_id="m1", session="s", index=0, seq=1, role=role, content=content, at=NOON)
    window = Window(session="s", turns=(turn,))
    return admit(Proposal(drafts=drafts), trunk=trunk, forest={}, window=window, now=NOON)


def draft(**changes: object) -> Draft:
    fields = {"kind": "ADD", "path": "taste.food", "text": "loves tea", "message_id": "m1", "quote": "I love tea."}
    return Draft.model_validate({**fields, **changes})


def rules(admitted: Admitted) -> list[tuple[str, str]]:
    return [(verdict.ruling, verdict.rule) for verdict in admitted.verdicts]


def test_what_the_user_said_is_committed(small_trunk: Trunk) -> None:
    admitted = rule_on(small_trunk, draft())
    assert rules(admitted) == [("commit", "admitted")]
    assert [type(operation) for operation in admitted.operations] == [Add]


def test_what_the_assistant_said_is_no_claim_about_the_user(small_trunk: Trunk) -> None:
    for role in ("assistant", "system", "tool"):
        assert rules(rule_on(small_trunk, draft(), role=role)) == [("reject", "not-said-by-user")]


def test_an_invented_slot_is_refused_and_the_others_go_on(small_trunk: Trunk) -> None:
    admitted = rule_on(small_trunk, draft(path="taste.wine"), draft())
    assert rules(admitted) == [("reject", "does-not-fit"), ("commit", "admitted")]


def test_an_essay_is_no_statement(small_trunk: Trunk) -> None:
    assert rules(rule_on(small_trunk, draft(text="tea " * 61))) == [("reject", "too-long")]


def test_a_wish_to_forget_waits_for_confirmation(small_trunk: Trunk) -> None:
    turn = Turn(message_id="m1", session="s", index=0, seq=1, role="user", content="I love tea.", at=NOON)
    window = Window(session="s", turns=(turn,))
    first = admit(Proposal(drafts=(draft(),)), trunk=small_trunk, forest={}, window=window, now=NOON)
    from treering.memory.operations import plant  # noqa: PLC0415 - only this test grows a tree

    forest = plant(small_trunk, first.operations)
    wish = draft(kind="DELETE", reason="forgotten", text=None)
    held = admit(Proposal(drafts=(wish,)), trunk=small_trunk, forest=forest, window=window, now=NOON)
    assert rules(held) == [("quarantine", "asked-to-forget")]
    assert held.operations == ()
    assert held.verdicts[0].operation is not None


def test_what_was_forgotten_is_not_learned_again(small_trunk: Trunk) -> None:
    marks = frozenset([claim_mark(b"k", "self", "taste.food", "Loves TEA.")])
    turn = Turn(message_id="m1", session="s", index=0, seq=1, role="user", content="I love tea.", at=NOON)
    admitted = admit(
        Proposal(drafts=(draft(), draft(text="is fond of tea"))),
        trunk=small_trunk,
        forest={},
        window=Window(session="s", turns=(turn,)),
        now=NOON,
        tombstones=Tombstones(key=b"k", marks=marks),
    )
    assert rules(admitted) == [("reject", "forgotten-before"), ("commit", "admitted")]


def test_a_later_draft_sees_what_an_earlier_one_did(small_trunk: Trunk) -> None:
    admitted = rule_on(small_trunk, draft(), draft())
    assert [operation.kind for operation in admitted.operations] == ["ADD", "NO_OP"]


def test_a_flood_is_held(small_trunk: Trunk) -> None:
    drafts = [draft(text=f"loves tea number {number}") for number in range(MAX_OPERATIONS_A_WINDOW + 2)]
    admitted = rule_on(small_trunk, *drafts)
    assert len(admitted.operations) == MAX_OPERATIONS_A_WINDOW
    assert rules(admitted)[-2:] == [("quarantine", "too-many")] * 2


def test_a_rule_that_a_person_has_answered_says_nothing(small_trunk: Trunk) -> None:
    turn = Turn(message_id="m1", session="s", index=0, seq=1, role="user", content="I love tea.", at=NOON)
    window = Window(session="s", turns=(turn,))
    drafts = [draft(text=f"loves tea number {number}") for number in range(MAX_OPERATIONS_A_WINDOW + 2)]
    admitted = admit(
        Proposal(drafts=tuple(drafts)), trunk=small_trunk, forest={}, window=window, now=NOON, waived={"too-many"}
    )
    assert {rule for _, rule in rules(admitted)} == {"admitted"}
