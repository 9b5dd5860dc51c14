"""The contract of Ledger."""

from __future__ import annotations

import pytest

from treering.errors import DuplicateClaim, FenceLost, UnknownClaim, UnknownSlot, VersionConflict
from treering.memory.operations import fold
from treering.schemas.claims import FORGOTTEN, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Delete, Head, NoOp, Update


@pytest.fixture
def commit(store, ana):
    """Commit a batch in a transaction of its own, by default at the present version."""

    def run(batch, *, expected=None, scope=ana, fence=None):
        with store.begin() as unit:
            version = unit.ledger.head(scope).version if expected is None else expected
            return unit.ledger.commit(scope, batch, expected_version=version, fence=fence)

    return run


@pytest.fixture
def read(store):
    """Run one reading."""

    def reading(question):
        with store.begin(write=False) as unit:
            return question(unit.ledger)

    return reading


@pytest.fixture
def entries(read, ana):
    """The entries of the ledger, as a list."""
    return lambda **bounds: read(lambda ledger: list(ledger.entries(ana, **bounds)))


def ending(claim, moment, **fields):
    return Delete(path=claim.path, target=claim.id, reason="ended", at=moment(10**8), **fields)


def retraction(claim, moment):
    return Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=moment(0))


def test_an_unknown_scope_has_an_empty_head(read, entries, ana, store):
    assert read(lambda ledger: ledger.head(ana)) == Head()
    assert read(lambda ledger: ledger.trees(ana)) == {}
    assert entries() == []
    with store.begin() as unit:
        assert unit.ledger.erase(ana, ["0" * 24]) == 0
        unit.ledger.mark_indexed(ana, version=0, seq=0)
    assert store.scopes() == []


def test_a_batch_makes_one_version_and_its_operations_count(commit, read, ana, claim_of, batch_of):
    first = commit(batch_of(Add(claim=claim_of("figs")), NoOp(why="known"), heard_through=3))
    assert (first.version, first.seq, first.heard_seq) == (1, 2, 3)
    second = commit(batch_of(Add(claim=claim_of("olives")), name="b2"))
    assert (second.version, second.seq, second.heard_seq) == (2, 3, 3)
    assert second.digest != first.digest
    assert read(lambda ledger: ledger.head(ana)) == second


def test_every_operation_comes_back_as_it_was_committed(commit, entries, moment, claim_of, batch_of):
    figs = claim_of("figs", confidence=0.25, order=4)
    dates = claim_of("dates", supersedes=(figs.id,), origin="inferred")
    evidence = (Evidence(message_id="m2", quote="no more dates", start=3),)
    done = [
        Add(claim=figs),
        Update(claim=dates),
        ending(dates, moment, evidence=evidence),
        NoOp(why="said before", target=figs.id, evidence=evidence),
        NoOp(why="nothing to learn"),
        Add(claim=claim_of("Bo likes tea", subject="person:Bo")),
        Delete(subject="person:Bo", path="taste.food", target=claim_of("Bo likes tea").id, reason="retracted", at=moment(0)),
    ]  # fmt: skip
    commit(batch_of(*done, author="listener/2", model="m", prompt_version="p", tokens_in=5, tokens_out=6))
    found = entries()
    assert [entry.operation for entry in found] == done
    assert [entry.seq for entry in found] == list(range(1, 8))
    assert {(entry.version, entry.batch_id, entry.author) for entry in found} == {(1, "b1", "listener/2")}


def test_trees_are_the_fold_of_the_entries(commit, read, entries, ana, moment, claim_of, batch_of, small_trunk):
    figs, tea = claim_of("figs"), claim_of("Bo likes tea", subject="person:Bo")
    commit(batch_of(Add(claim=figs), Add(claim=tea)))
    commit(batch_of(ending(figs, moment), retraction(tea, moment), name="b2"))
    trees = read(lambda ledger: ledger.trees(ana))
    folded = fold(small_trunk, [entry.operation for entry in entries()])
    assert trees == {"self": folded["self"]}
    assert trees["self"].claims[figs.id].valid_to == moment(10**8)


def test_another_opening_reads_the_same_trees(commit, read, open_store, ana, claim_of, batch_of):
    commit(batch_of(Add(claim=claim_of("figs")), Add(claim=claim_of("tea", subject="agent:Max"))))
    with open_store().begin(write=False) as unit:
        assert unit.ledger.trees(ana) == read(lambda ledger: ledger.trees(ana))


def test_what_another_opening_commits_is_seen(commit, read, open_store, ana, claim_of, batch_of):
    commit(batch_of(Add(claim=claim_of("figs"))))
    assert len(read(lambda ledger: ledger.trees(ana))["self"].claims) == 1
    with open_store().begin() as unit:
        unit.ledger.commit(ana, batch_of(Add(claim=claim_of("tea")), name="b2"), expected_version=1)
    assert len(read(lambda ledger: ledger.trees(ana))["self"].claims) == 2


