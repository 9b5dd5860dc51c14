"""The contract of Ledger."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treering.errors import DuplicateClaim, FenceLost, UnknownClaim, UnknownSlot, VersionConflict
from treering.memory.operations import fold
from treering.memory.ports import Store
from treering.memory.tree import PersonaTree
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch, Delete, Head, LedgerEntry, NoOp, Update
from treering.schemas.trunk import Trunk


@pytest.fixture
def ledger(store: Store, ana: Scope) -> SimpleNamespace:
    """The ledger of Ana, each call in a transaction of its own; `commit` by default at the present version."""

    def commit(batch: Batch, *, expected: int | None = None, scope: Scope = ana, fence: int | None = None) -> Head:
        with store.begin() as unit:
            version = unit.ledger.head(scope).version if expected is None else expected
            return unit.ledger.commit(scope, batch, expected_version=version, fence=fence)

    def head() -> Head:
        with store.begin(write=False) as unit:
            return unit.ledger.head(ana)

    def trees(scope: Scope = ana) -> dict[str, PersonaTree]:
        with store.begin(write=False) as unit:
            return unit.ledger.trees(scope)

    def entries(**bounds: int) -> list[LedgerEntry]:
        with store.begin(write=False) as unit:
            return list(unit.ledger.entries(ana, **bounds))

    return SimpleNamespace(commit=commit, head=head, trees=trees, entries=entries)


def ending(claim: Claim, make: SimpleNamespace, evidence: tuple[Evidence, ...] = ()) -> Delete:
    return Delete(path=claim.path, target=claim.id, reason="ended", at=make.moment(10**8), evidence=evidence)


def retraction(claim: Claim, make: SimpleNamespace) -> Delete:
    return Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=make.moment(0))


def test_who_comes_while_somebody_reads_is_unknown_to_them(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    """A process may know the row id of a person by then of whom the reader sees nothing yet."""
    with store.begin(write=False) as reading:
        assert reading.ledger.trees(ana) == {}
        with store.begin() as unit:
            unit.turns.append(ana, "s1", [Message(content="Hello!")], make.moment(0))
        assert reading.ledger.head(ana) == Head()
        assert reading.ledger.trees(ana) == {}
        assert list(reading.turns.turns(ana)) == []
    with store.begin(write=False) as reading:
        assert reading.ledger.head(ana).last_seq == 1


def test_an_unknown_scope_has_an_empty_head(ledger: SimpleNamespace, ana: Scope, store: Store) -> None:
    assert ledger.head() == Head()
    assert ledger.trees() == {}
    assert ledger.entries() == []
    with store.begin() as unit:
        assert unit.ledger.erase(ana, ["0" * 24]) == 0
        unit.ledger.mark_indexed(ana, version=0, seq=0)
    assert store.scopes() == []


def test_a_batch_makes_one_version_and_its_operations_count(
    ledger: SimpleNamespace, ana: Scope, make: SimpleNamespace
) -> None:
    first = ledger.commit(make.batch(Add(claim=make.claim("figs")), NoOp(why="known"), heard_through=3))
    assert (first.version, first.seq, first.heard_seq) == (1, 2, 3)
    second = ledger.commit(make.batch(Add(claim=make.claim("olives")), name="b2"))
    assert (second.version, second.seq, second.heard_seq) == (2, 3, 3)
    assert second.digest != first.digest
    assert ledger.head() == second


def test_every_operation_comes_back_as_it_was_committed(ledger: SimpleNamespace, make: SimpleNamespace) -> None:
    figs = make.claim("figs", confidence=0.25, order=4)
    dates = make.claim("dates", supersedes=(figs.id,), origin="inferred")
    evidence = (Evidence(message_id="m2", quote="no more dates", start=3),)
    done = [
        Add(claim=figs),
        Update(claim=dates),
        ending(dates, make, evidence=evidence),
        NoOp(why="said before", target=figs.id, evidence=evidence),
        NoOp(why="nothing to learn"),
        Add(claim=make.claim("Bo likes tea", subject="person:Bo")),
        retraction(make.claim("Bo likes tea", subject="person:Bo"), make),
    ]
    ledger.commit(make.batch(*done, author="listener/2", model="m", prompt_version="p", tokens_in=5, tokens_out=6))
    found = ledger.entries()
    assert [entry.operation for entry in found] == done
    assert [entry.seq for entry in found] == list(range(1, 8))
    assert {(entry.version, entry.batch_id, entry.author) for entry in found} == {(1, "b1", "listener/2")}


def test_trees_are_the_fold_of_the_entries(
    ledger: SimpleNamespace, ana: Scope, small_trunk: Trunk, make: SimpleNamespace
) -> None:
    figs, tea = make.claim("figs"), make.claim("Bo likes tea", subject="person:Bo")
    ledger.commit(make.batch(Add(claim=figs), Add(claim=tea)))
    ledger.commit(make.batch(ending(figs, make), retraction(tea, make), name="b2"))
    trees = ledger.trees()
    folded = fold(small_trunk, [entry.operation for entry in ledger.entries()])
    assert trees == {"self": folded["self"]}
    assert trees["self"].claims[figs.id].valid_to == make.moment(10**8)


def test_another_opening_reads_the_same_trees(
    ledger: SimpleNamespace, open_store: Callable[[], Store], ana: Scope, make: SimpleNamespace
) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs")), Add(claim=make.claim("tea", subject="agent:Max"))))
    with open_store().begin(write=False) as unit:
        assert unit.ledger.trees(ana) == ledger.trees()


def test_what_another_opening_commits_is_seen(
    ledger: SimpleNamespace, open_store: Callable[[], Store], ana: Scope, make: SimpleNamespace
) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    assert len(ledger.trees()["self"].claims) == 1
    with open_store().begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("tea")), name="b2"), expected_version=1)
    assert len(ledger.trees()["self"].claims) == 2


def test_a_transaction_sees_what_it_commits_and_nobody_else_before_its_end(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("figs"))), expected_version=0)
        assert len(unit.ledger.trees(ana)["self"].claims) == 1
        assert ledger.trees() == {}
    assert len(ledger.trees()["self"].claims) == 1


def test_a_commit_that_is_rolled_back_never_was(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    def commit_and_break() -> None:
        with store.begin() as unit:
            unit.ledger.commit(ana, make.batch(Add(claim=make.claim("figs"))), expected_version=0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commit_and_break()
    assert ledger.head() == Head()
    assert ledger.trees() == {}
    assert ledger.entries() == []


def test_a_reading_keeps_to_its_moment(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    with store.begin(write=False) as unit:
        before = unit.ledger.head(ana)
        ledger.commit(make.batch(Add(claim=make.claim("tea")), name="b2"))
        assert unit.ledger.head(ana) == before
        assert len(unit.ledger.trees(ana)["self"].claims) == 1
        assert len(list(unit.ledger.entries(ana))) == 1


def test_a_stale_version_is_refused(ledger: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    with pytest.raises(VersionConflict) as caught:
        ledger.commit(make.batch(Add(claim=make.claim("tea")), name="b2"), expected=0)
    assert (caught.value.expected, caught.value.actual) == (0, 1)
    assert ledger.head().version == 1


def test_a_batch_without_operations_moves_the_ear_alone(ledger: SimpleNamespace, make: SimpleNamespace) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    head = ledger.commit(make.batch(name="b2", heard_through=8))
    assert (head.version, head.seq, head.heard_seq) == (1, 1, 8)
    assert len(ledger.entries()) == 1
    with pytest.raises(VersionConflict):
        ledger.commit(make.batch(name="b3", heard_through=9), expected=0)


def test_the_ear_never_moves_back(ledger: SimpleNamespace, make: SimpleNamespace) -> None:
    ledger.commit(make.batch(heard_through=8))
    assert ledger.commit(make.batch(Add(claim=make.claim("figs")), name="b2", heard_through=5)).heard_seq == 8


def test_a_batch_that_is_known_changes_nothing(ledger: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    batch = make.batch(Add(claim=make.claim("figs")), heard_through=2)
    head = ledger.commit(batch)
    assert ledger.commit(batch, expected=0) == head
    assert ledger.commit(make.batch(Add(claim=make.claim("tea")), heard_through=9)) == head
    assert len(ledger.entries()) == 1


def test_an_operation_that_does_not_fit_lets_nothing_in(
    ledger: SimpleNamespace, ana: Scope, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    ledger.commit(make.batch(Add(claim=figs)))
    head = ledger.head()
    for error, wrong in [
        (DuplicateClaim, Add(claim=figs)),
        (UnknownClaim, ending(make.claim("tea"), make)),
        (UnknownSlot, Add(claim=make.claim("x", path="nowhere"))),
    ]:
        with pytest.raises(error):
            ledger.commit(make.batch(Add(claim=make.claim("olives")), wrong, name="b2"))
    assert ledger.head() == head
    assert len(ledger.entries()) == 1


def test_a_refusal_that_is_caught_inside_leaves_nothing_behind(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        with pytest.raises(UnknownClaim):
            unit.ledger.commit(ana, make.batch(ending(make.claim("tea"), make)), expected_version=0)
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("figs"))), expected_version=0)
    assert [entry.operation.kind for entry in ledger.entries()] == ["ADD"]


def test_a_stale_fence_is_refused(ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0))
        stale = unit.jobs.claim(make.moment(0), lease_s=1)
        fresh = unit.jobs.claim(make.moment(2), lease_s=1)
    with pytest.raises(FenceLost) as caught:
        ledger.commit(make.batch(Add(claim=make.claim("figs"))), fence=stale.fence)
    assert (caught.value.held, caught.value.current) == (stale.fence, fresh.fence)
    assert ledger.commit(make.batch(Add(claim=make.claim("figs"))), fence=fresh.fence).version == 1


def test_entries_are_cut_by_version(ledger: SimpleNamespace, make: SimpleNamespace) -> None:
    for n in range(1, 5):
        ledger.commit(make.batch(Add(claim=make.claim(f"a{n}")), Add(claim=make.claim(f"b{n}")), name=f"b{n}"))
    assert [entry.version for entry in ledger.entries(after_version=1, through_version=3)] == [2, 2, 3, 3]
    assert [entry.seq for entry in ledger.entries(after_version=3)] == [7, 8]
    assert ledger.entries(after_version=4) == []
    assert ledger.entries(through_version=0) == []


def test_a_ledger_longer_than_a_page_is_read_whole(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    ledger.commit(make.batch(*(NoOp(why=f"{n}") for n in range(2_000))))
    ledger.commit(make.batch(NoOp(why="last"), name="b2"))
    assert [entry.seq for entry in ledger.entries()] == list(range(1, 2_002))
    assert len(ledger.entries(through_version=1)) == 2_000
    with store.begin(write=False) as unit:
        assert unit.ledger.entries_after(ana) == ledger.entries()
        assert unit.ledger.entries_after(ana, 998, limit=1_001) == ledger.entries()[998:1_999]
        assert unit.ledger.entries_after(ana, 1_999, limit=10**30) == ledger.entries()[1_999:]
        for end in (2_001, 2**63 - 1):
            assert unit.ledger.entries_after(ana, end) == []


def test_the_head_tells_what_is_stored_and_indexed(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="a"), Message(content="b")], make.moment(0))
        unit.ledger.mark_indexed(ana, version=1, seq=2)
    head = ledger.head()
    assert (head.last_seq, head.indexed_version, head.indexed_seq) == (2, 1, 2)
    assert ledger.commit(make.batch(Add(claim=make.claim("tea")), name="b2")).indexed_version == 1


def test_the_head_tells_how_far_claims_were_compared(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    with store.begin() as unit:
        unit.ledger.mark_consolidated(ana, version=1)
        unit.ledger.mark_consolidated(Scope(user="nobody"), version=3)
    assert ledger.head().consolidated_version == 1
    assert ledger.commit(make.batch(Add(claim=make.claim("tea")), name="b2")).consolidated_version == 1
    with store.begin(write=False) as unit:
        assert unit.ledger.head(Scope(user="nobody")).consolidated_version == 0


def test_what_a_batch_cost_and_why_it_was_made_are_kept(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    given = make.claim("figs").model_copy(update={"condition": "on weekdays"})
    added = Add(claim=given, why="said twice")
    ledger.commit(make.batch(added).model_copy(update={"cost": 0.0015}))
    ended = Delete(path=given.path, target=given.id, reason="ended", at=make.moment(5), why="of no use")
    ledger.commit(make.batch(ended, name="b2"))
    with store.begin(write=False) as unit:
        operations = [entry.operation for entry in unit.ledger.entries(ana)]
        assert operations == [added, ended]
        assert [one.condition for one in unit.ledger.spoken(ana)] == ["on weekdays", None]
        assert [getattr(batch, "cost", "none") for batch in unit.history.records(ana, "batches")] == [0.0015, None]
        assert unit.ledger.first_broken(ana) is None


def test_each_embedder_has_marks_of_its_own(
    open_store: Callable[..., Store], ana: Scope, make: SimpleNamespace
) -> None:
    """They go back together where the end does, and by hand."""
    one, other = open_store(fingerprint="one"), open_store(fingerprint="other")

    def marks(store: Store) -> tuple[int, int]:
        with store.begin(write=False) as unit:
            head = unit.ledger.head(ana)
            return head.indexed_version, head.indexed_seq

    with one.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content=f"{n}") for n in range(9)], make.moment(0))
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("figs"))), expected_version=0)
        unit.ledger.mark_indexed(ana, version=1, seq=9)
    assert (marks(one), marks(other)) == ((1, 9), (0, 0))
    with other.begin() as unit:
        unit.ledger.mark_indexed(ana, version=1, seq=4)
        unit.ledger.index_again(ana, seq=7)
    assert (marks(one), marks(other)) == ((1, 6), (1, 4))
    with other.begin() as unit:
        unit.ledger.index_again(ana, seq=8)
    assert (marks(one), marks(other)) == ((1, 6), (1, 4))
    with one.begin() as unit:
        unit.ledger.mark_indexed(ana, version=99, seq=99)
        unit.ledger.rebuild(ana)
    assert (marks(one), marks(other)) == ((1, 9), (1, 4))
    with other.begin() as unit:
        unit.ledger.drop_other_marks(ana)
    assert (marks(one), marks(other)) == ((0, 0), (1, 4))


def test_scopes_never_mix(ledger: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    bo = Scope(user="bo")
    ledger.commit(make.batch(Add(claim=make.claim("figs"))))
    ledger.commit(make.batch(Add(claim=make.claim("tea"))), scope=bo)
    texts = {scope.user: _texts(ledger.trees(scope)) for scope in (ana, bo)}
    assert texts == {"ana": {"figs"}, "bo": {"tea"}}


def test_erasing_takes_the_words_and_leaves_the_fold(
    ledger: SimpleNamespace, store: Store, ana: Scope, small_trunk: Trunk, make: SimpleNamespace
) -> None:
    figs, tea = make.claim("figs"), make.claim("tea")
    said_again = (Evidence(message_id="m2", quote="figs again", start=7),)
    ledger.commit(
        make.batch(Add(claim=figs), Add(claim=tea), NoOp(why="figs known", target=figs.id, evidence=said_again))
    )
    ledger.commit(make.batch(ending(figs, make, evidence=said_again), name="b2"))
    ledger.trees()
    before = ledger.head()
    with store.begin() as unit:
        assert unit.ledger.erase(ana, [figs.id, "0" * 24]) == 3
        assert _texts(unit.ledger.trees(ana)) == {FORGOTTEN, "tea"}
    after = ledger.entries()
    added, kept, again, ended = (entry.operation for entry in after)
    assert (added.claim.text, added.claim.evidence[0].quote) == (FORGOTTEN, FORGOTTEN)
    assert added.claim.id == figs.id
    assert kept.claim == tea
    assert (again.why, again.evidence[0].quote, again.evidence[0].start) == (FORGOTTEN, FORGOTTEN, 7)
    assert ended.evidence[0].quote == FORGOTTEN
    assert ledger.head() == before
    assert ledger.trees() == fold(small_trunk, [entry.operation for entry in after])
    assert [entry.digest for entry in after][-1] == before.digest


def test_another_opening_sees_an_erasure_though_no_version_changed(
    ledger: SimpleNamespace, open_store: Callable[[], Store], ana: Scope, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    ledger.commit(make.batch(Add(claim=figs)))
    other = open_store()
    with other.begin(write=False) as unit:
        assert _texts(unit.ledger.trees(ana)) == {"figs"}
    with open_store().begin() as unit:
        unit.ledger.erase(ana, [figs.id])
    with other.begin(write=False) as unit:
        assert _texts(unit.ledger.trees(ana)) == {FORGOTTEN}


def test_erasing_what_is_no_longer_live_takes_the_words_of_history(
    ledger: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    ledger.commit(make.batch(Add(claim=figs)))
    forget = Delete(path=figs.path, target=figs.id, reason="forgotten", at=make.moment(0))
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(forget, name="b2"), expected_version=1)
        assert unit.ledger.erase(ana, [figs.id]) == 2
        assert unit.ledger.trees(ana) == {}
    assert ledger.entries()[0].operation.claim.text == FORGOTTEN


def _texts(trees: dict[str, PersonaTree]) -> set[str]:
    return {claim.text for tree in trees.values() for claim in tree.claims.values()}


def test_rebuilding_makes_the_same_claims_and_head(
    ledger: SimpleNamespace, ana: Scope, store: Store, make: SimpleNamespace
) -> None:
    old = make.claim("eats meat")
    ledger.commit(make.batch(Add(claim=old), Add(claim=make.claim("likes soup")), name="b1"))
    ledger.commit(make.batch(ending(old, make), name="b2"))
    ledger.commit(make.batch(Add(claim=make.claim("sings", subject="person:Bo")), name="b3"))
    head, trees = ledger.head(), ledger.trees()
    with store.begin() as unit:
        assert unit.ledger.first_broken(ana) is None
        unit.ledger.rebuild(ana)
        assert unit.ledger.trees(ana) == trees
    assert (ledger.head(), ledger.trees()) == (head, trees)
    ledger.commit(make.batch(retraction(old, make), name="b4"))
    assert old.id not in ledger.trees()["self"].claims


def test_operations_on_claims_are_found_by_kind(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    soup, rice = make.claim("soup"), make.claim("rice")
    known = NoOp(why="known already", target=soup.id)
    ended = Delete(path=soup.path, target=soup.id, reason="ended", at=make.moment(5))
    with store.begin() as unit:
        batch = make.batch(Add(claim=soup), Add(claim=rice), known, ended)
        unit.ledger.commit(ana, batch, expected_version=0)
        about = unit.ledger.entries_about(ana, [soup.id])
        assert [entry.operation for entry in about] == [Add(claim=soup), known, ended]
        assert unit.ledger.entries_about(ana, [soup.id, rice.id], kind="DELETE") == about[2:]
        assert unit.ledger.entries_about(ana, [rice.id], kind="DELETE") == []
