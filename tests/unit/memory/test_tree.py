"""What is current: derived from dates, so that late history and retraction need no repair."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.errors import (
    ClaimAlreadyEnded,
    DuplicateClaim,
    NotASlot,
    NotInvertible,
    OperationError,
    SlotMismatch,
    UnknownClaim,
    UnknownSlot,
)
from treering.memory.operations import apply, apply_all, claim_of, diff, fold, invert, render, replay, subject_of
from treering.memory.tree import ERAS_KEPT, PersonaTree, digest_of, precedence
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Branch, Slot, Trunk

START = datetime(2024, 3, 1, 12, tzinfo=UTC)


def on(day: int) -> datetime:
    return START + timedelta(days=day)


def claim(number: int, path: str, text: str, day: int, *supersedes: int) -> Claim:
    return Claim(
        id=f"{number:024x}",
        path=path,
        text=text,
        valid_from=on(day),
        recorded_at=on(day),
        origin="manual",
        supersedes=tuple(f"{target:024x}" for target in supersedes),
    )


@pytest.fixture
def empty(small_trunk: Trunk) -> PersonaTree:
    return PersonaTree(trunk=small_trunk)


def texts(tree: PersonaTree, path: str, as_of: datetime | None = None) -> list[str]:
    return [found.text for found in tree.current(path, as_of=as_of)]


def test_a_newer_statement_supersedes_in_a_one_valued_slot(empty: PersonaTree) -> None:
    tree = apply_all(
        empty, [Add(claim=claim(1, "home.city", "Porto", 0)), Add(claim=claim(2, "home.city", "Lisbon", 5))]
    )
    assert texts(tree, "home.city") == ["Lisbon"]
    assert texts(tree, "home.city", on(2)) == ["Porto"]


def test_history_that_arrives_late_does_not_become_current(empty: PersonaTree) -> None:
    tree = apply_all(
        empty, [Add(claim=claim(2, "home.city", "Lisbon", 5)), Add(claim=claim(1, "home.city", "Porto", 0))]
    )
    assert texts(tree, "home.city") == ["Lisbon"]


def test_when_the_newer_statement_is_retracted_the_older_comes_back(empty: PersonaTree) -> None:
    tree = apply_all(
        empty, [Add(claim=claim(1, "home.city", "Porto", 0)), Update(claim=claim(2, "home.city", "Lisbon", 5, 1))]
    )
    retracted = apply(tree, Delete(path="home.city", target=f"{2:024x}", reason="retracted", at=on(6)))
    assert texts(retracted, "home.city") == ["Porto"]


def test_when_the_newer_statement_ends_the_older_does_not_come_back(empty: PersonaTree) -> None:
    tree = apply_all(
        empty,
        [
            Add(claim=claim(1, "home.city", "Porto", 0)),
            Add(claim=claim(2, "home.city", "Lisbon", 5)),
            Delete(path="home.city", target=f"{2:024x}", reason="ended", at=on(9)),
        ],
    )
    assert texts(tree, "home.city") == []
    assert texts(tree, "home.city", on(8)) == ["Lisbon"]


def test_in_a_many_valued_slot_only_what_is_named_is_superseded(empty: PersonaTree) -> None:
    tree = apply_all(
        empty,
        [
            Add(claim=claim(1, "taste.music", "loves jazz", 0)),
            Add(claim=claim(2, "taste.music", "loves fado", 1)),
            Update(claim=claim(3, "taste.music", "can't stand jazz", 2, 1)),
        ],
    )
    assert texts(tree, "taste.music") == ["loves fado", "can't stand jazz"]
    assert texts(tree, "taste.music", on(1)) == ["loves jazz", "loves fado"]


def test_a_claim_cannot_be_superseded_by_an_older_one(empty: PersonaTree) -> None:
    tree = apply_all(
        empty,
        [
            Add(claim=claim(1, "taste.music", "can't stand jazz", 9)),
            Update(claim=claim(2, "taste.music", "loves jazz", 0, 1)),
        ],
    )
    assert texts(tree, "taste.music") == ["loves jazz", "can't stand jazz"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the trunk is immutable
@given(
    st.lists(st.tuples(st.sampled_from(["home.city", "taste.food"]), st.integers(0, 9), st.integers(0, 9)), max_size=8),
    st.lists(st.one_of(st.none(), st.integers(-1, 12)), max_size=12),
)
def test_the_whole_tree_at_any_moment_is_its_slots_at_that_moment_however_often_it_was_asked_before(
    small_trunk: Trunk, stated: list[tuple[str, int, int]], days: list[int | None]
) -> None:
    claims = [
        claim(number, path, f"claim {number}", begin).model_copy(update={"valid_to": on(begin + lasting)})
        for number, (path, begin, lasting) in enumerate(stated, start=1)
    ]
    tree = apply_all(PersonaTree(trunk=small_trunk), [Add(claim=one) for one in claims])
    for day in days:
        moment = None if day is None else on(day)
        by_slot = [found for slot in small_trunk.slots for found in tree.current(slot.path, as_of=moment)]
        assert list(tree.current(as_of=moment)) == by_slot


def test_what_can_be_read_out_is_what_holds_and_still_has_words(empty: PersonaTree) -> None:
    claims = [
        claim(1, "home.city", "Porto", 0),
        claim(2, "home.city", "Lisbon", 5),
        claim(3, "taste.food", FORGOTTEN, 1),
        claim(4, "taste.food", "figs", 2),
    ]
    tree = apply_all(empty, [Add(claim=one) for one in claims])
    for day in (*range(-1, 7), 2, 5):
        held = [one for one in tree.current(as_of=on(day)) if one.text != FORGOTTEN]
        legible = tree.legible(as_of=on(day))
        assert list(legible.by_id.values()) == held
        assert [one for found in legible.by_path.values() for one in found] == held


def test_an_unknown_slot_suggests_its_neighbours(empty: PersonaTree) -> None:
    with pytest.raises(UnknownSlot, match=r"did you mean home\.city\?") as raised:
        apply(empty, Add(claim=claim(1, "home.town", "Porto", 0)))
    assert raised.value.suggestions == ("home.city",)


def test_a_branch_holds_no_claims(empty: PersonaTree) -> None:
    with pytest.raises(NotASlot):
        apply(empty, Add(claim=claim(1, "home", "Porto", 0)))


def test_diff_tells_gained_from_lost(empty: PersonaTree) -> None:
    old = apply(empty, Add(claim=claim(1, "home.city", "Porto", 0)))
    new = apply(old, Update(claim=claim(2, "home.city", "Lisbon", 5, 1)))
    change = diff(old, new)
    assert [c.text for c in change.gained] == ["Lisbon"]
    assert [c.text for c in change.lost] == ["Porto"]


def test_the_outline_opens_each_branch_once(empty: PersonaTree) -> None:
    tree = apply_all(
        empty,
        [
            Add(claim=claim(1, "name", "Ana", 0)),
            Add(claim=claim(2, "taste.food", "loves ramen", 0)),
            Add(claim=claim(3, "taste.music", "loves\nfado", 1)),
        ],
    )
    assert render(tree) == "\n".join(
        (
            "name",
            "  - Ana (2024-03-01)",
            "taste",
            "  food",
            "    - loves ramen (2024-03-01)",
            "  music",
            "    - loves fado (2024-03-02)",
        )
    )


def test_an_empty_tree_renders_to_nothing(empty: PersonaTree) -> None:
    assert render(empty) == ""


def test_newer_is_what_began_later_then_was_said_later_then_stands_further_on_then_has_the_greater_id() -> None:
    quote = Evidence(message_id="m", quote="q", start=7)
    one = claim(1, "home.city", "Porto", 0).model_copy(update={"order": 5, "evidence": (quote, quote)})
    assert precedence(one) == (on(0), 5, 7, one.id)
    assert precedence(claim(2, "home.city", "Porto", 0))[2] == 0


def test_a_tree_remembers_what_held_between_two_changes_and_of_few_such_stretches(empty: PersonaTree) -> None:
    tree = apply_all(empty, [Add(claim=claim(day, "taste.food", f"figs {day}", day)) for day in range(12)])
    for remembered, read in ((tree._eras, tree.current), (tree._read, tree.legible)):
        for day in range(ERAS_KEPT):
            read(as_of=on(day))
        assert len(remembered) == ERAS_KEPT
        last = read(as_of=on(ERAS_KEPT - 1) + timedelta(hours=1))
        assert last is read(as_of=on(ERAS_KEPT - 1)) is remembered[ERAS_KEPT]
        newest = read(as_of=on(ERAS_KEPT))
        assert list(remembered.values()) == [newest]
    assert tree.current() is tree.current()


def test_a_branch_in_a_branch_is_opened_once(empty: PersonaTree) -> None:
    branches = tuple(Branch(path=path, description="B.") for path in ("a", "a.b"))
    slots = tuple(Slot(path=path, description="S.") for path in ("a.b.one", "a.b.two", "a.three"))
    trunk = Trunk(name="deep", version=1, description="Deep.", branches=branches, slots=slots)
    tree = apply_all(
        PersonaTree(trunk=trunk), [Add(claim=claim(n, slot.path, f"c{n}", 0)) for n, slot in enumerate(slots)]
    )
    assert render(tree).splitlines() == [
        "a",
        "  b",
        "    one",
        "      - c0 (2024-03-01)",
        "    two",
        "      - c1 (2024-03-01)",
        "  three",
        "    - c2 (2024-03-01)",
    ]


PORTO = claim(1, "home.city", "Porto", 0)


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (Add(claim=PORTO), DuplicateClaim(PORTO.id)),
        (Update(claim=PORTO), DuplicateClaim(PORTO.id)),
        (
            Update(claim=claim(2, "home.city", "Lisbon", 5)),
            OperationError("UPDATE in home.city names no claim that it replaces; use ADD"),
        ),
        (Update(claim=claim(2, "home.city", "Lisbon", 5, 1, 9)), UnknownClaim(f"{9:024x}")),
        (Update(claim=claim(2, "taste.food", "figs", 5, 1)), SlotMismatch(PORTO.id, "taste.food", "home.city")),
        (
            Add(claim=PORTO.model_copy(update={"id": "f" * 24, "subject": "person:Tom"})),
            SlotMismatch("f" * 24, "self", "person:Tom"),
        ),
        (
            Delete(subject="person:Tom", path="home.city", target=PORTO.id, reason="ended", at=START),
            SlotMismatch(PORTO.id, "self", "person:Tom"),
        ),
        (Delete(path="home.city", target=f"{9:024x}", reason="ended", at=START), UnknownClaim(f"{9:024x}")),
        (
            Delete(path="taste.food", target=PORTO.id, reason="ended", at=START),
            SlotMismatch(PORTO.id, "taste.food", "home.city"),
        ),
        (Delete(path="home", target=PORTO.id, reason="ended", at=START), NotASlot("home")),
        (Delete(path="home.town", target=PORTO.id, reason="ended", at=START), UnknownSlot("home.town", ("home.city",))),
    ],
)
def test_what_does_not_fit_is_refused_and_the_error_says_what(
    empty: PersonaTree, operation: Operation, error: OperationError
) -> None:
    with pytest.raises(OperationError) as raised:
        apply(apply(empty, Add(claim=PORTO)), operation)
    assert type(raised.value) is type(error)
    assert vars(raised.value) == vars(error)
    assert str(raised.value) == str(error)


def test_what_has_ended_cannot_end_again_nor_before_it_began(empty: PersonaTree) -> None:
    end = Delete(path="home.city", target=PORTO.id, reason="ended", at=on(-3))
    ended = apply_all(empty, [Add(claim=PORTO), end])
    assert ended.claims[PORTO.id].valid_to == PORTO.valid_from
    with pytest.raises(ClaimAlreadyEnded, match=PORTO.id):
        apply(ended, end)


def test_an_operation_knows_its_claim_and_its_subject() -> None:
    tom = PORTO.model_copy(update={"subject": "person:Tom"})
    delete = Delete(subject="person:Tom", path="home.city", target=tom.id, reason="ended", at=START)
    for operation in (Add(claim=tom), Update(claim=tom), delete):
        assert (claim_of(operation), subject_of(operation)) == (tom.id, "person:Tom")
    assert (claim_of(NoOp(why="known", target=tom.id)), subject_of(NoOp(why="known", target=tom.id))) == (tom.id, None)


def test_a_claim_that_names_itself_does_not_supersede_itself(empty: PersonaTree) -> None:
    assert texts(apply(empty, Add(claim=claim(1, "taste.food", "figs", 0, 1))), "taste.food") == ["figs"]


def test_the_digest_is_over_a_line_a_claim_in_order() -> None:
    held = [claim(number, "taste.food", "figs", number) for number in (1, 2)]
    lines = "\n".join(sorted(one.model_dump_json(exclude={"recorded_at"}) for one in held))
    assert digest_of(reversed(held)) == hashlib.sha256(lines.encode()).hexdigest()


def test_what_is_done_to_a_claim_is_undone_by_what_gives_it_back(empty: PersonaTree) -> None:
    tom = PORTO.model_copy(update={"subject": "person:Tom", "recorded_at": on(3)})
    grown = apply(PersonaTree(trunk=empty.trunk, subject="person:Tom"), Add(claim=tom))
    figs = claim(2, "taste.food", "figs", 4).model_copy(update={"subject": "person:Tom"})

    def gone(target: Claim, reason: str, day: int) -> Delete:
        fields = {"subject": "person:Tom", "path": target.path, "target": target.id, "reason": reason, "at": on(day)}
        return Delete.model_validate(fields)

    assert invert(grown, Add(claim=figs)) == (gone(figs, "retracted", 4),)
    assert invert(grown, gone(tom, "retracted", 5)) == (Add(claim=tom),)
    assert invert(grown, gone(tom, "ended", 5)) == (gone(tom, "retracted", 5), Add(claim=tom))
    assert invert(grown, NoOp(why="known")) == ()
    with pytest.raises(NotInvertible) as raised:
        invert(grown, gone(tom, "forgotten", 5))
    assert raised.value.claim_id == tom.id


def test_what_was_committed_is_replayed_also_from_the_middle(empty: PersonaTree) -> None:
    figs = claim(2, "taste.food", "figs", 4)
    end = Delete(path=PORTO.path, target=PORTO.id, reason="ended", at=on(5))
    gone = Delete(path=figs.path, target=figs.id, reason="retracted", at=on(6))
    ended = PORTO.model_copy(update={"valid_to": on(5)})
    replayed = replay(empty.trunk, [Add(claim=PORTO), Add(claim=figs), end, NoOp(why="known"), gone])
    assert replayed == {"self": PersonaTree(trunk=empty.trunk, claims={PORTO.id: ended})}
    tom = PORTO.model_copy(update={"subject": "person:Tom"})
    assert fold(empty.trunk, [Add(claim=tom)])["person:Tom"].subject == "person:Tom"
    assert not replay(empty.trunk, [end, gone])["self"].claims, "their claims are older than what is replayed"