def test_a_transaction_sees_what_it_commits_and_nobody_else_before_its_end(store, read, ana, claim_of, batch_of):
    with store.begin() as unit:
        unit.ledger.commit(ana, batch_of(Add(claim=claim_of("figs"))), expected_version=0)
        assert len(unit.ledger.trees(ana)["self"].claims) == 1
        assert read(lambda ledger: ledger.trees(ana)) == {}
    assert len(read(lambda ledger: ledger.trees(ana))["self"].claims) == 1


def test_a_commit_that_is_rolled_back_never_was(store, read, entries, ana, claim_of, batch_of):
    with pytest.raises(ZeroDivisionError), store.begin() as unit:
        unit.ledger.commit(ana, batch_of(Add(claim=claim_of("figs"))), expected_version=0)
        _ = 1 / 0
    assert read(lambda ledger: ledger.head(ana)) == Head()
    assert read(lambda ledger: ledger.trees(ana)) == {}
    assert entries() == []


def test_a_reading_keeps_to_its_moment(store, commit, ana, claim_of, batch_of):
    commit(batch_of(Add(claim=claim_of("figs"))))
    with store.begin(write=False) as unit:
        before = unit.ledger.head(ana)
        commit(batch_of(Add(claim=claim_of("tea")), name="b2"))
        assert unit.ledger.head(ana) == before
        assert len(unit.ledger.trees(ana)["self"].claims) == 1
        assert len(list(unit.ledger.entries(ana))) == 1


def test_a_stale_version_is_refused(commit, read, ana, claim_of, batch_of):
    commit(batch_of(Add(claim=claim_of("figs"))))
    with pytest.raises(VersionConflict) as caught:
        commit(batch_of(Add(claim=claim_of("tea")), name="b2"), expected=0)
    assert (caught.value.expected, caught.value.actual) == (0, 1)
    assert read(lambda ledger: ledger.head(ana)).version == 1


def test_a_batch_without_operations_moves_the_ear_alone(commit, entries, claim_of, batch_of):
    commit(batch_of(Add(claim=claim_of("figs"))))
    head = commit(batch_of(name="b2", heard_through=8))
    assert (head.version, head.seq, head.heard_seq) == (1, 1, 8)
    assert len(entries()) == 1
    with pytest.raises(VersionConflict):
        commit(batch_of(name="b3", heard_through=9), expected=0)


def test_the_ear_never_moves_back(commit, claim_of, batch_of):
    commit(batch_of(heard_through=8))
    assert commit(batch_of(Add(claim=claim_of("figs")), name="b2", heard_through=5)).heard_seq == 8


def test_a_batch_that_is_known_changes_nothing(commit, read, entries, ana, claim_of, batch_of):
    batch = batch_of(Add(claim=claim_of("figs")), heard_through=2)
    head = commit(batch)
    assert commit(batch, expected=0) == head
    assert commit(batch_of(Add(claim=claim_of("tea")), heard_through=9)) == head
    assert len(entries()) == 1


def test_an_operation_that_does_not_fit_lets_nothing_in(commit, read, entries, ana, moment, claim_of, batch_of):
    figs = claim_of("figs")
    commit(batch_of(Add(claim=figs)))
    head = read(lambda ledger: ledger.head(ana))
    for error, wrong in [
        (DuplicateClaim, Add(claim=figs)),
        (UnknownClaim, ending(claim_of("tea"), moment)),
        (UnknownSlot, Add(claim=claim_of("x", path="nowhere"))),
    ]:
        with pytest.raises(error):
            commit(batch_of(Add(claim=claim_of("olives")), wrong, name="b2"))
    assert read(lambda ledger: ledger.head(ana)) == head
    assert len(entries()) == 1


def test_a_refusal_that_is_caught_inside_leaves_nothing_behind(store, read, entries, ana, moment, claim_of, batch_of):
    with store.begin() as unit:
        with pytest.raises(UnknownClaim):
            unit.ledger.commit(ana, batch_of(ending(claim_of("tea"), moment)), expected_version=0)
        unit.ledger.commit(ana, batch_of(Add(claim=claim_of("figs"))), expected_version=0)
    assert [entry.operation.kind for entry in entries()] == ["ADD"]


def test_a_stale_fence_is_refused(store, commit, ana, moment, claim_of, batch_of):
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", moment(0))
        stale = unit.jobs.claim(moment(0), lease_s=1)
        fresh = unit.jobs.claim(moment(2), lease_s=1)
    with pytest.raises(FenceLost) as caught:
        commit(batch_of(Add(claim=claim_of("figs"))), fence=stale.fence)
    assert (caught.value.held, caught.value.current) == (stale.fence, fresh.fence)
    assert commit(batch_of(Add(claim=claim_of("figs"))), fence=fresh.fence).version == 1


