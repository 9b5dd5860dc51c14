"""The contract of what forgetting needs of a store: words found and erased, marks, receipts, revoked leases."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from treering.errors import FenceLost
from treering.memory.ports import Store, UnitOfWork, Vanished
from treering.memory.repetition import Sought
from treering.memory.tombstones import KEY_BYTES, turn_mark
from treering.schemas.claims import FORGOTTEN, Claim
from treering.schemas.dialogue import Message, Scope
from treering.schemas.forgetting import ErasureReceipt, StoreProof
from treering.schemas.listening import Draft, Reply, Verdict
from treering.schemas.operations import Add, Delete, NoOp
from treering.schemas.recall import Passage

BO = Scope(user="bo")
SAID = "Zebulon plays the tuba"


def sought(*texts: str) -> Vanished:
    return Vanished(sought=Sought.of(texts))


def fill(unit: UnitOfWork, scope: Scope, make: SimpleNamespace, text: str = SAID, name: str = "m1") -> Claim:
    """Let a text stand wherever words can stand."""
    now = make.moment(0)
    unit.turns.append(scope, "s", [Message(content=text, id=name, speaker="Bo", metadata={"note": text})], now)
    claim: Claim = make.claim(text, message=name)
    again = NoOp(why=f"known: {text}", target=claim.id, evidence=claim.evidence)
    version = unit.ledger.head(scope).version
    unit.ledger.commit(scope, make.batch(Add(claim=claim), again, name=name), expected_version=version)
    unit.passages.put(scope, [Passage(id=f"p-{name}", message_ids=(name,), text=text, at=now, seq=1)])
    draft = Draft(kind="ADD", path="name", text=text, message_id=name, quote=text)
    verdict = Verdict(ruling="quarantine", rule="r", why=f"because {text}", draft=draft)
    unit.quarantine.hold(scope, f"window-{name}", [verdict], now)
    unit.quarantine.save_reply(scope, f"window-{name}", "l", Reply(raw=text, model="m", prompt_version="p"))
    unit.jobs.enqueue(scope, "window", now, payload={"of": name}, state="dead", error=f"on {text}", raw_reply=text)
    return claim


HOLDERS = {"turns", "ledger", "claims", "passages", "quarantine", "model replies", "jobs"}


def matches(unit: UnitOfWork, scope: Scope, vanished: Vanished) -> dict[str, int]:
    return {name: found.matches for name, found in unit.word_stores.search(scope, vanished).items() if found.matches}


def test_a_search_looks_into_every_store_and_into_one_person_only(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        fill(unit, ana, make)
        fill(unit, BO, make, "Nothing of the kind")
    with store.begin(write=False) as unit:
        found = unit.word_stores.search(ana, sought("zebulon PLAYS the tuba"))
        assert {name for name, one in found.items() if one.matches} == HOLDERS
        assert found["ledger"].rows == 2
        assert matches(unit, BO, sought(SAID)) == {}
        assert matches(unit, ana, sought("Zebulon plays the trumpet")) == {}
        everything = Vanished(is_everything=True)
        assert set(matches(unit, ana, everything)) == HOLDERS
        assert matches(unit, Scope(user="nobody"), everything) == {}


def test_derived_and_waiting_words_can_be_dropped_by_what_they_say(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        fill(unit, ana, make)
        fill(unit, ana, make, "Somebody else entirely", "m2")
    with store.begin() as unit:
        dropped = unit.word_stores.drop(ana, sought(SAID))
    assert {name: rows for name, rows in dropped.rows.items() if rows} == {
        "passages": 1, "quarantine": 1, "model replies": 1, "jobs": 1,
    }  # fmt: skip
    assert dropped.passages == ("p-m1",)
    with store.begin(write=False) as unit:
        assert set(matches(unit, ana, sought(SAID))) == {"turns", "ledger", "claims"}
        assert set(matches(unit, ana, sought("Somebody else entirely"))) == HOLDERS
        assert [job.error for job in unit.jobs.jobs(scope=ana)] == [FORGOTTEN, "on Somebody else entirely"]
        assert list(unit.passages.get(ana, ["p-m1", "p-m2"])) == ["p-m2"]


def test_all_words_of_a_person_can_go_at_once_and_their_places_stay(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        claim = fill(unit, ana, make)
        fill(unit, BO, make)
        unit.jobs.enqueue(ana, "listen", make.moment(0))
    with store.begin() as unit:
        gone = Delete(path=claim.path, target=claim.id, reason="forgotten", at=make.moment(1))
        unit.ledger.commit(ana, make.batch(gone, name="b2"), expected_version=1)
        unit.word_stores.erase_all(ana)
        assert unit.ledger.trees(ana) == {}
    with store.begin(write=False) as unit:
        assert matches(unit, ana, Vanished(is_everything=True)) == {}
        assert set(matches(unit, BO, Vanished(is_everything=True))) == HOLDERS
        assert unit.jobs.jobs(scope=ana) == []
        [turn] = unit.turns.turns(ana)
        assert (turn.message_id, turn.content, turn.speaker, turn.metadata) == ("m1", "", None, {})
        assert len(list(unit.ledger.entries(ana))) == 3


def test_the_words_of_a_ledger_are_told_with_where_they_stand(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    about_bo = make.claim("plays the tuba", subject="person:Bo")
    nothing = NoOp(why="small talk")
    ended = Delete(path=about_bo.path, subject="person:Bo", target=about_bo.id, reason="ended", at=make.moment(1))
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=about_bo), nothing, ended), expected_version=0)
        first, second, third = unit.ledger.spoken(ana)
        assert unit.ledger.names(ana) == ["person:Bo"]
        assert unit.ledger.names(BO) == []
    assert (first.seq, first.claim_id, first.subject, first.path) == (1, about_bo.id, "person:Bo", "taste.food")
    assert (first.text, first.quotes) == ("plays the tuba", (("m1", "quote of plays the tuba", 0),))
    assert (second.claim_id, second.text, second.why) == (None, None, "small talk")
    assert (third.claim_id, third.text, third.quotes) == (about_bo.id, None, ())


def test_single_entries_can_be_erased_and_the_claims_they_brought_stay(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    one, two = make.claim("likes green tea"), make.claim("likes black tea")
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=one), Add(claim=two)), expected_version=0)
        digest = unit.ledger.head(ana).digest
        assert unit.ledger.erase_entries(ana, [1, 7]) == 1
        assert unit.ledger.erase_entries(ana, [1]) == 0
    with store.begin(write=False) as unit:
        assert [spoken.seq for spoken in unit.ledger.spoken(ana)] == [2]
        assert unit.ledger.trees(ana)["self"].claims[one.id] == one
        assert unit.ledger.head(ana).digest == digest


def test_erasing_through_a_place_leaves_what_was_put_back_after_it(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    claim = make.claim("likes green tea")
    back = Delete(path=claim.path, target=claim.id, reason="retracted", at=make.moment(1))
    blank = claim.model_copy(
        update={"evidence": tuple(piece.model_copy(update={"quote": FORGOTTEN}) for piece in claim.evidence)}
    )
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=claim)), expected_version=0)
        unit.ledger.commit(ana, make.batch(back, Add(claim=blank), name="b2"), expected_version=1)
        assert unit.ledger.erase(ana, [claim.id], through_seq=2) == 2
    with store.begin(write=False) as unit:
        assert [spoken.seq for spoken in unit.ledger.spoken(ana)] == [3]
        assert unit.ledger.trees(ana)["self"].claims[claim.id] == blank


def test_a_revoked_job_is_queued_again_and_whoever_held_it_can_change_nothing(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0))
        unit.jobs.enqueue(BO, "listen", make.moment(1))
        first, other = unit.jobs.claim(make.moment(2), lease_s=60), unit.jobs.claim(make.moment(2), lease_s=60)
        assert first is not None
        assert other is not None
    with store.begin() as unit:
        assert unit.jobs.revoke(ana, make.moment(3)) == make.moment(62)
        assert unit.jobs.revoke(ana, make.moment(4)) is None
        assert unit.jobs.revoke(Scope(user="nobody"), make.moment(4)) is None
    for change in ("finish", "extend", "fail"):
        arguments = {"finish": (), "extend": (make.moment(5),), "fail": ("e", make.moment(5))}[change]
        options = {"finish": {}, "extend": {"lease_s": 9}, "fail": {"retry_at": None}}[change]
        with pytest.raises(FenceLost), store.begin() as unit:
            getattr(unit.jobs, change)(first, *arguments, **options)
    with pytest.raises(FenceLost), store.begin() as unit:
        unit.ledger.commit(ana, make.batch(), expected_version=0, fence=first.fence)
    with store.begin() as unit:
        again = unit.jobs.claim(make.moment(5), lease_s=60, scope=ana)
        assert again is not None
        assert (again.id, again.attempts, again.error) == (first.id, 1, None)
        unit.jobs.finish(other)


def test_marks_are_kept_by_person_and_lifted(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        key = unit.tombstones.key(ana)
        assert len(key) == KEY_BYTES
        assert unit.tombstones.key(ana) == key != unit.tombstones.key(BO)
        assert unit.tombstones.put(ana, "claim", ["a" * 64, "b" * 64], make.moment(0)) == 2
        assert unit.tombstones.put(ana, "turn", ["b" * 64, "c" * 64], make.moment(1)) == 1
    with store.begin(write=False) as unit:
        assert unit.tombstones.of_claims(ana).marks == {"a" * 64, "b" * 64}
        assert unit.tombstones.of_claims(ana).key == key
        assert not unit.tombstones.of_claims(BO).marks
        assert not unit.tombstones.of_claims(Scope(user="nobody")).marks
    with store.begin() as unit:
        assert unit.tombstones.lift(ana, ["a" * 64, "d" * 64]) == 1
        assert unit.tombstones.lift(ana) == 2
        assert unit.tombstones.lift(BO) == 0
        assert unit.tombstones.key(ana) == key


def test_a_marked_message_is_stored_empty_and_its_id_is_known(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    now = make.moment(0)
    with store.begin() as unit:
        unit.tombstones.put(ana, "turn", [turn_mark(unit.tombstones.key(ana), SAID)], now)
        said = [
            Message(content="Good morning.", id="m1"),
            Message(content=f"{SAID.upper()}!", id="m2", speaker="Bo", metadata={"a": "b"}),
        ]
        receipt = unit.turns.append(ana, "s", said, now)
        assert (receipt.stored, receipt.known, receipt.forgotten) == (("m1",), (), ("m2",))
        assert unit.turns.append(ana, "s", said, now).known == ("m1", "m2")
        assert unit.turns.append(BO, "s", said, now).stored == ("m1", "m2")
    with store.begin(write=False) as unit:
        turn = unit.turns.turns(ana)[1]
        assert (turn.seq, turn.content, turn.speaker, turn.metadata) == (2, "", None, {})


def test_receipts_come_back_as_they_were_with_numbers_and_without_words(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    given = ErasureReceipt(
        at=make.moment(0),
        selected_by=("path",),
        path="health",
        claims=("a" * 24,),
        stores=(StoreProof(store="turns", rows=3, erased=1),),
        query="q",
        digest_before="x",
        digest_after="y",
        final_at=make.moment(9),
    )
    with store.begin() as unit:
        first = unit.receipts.add(ana, given)
        second = unit.receipts.add(ana, given)
        unit.receipts.add(BO, given)
    assert first == given.model_copy(update={"id": first.id})
    with store.begin(write=False) as unit:
        assert unit.receipts.receipts(ana) == [first, second]
        assert unit.receipts.receipts(Scope(user="nobody")) == []
