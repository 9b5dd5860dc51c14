"""A claim is read from the ledger once for every session that it has evidence in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.bench.listen_replay import claims_of, listener_settings
from treering.bench.samples import Conversation, SaidTurn
from treering.errors import InvalidInput
from treering.memory.consolidating import AUTHOR
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.operations import Add, Delete, LedgerEntry, NoOp, Operation, Update

AT = datetime(2024, 1, 1, tzinfo=UTC)
TALK = Conversation(
    id="mia",
    steps=tuple(
        SaidTurn(id=f"m{number}", session=f"s{number}", role="user", speaker="user", text="I like tea.", at=AT)
        for number in range(3)
    ),
)


def evidence(message: str) -> Evidence:
    return Evidence(message_id=message, quote="I like tea", start=0)


def claim(number: int, text: str, *messages: str, supersedes: tuple[str, ...] = ()) -> Claim:
    return Claim(
        id=f"{number:024x}",
        path="preferences.food",
        text=text,
        valid_from=AT,
        recorded_at=AT,
        evidence=tuple(evidence(message) for message in messages),
        supersedes=supersedes,
    )


def entry(operation: Operation, author: str = "local/1") -> LedgerEntry:
    return LedgerEntry(seq=1, version=1, batch_id="b", author=author, recorded_at=AT, operation=operation, digest="d")


def test_words_that_say_a_claim_again_are_evidence_in_their_own_session() -> None:
    tea = claim(1, "likes tea", "m0")
    ledger = [entry(Add(claim=tea)), entry(NoOp(why="known", target=tea.id, evidence=(evidence("m2"),)))]
    assert [(one.session, one.text, one.path) for one in claims_of(ledger, TALK)] == [
        ("s0", "likes tea", "preferences.food"),
        ("s2", "likes tea", "preferences.food"),
    ]


def test_a_claim_that_ended_or_was_replaced_was_heard_all_the_same() -> None:
    tea, no_tea = claim(1, "likes tea", "m0"), claim(2, "dislikes tea", "m1", supersedes=(f"{1:024x}",))
    ended = Delete(path=tea.path, target=no_tea.id, reason="ended", at=AT, evidence=(evidence("m2"),))
    found = claims_of([entry(Add(claim=tea)), entry(Update(claim=no_tea)), entry(ended)], TALK)
    assert [(one.session, one.text) for one in found] == [("s0", "likes tea"), ("s1", "dislikes tea")]


def test_what_was_forgotten_and_what_consolidation_made_are_no_claims_of_a_listener() -> None:
    gone, merged = claim(1, FORGOTTEN, "m0"), claim(2, "likes tea", "m0", "m1")
    ledger = [entry(Add(claim=gone)), entry(Add(claim=merged), author=AUTHOR)]
    assert claims_of(ledger, TALK) == []


def test_the_environment_decides_who_is_asked_only_where_a_model_is_to_listen() -> None:
    named = {"TREERING_MODEL": "openai:x", "TREERING_DATABASE_URL": "postgresql://somewhere/else"}
    assert listener_settings("local", named).model is None
    assert listener_settings("model", named).model == "openai:x"
    assert listener_settings("model", named).database_url is None, "a benchmark never writes to the application's store"
    with pytest.raises(InvalidInput, match="TREERING_MODEL"):
        listener_settings("model", {})
