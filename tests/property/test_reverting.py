"""Laws of taking changes back: operations between any two forests, and which commits stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.errors import NotInvertible, UndoConflict
from treering.memory.digest import without_words
from treering.memory.operations import plant, without_bare
from treering.memory.reverting import differ, redoable, revert, standing, transition
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.operations import Add, Commit, Delete
from treering.schemas.trunk import Slot, Trunk

TRUNK = Trunk(
    name="law",
    version=1,
    description="For laws.",
    branches=(),
    slots=(
        Slot(path="one", description="One-valued.", cardinality="one"),
        Slot(path="many", description="Many-valued."),
    ),
)
NOW = datetime(2024, 1, 1, tzinfo=UTC)
IDS = [f"{number:024x}" for number in range(4)]

claims = st.builds(
    lambda subject, ref, path, text, end: Claim(
        id=ref,
        subject=subject,
        path=path,
        text=text,
        valid_from=NOW,
        valid_to=end,
        recorded_at=NOW,
        origin="manual",
        supersedes=(IDS[0],),
    ),
    st.sampled_from(["self", "person:Bo"]),
    st.sampled_from(IDS),
    st.sampled_from(["one", "many"]),
    st.sampled_from(["loves tea", "hates tea"]),
    st.sampled_from([None, NOW + timedelta(days=3)]),
)
Forest = Mapping[str, PersonaTree]


def _forest(live: list[Claim]) -> Forest:
    unique = {(claim.subject, claim.id): claim for claim in live}
    return plant(TRUNK, [Add(claim=claim) for claim in unique.values()])


forests = st.lists(claims, max_size=8).map(_forest)


def content(forest: Forest) -> dict[tuple[str, str], Claim]:
    return {(subject, ref): claim for subject, tree in forest.items() for ref, claim in tree.claims.items()}


@given(forests, forests)
def test_a_transition_leads_from_any_forest_to_any_other(before: Forest, after: Forest) -> None:
    operations = transition(before, after, at=NOW)
    assert without_bare(plant(TRUNK, operations, before)) == after
    assert differ(before, after) == bool(operations)


@given(forests, forests)
def test_reverting_the_last_change_gives_back_what_was_before_it(before: Forest, after: Forest) -> None:
    assert without_bare(plant(TRUNK, revert(before, after, after, version=1, at=NOW), after)) == before


@given(forests, forests, forests)
def test_reverting_touches_only_what_the_change_touched_and_refuses_what_changed_again(
    before: Forest, after: Forest, present: Forest
) -> None:
    old, new, now = content(before), content(after), content(present)
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    conflicts = {key for key in changed if now.get(key) != new.get(key)}
    if conflicts:
        with pytest.raises(UndoConflict) as caught:
            revert(before, after, present, version=7, at=NOW)
        assert caught.value.version == 7
        assert caught.value.claim_id in {claim_id for _, claim_id in conflicts}
        return
    undone = content(plant(TRUNK, revert(before, after, present, version=7, at=NOW), present))
    expected = {key: claim for key, claim in now.items() if key not in changed}
    assert undone == {**expected, **{key: old[key] for key in changed if key in old}}


@given(forests, forests, st.sampled_from(IDS))
def test_a_claim_whose_words_are_gone_never_comes_back_but_may_stay_and_may_go(
    before: Forest, after: Forest, gone: str
) -> None:
    erased = {
        subject: PersonaTree(
            trunk=TRUNK,
            subject=subject,
            claims={ref: without_words(one) if ref == gone else one for ref, one in tree.claims.items()},
        )
        for subject, tree in after.items()
    }
    was, wanted = content(before), content(erased)
    missing = [key for key in wanted if key[1] == gone and was.get(key) != content(after)[key]]
    alike = [key for key in missing if key in was and without_words(was[key]) == wanted[key]]
    if len(alike) < len(missing):
        with pytest.raises(NotInvertible) as caught:
            transition(before, erased, at=NOW)
        assert caught.value.claim_id == gone
        return
    done = content(plant(TRUNK, transition(before, erased, at=NOW), before))
    assert done.keys() == wanted.keys()
    assert all(without_words(done[key]) == without_words(wanted[key]) for key in done)
    assert all("[forgotten]" not in one.text for one in done.values()), "the words that are there are kept"


def test_the_claim_of_a_subject_whose_name_is_gone_does_not_come_back() -> None:
    nameless = Claim(
        id=IDS[0],
        subject=f"person:~{'0' * 24}",
        path="many",
        text="loves tea",
        valid_from=NOW,
        recorded_at=NOW,
        origin="manual",
    )
    with pytest.raises(NotInvertible):
        transition({}, _forest([nameless]), at=NOW)


def test_what_goes_is_retracted_before_what_comes_is_added() -> None:
    one, other = (
        Claim(id=IDS[0], path=path, text="loves tea", valid_from=NOW, recorded_at=NOW, origin="manual")
        for path in ("one", "many")
    )
    retraction = Delete(path="one", target=IDS[0], reason="retracted", at=NOW)
    assert transition(_forest([one]), _forest([other]), at=NOW) == (retraction, Add(claim=other))


def _commits(*rows: tuple[str, int | None]) -> list[Commit]:
    """Commits from version 1, newest first."""
    made = [
        Commit(version=number, batch_id=f"b{number}", author=author, recorded_at=NOW, reverts=reverts)
        for number, (author, reverts) in enumerate(rows, start=1)
    ]
    return made[::-1]


@pytest.mark.parametrize(
    ("rows", "left", "undone"),
    [
        ([], [], []),
        ([("local/1", None), ("manual", None)], [2, 1], []),
        ([("local/1", None), ("undo", 1)], [], [2]),
        ([("local/1", None), ("local/1", None), ("undo", 2), ("undo", 1)], [], [4, 3]),
        ([("local/1", None), ("local/1", None), ("undo", 2), ("undo", 1), ("redo", 4)], [1], [3]),
        ([("local/1", None), ("undo", 1), ("redo", 2)], [1], []),
        ([("local/1", None), ("undo", 1), ("redo", 2), ("undo", 1)], [], [4]),
        ([("local/1", None), ("undo", 1), ("redo", 2), ("undo", 1), ("redo", 4)], [1], []),
        ([("local/1", None), ("undo", 1), ("manual", None)], [3], []),
        ([("local/1", None), ("undo", 1), ("manual", None), ("undo", 3)], [], [4]),
        ([("local/1", None), ("local/1", None), ("undo", 1)], [2], [3]),
        ([("local/1", None), ("rewind", None), ("undo", 2)], [1], [3]),
    ],
)
def test_what_stands_and_what_can_be_redone(
    rows: list[tuple[str, int | None]], left: list[int], undone: list[int]
) -> None:
    assert [one.version for one in standing(_commits(*rows))] == left
    assert [one.version for one in redoable(_commits(*rows))] == undone