def test_entries_are_cut_by_version(commit, entries, claim_of, batch_of):
    for n in range(1, 5):
        commit(batch_of(Add(claim=claim_of(f"a{n}")), Add(claim=claim_of(f"b{n}")), name=f"b{n}"))
    assert [entry.version for entry in entries(after_version=1, through_version=3)] == [2, 2, 3, 3]
    assert [entry.seq for entry in entries(after_version=3)] == [7, 8]
    assert entries(after_version=4) == []
    assert entries(through_version=0) == []


def test_a_ledger_longer_than_a_page_is_read_whole(commit, entries, batch_of):
    commit(batch_of(*(NoOp(why=f"{n}") for n in range(2_000))))
    commit(batch_of(NoOp(why="last"), name="b2"))
    assert [entry.seq for entry in entries()] == list(range(1, 2_002))
    assert len(entries(through_version=1)) == 2_000


def test_the_head_tells_what_is_stored_and_indexed(store, commit, read, ana, moment, claim_of, batch_of):
    commit(batch_of(Add(claim=claim_of("figs"))))
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="a"), Message(content="b")], moment(0))
        unit.ledger.mark_indexed(ana, version=1, seq=2)
    head = read(lambda ledger: ledger.head(ana))
    assert (head.last_seq, head.indexed_version, head.indexed_seq) == (2, 1, 2)
    assert commit(batch_of(Add(claim=claim_of("tea")), name="b2")).indexed_version == 1


def test_scopes_never_mix(commit, read, ana, claim_of, batch_of):
    bo = Scope(user="bo")
    commit(batch_of(Add(claim=claim_of("figs"))))
    commit(batch_of(Add(claim=claim_of("tea"))), scope=bo)
    texts = {scope.user: _texts(read(lambda ledger, scope=scope: ledger.trees(scope))) for scope in (ana, bo)}
    assert texts == {"ana": {"figs"}, "bo": {"tea"}}


def test_erasing_takes_the_words_and_leaves_the_fold(
    store, commit, read, entries, ana, moment, claim_of, batch_of, small_trunk
):
    figs, tea = claim_of("figs"), claim_of("tea")
    said_again = (Evidence(message_id="m2", quote="figs again", start=7),)
    commit(batch_of(Add(claim=figs), Add(claim=tea), NoOp(why="figs known", target=figs.id, evidence=said_again)))
    commit(batch_of(ending(figs, moment, evidence=said_again), name="b2"))
    read(lambda ledger: ledger.trees(ana))
    before = read(lambda ledger: ledger.head(ana))
    with store.begin() as unit:
        assert unit.ledger.erase(ana, [figs.id, "0" * 24]) == 3
        assert _texts(unit.ledger.trees(ana)) == {FORGOTTEN, "tea"}
    after = entries()
    added, kept, again, ended = (entry.operation for entry in after)
    assert (added.claim.text, added.claim.evidence[0].quote) == (FORGOTTEN, FORGOTTEN)
    assert added.claim.id == figs.id
    assert kept.claim == tea
    assert (again.why, again.evidence[0].quote, again.evidence[0].start) == (FORGOTTEN, FORGOTTEN, 7)
    assert ended.evidence[0].quote == FORGOTTEN
    assert read(lambda ledger: ledger.head(ana)) == before
    assert read(lambda ledger: ledger.trees(ana)) == fold(small_trunk, [entry.operation for entry in after])
    assert [entry.digest for entry in after][-1] == before.digest


def test_another_opening_sees_an_erasure_though_no_version_changed(commit, open_store, ana, claim_of, batch_of):
    figs = claim_of("figs")
    commit(batch_of(Add(claim=figs)))
    other = open_store()
    with other.begin(write=False) as unit:
        assert _texts(unit.ledger.trees(ana)) == {"figs"}
    with open_store().begin() as unit:
        unit.ledger.erase(ana, [figs.id])
    with other.begin(write=False) as unit:
        assert _texts(unit.ledger.trees(ana)) == {FORGOTTEN}


def test_erasing_what_is_no_longer_live_takes_the_words_of_history(store, commit, entries, ana, moment, claim_of, batch_of):
    figs = claim_of("figs")
    commit(batch_of(Add(claim=figs)))
    forget = Delete(path=figs.path, target=figs.id, reason="forgotten", at=moment(0))
    with store.begin() as unit:
        unit.ledger.commit(ana, batch_of(forget, name="b2"), expected_version=1)
        assert unit.ledger.erase(ana, [figs.id]) == 2
        assert unit.ledger.trees(ana) == {}
    assert entries()[0].operation.claim.text == FORGOTTEN


def _texts(trees):
    return {claim.text for tree in trees.values() for claim in tree.claims.values()}
