"""Laws of moving a forest onto another trunk and back, over trees and migrations of all kinds."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from treering.memory.charting import Chart, chart
from treering.memory.moving import Past, move, move_back
from treering.memory.operations import Forest, fold, plant, without_bare
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.migration import Drop, Merge, Migration, Portion, Rename, Split, Step
from treering.schemas.operations import Add
from treering.schemas.trunk import Branch, Cardinality, Slot, Trunk

NOW = datetime(2024, 5, 1, tzinfo=UTC)
OLD_SLOTS = ("a.x", "a.y", "b", "c", "d")
WORDS = ("tea", "coffee", "bread", "a dog")
IDS = [f"{number:024x}" for number in range(8)]

cardinalities = st.sampled_from(("one", "many"))


def trunk(version: int, slots: dict[str, Cardinality]) -> Trunk:
    branches = sorted({path.rpartition(".")[0] for path in slots} - {""})
    return Trunk(
        name="t",
        version=version,
        description="For laws.",
        branches=tuple(Branch(path=path, description="A branch.") for path in branches),
        slots=tuple(Slot(path=path, description="A slot.", cardinality=kind) for path, kind in slots.items()),
    )


@st.composite
def charts(draw: st.DrawFn, *, with_drops: bool = True) -> Chart:
    """A migration with any mixture of steps: each slot is kept, renamed, merged, split or dropped."""
    kinds = ["keep", "rename", "merge", "split", *(["drop"] if with_drops else [])]
    fates = {path: draw(st.sampled_from(kinds)) for path in ("a", "b", "c", "d")}
    steps: list[Step] = []
    new: list[str] = []
    merged: list[str] = []
    for path, fate in fates.items():
        slots = [slot for slot in OLD_SLOTS if slot == path or slot.startswith(f"{path}.")]
        match fate:
            case "keep":
                new += slots
            case "rename":
                steps.append(Rename(source=path, to=f"new_{path}"))
                new += [f"new_{slot}" for slot in slots]
            case "merge":
                merged += slots
            case "drop":
                steps.append(Drop(path=path))
            case _:
                for slot in slots:
                    name = slot.replace(".", "_")
                    parts = (Portion(path=f"{name}_1", when=draw(st.sampled_from(WORDS))), Portion(path=f"{name}_2"))
                    steps.append(Split(source=slot, to=parts))
                    new += [part.path for part in parts]
    if merged:
        steps.append(Merge(sources=tuple(draw(st.permutations(merged))), to="merged"))
    new += ["merged", "fresh"]
    migration = Migration(origin="t/1", target="t/2", steps=tuple(draw(st.permutations(steps))))
    origin = trunk(1, {path: draw(cardinalities) for path in OLD_SLOTS})
    return chart(migration, origin, trunk(2, {path: draw(cardinalities) for path in new}))


@st.composite
def forests(draw: st.DrawFn, base: Trunk) -> dict[str, PersonaTree]:
    """Claims of two subjects, some ended, some superseding others of their slot or of none."""
    grown: dict[str, PersonaTree] = {}
    for subject in ("self", "person:Bo"):
        claims: dict[str, Claim] = {}
        for claim_id in draw(st.lists(st.sampled_from(IDS), unique=True, max_size=8)):
            start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 30)))
            claims[claim_id] = Claim(
                id=claim_id,
                subject=subject,
                path=draw(st.sampled_from([slot.path for slot in base.slots])),
                text=f"likes {draw(st.sampled_from(WORDS))}",
                valid_from=start,
                valid_to=draw(st.none() | st.just(start + timedelta(days=2))),
                recorded_at=start,
                order=draw(st.integers(0, 3)),
                origin="manual",
                supersedes=tuple(draw(st.lists(st.sampled_from(IDS), max_size=2, unique=True))),
            )
        if claims:
            grown[subject] = PersonaTree(trunk=base, subject=subject, claims=MappingProxyType(claims))
    return grown


def live(forest: Forest) -> dict[tuple[str, str], Claim]:
    return {(subject, ref): claim for subject, tree in forest.items() for ref, claim in tree.claims.items()}


def said(forest: Forest) -> Counter[tuple[str, str, str]]:
    return Counter((subject, ref, claim.text) for (subject, ref), claim in live(forest).items())


def current(forest: Forest) -> set[tuple[str, str]]:
    return {(subject, claim.id) for subject, tree in forest.items() for claim in tree.current()}


@given(st.data())
def test_the_operations_make_the_forest_that_is_promised(data: st.DataObject) -> None:
    laid = data.draw(charts())
    forest = data.draw(forests(laid.origin))
    made = move(forest, laid, at=NOW)
    grown = without_bare(plant(laid.target, made.operations, forest))
    assert live(grown) == live(made.after)
    assert all(claim.path in laid.target.by_path for claim in live(grown).values())
    history = [*(Add(claim=claim) for claim in live(forest).values()), *made.operations]
    assert live(fold(laid.target, history)) == live(made.after)


@given(st.data())
def test_nothing_is_lost_by_renaming_merging_and_splitting(data: st.DataObject) -> None:
    laid = data.draw(charts(with_drops=False))
    forest = data.draw(forests(laid.origin))
    after = move(forest, laid, at=NOW).after
    assert said(after) == said(forest)
    kept = {"path", "supersedes"}
    for key, claim in live(after).items():
        assert claim.model_dump(exclude=kept) == live(forest)[key].model_dump(exclude=kept)


@given(st.data())
def test_what_is_dropped_is_gone_and_nothing_else(data: st.DataObject) -> None:
    laid = data.draw(charts())
    forest = data.draw(forests(laid.origin))
    after = live(move(forest, laid, at=NOW).after)
    assert after.keys() == {key for key, claim in live(forest).items() if laid.portions[claim.path]}


@given(st.data())
def test_what_was_replaced_stays_replaced(data: st.DataObject) -> None:
    """No former address becomes the present one by a migration, whatever the cardinalities of the slots."""
    laid = data.draw(charts())
    forest = data.draw(forests(laid.origin))
    assert current(move(forest, laid, at=NOW).after) <= current(forest)


@given(st.data())
def test_the_counts_are_those_of_the_claims_that_changed_their_slot(data: st.DataObject) -> None:
    laid = data.draw(charts())
    forest = data.draw(forests(laid.origin))
    made = move(forest, laid, at=NOW)
    after = live(made.after)
    pairs = [(claim.path, after[key].path if key in after else None) for key, claim in live(forest).items()]
    assert made.counts == Counter((old, new) for old, new in pairs if old != new)
    assert sorted(made.gone) == sorted(ref for _, ref in live(forest).keys() - after.keys())


@given(st.data())
def test_rolling_back_undoes_migrating(data: st.DataObject) -> None:
    laid = data.draw(charts())
    before = data.draw(forests(laid.origin))
    after = move(before, laid, at=NOW).after
    back = move_back(after, laid, Past(before=before, after=after), at=NOW)
    assert live(back.after) == live(before)
    assert live(without_bare(plant(laid.origin, back.operations, after))) == live(before)
    assert {subject: tree.digest for subject, tree in back.after.items()} == {
        subject: tree.digest for subject, tree in before.items()
    }
    assert back.returned == len(live(before)) - len(live(after))
    assert not back.homeless


@st.composite
def edited(draw: st.DrawFn, forest: Forest, target: Trunk) -> Forest:
    """What becomes of a forest: some claims are learned, some retracted, and some of those that were there end."""
    learned = draw(forests(target))
    ended = draw(st.sets(st.sampled_from(sorted(live(forest)) or [("", "")])))
    later: dict[str, PersonaTree] = {}
    for subject in sorted({*forest, *learned}):
        known = {
            ref: claim
            for trees in (learned, forest)
            if subject in trees
            for ref, claim in trees[subject].claims.items()
        }
        claims = {
            ref: claim.model_copy(update={"valid_to": NOW}) if (subject, ref) in ended else claim
            for ref, claim in known.items()
            if not draw(st.booleans(), label=f"retracted {ref}")
        }
        later[subject] = PersonaTree(trunk=target, subject=subject, claims=MappingProxyType(claims))
    return later


@given(st.data())
def test_later_edits_survive_rolling_back(data: st.DataObject) -> None:
    """Claims learned, ended or retracted since are so on the old trunk too, each in a slot that there is."""
    laid = data.draw(charts())
    before = data.draw(forests(laid.origin))
    after = move(before, laid, at=NOW).after
    present = data.draw(edited(after, laid.target))
    back = move_back(present, laid, Past(before=before, after=after), at=NOW)
    found = live(back.after)
    assert all(claim.path in laid.origin.by_path for claim in found.values())
    dropped = live(before).keys() - live(after).keys() - live(present).keys()
    homeless = live(present).keys() - found.keys()
    assert sum(back.homeless.values()) == len(homeless)
    assert found.keys() == (live(present).keys() - homeless) | dropped
    assert all(live(present)[key].path == "fresh" or key not in live(before) for key in homeless)
    for key in live(present).keys() & live(before).keys():
        assert found[key].path == live(before)[key].path
        assert found[key].valid_to == live(present)[key].valid_to
    assert live(without_bare(plant(laid.origin, back.operations, present))) == found


@given(st.data())
def test_moving_to_and_fro_and_to_again_is_moving_once(data: st.DataObject) -> None:
    laid = data.draw(charts())
    before = data.draw(forests(laid.origin))
    once = move(before, laid, at=NOW).after
    back = move_back(once, laid, Past(before=before, after=once), at=NOW).after
    assert live(move(back, laid, at=NOW).after) == live(once)
