"""Every table is either known to hold words, and how to take them out, or known to hold none."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from pydantic import BaseModel
from sqlalchemy import LargeBinary, String, Text

from treering.memory import ports
from treering.memory.stores import upgrading  # noqa: F401 - so that no table is missing
from treering.memory.stores.registry import WITHOUT_WORDS, WORD_TABLES, WordTable
from treering.memory.stores.tables import metadata
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.listening import Draft, Reply, Verdict
from treering.schemas.operations import Add
from treering.schemas.recall import Passage

TABLES = {one.table.name: one for one in WORD_TABLES}

#: Columns of tables with words that hold none: ids, kinds, dates as text, and what programs chose.
NO_WORDS = {
    "turns": {"message_id", "session", "role"},
    "subjects": {"alias"},
    "claims": {"subject", "claim_id", "path"},
    "passages": {"passage_id"},
    "held": {"held_id", "window_id", "target"},
    "replies": {"window_id", "listener"},
    "jobs": {"kind", "payload", "state", "tenant", "trace"},
    "mentions": {"message_id"},
    "vectors": {"entry_id", "kind", "session"},
}


#: Values that are stored as JSON of our own, and fields of text, of them or of what they are made of, without words.
STORED = (Claim, Passage, Verdict, Reply)
NO_WORDS_IN = {"id", "kind", "path", "target", "reason", "message_id", "message_ids", "origin", "supersedes", "session"}
NO_WORDS_IN |= {"parts", "ruling", "rule", "model", "prompt_version"}


def test_every_table_is_registered_or_said_to_hold_no_words() -> None:
    both = set(TABLES) & set(WITHOUT_WORDS)
    assert set(metadata.tables) | {"store_revision"} == set(TABLES) | set(WITHOUT_WORDS)
    assert not both
    assert all(WITHOUT_WORDS.values())


@pytest.mark.parametrize("one", WORD_TABLES, ids=lambda one: one.name)
def test_every_column_that_could_hold_words_is_read_or_said_to_hold_none(one: WordTable) -> None:
    free = {column.name for column in one.table.columns if isinstance(column.type, Text | String | LargeBinary)}
    assert free == {*one.texts, *one.blobs, *NO_WORDS.get(one.table.name, set())}


@pytest.mark.parametrize("one", WORD_TABLES, ids=lambda one: one.name)
def test_what_stands_for_erased_words_is_no_words(one: WordTable) -> None:
    if one.emptied is not None:
        row = {name: one.emptied.get(name) for name in one.texts}
        assert list(one.words_of(row, str)) == []


@pytest.mark.parametrize("value", STORED, ids=lambda value: value.__name__)
def test_every_field_of_text_is_read_or_said_to_hold_no_words(value: type[BaseModel]) -> None:
    texts: set[str] = set()
    waiting, seen = [value], set()
    while waiting:
        seen.add(one := waiting.pop())
        for name, field in one.model_fields.items():
            found = _types(field.annotation)
            texts |= {name} if str in found else set()
            waiting += [part for part in found - seen if issubclass(part, BaseModel)]
    words = {name: "person:Zebulon" if name == "subject" else "Zebulon" for name in texts - NO_WORDS_IN}
    assert [name for name, word in words.items() if not said_in("claims", claim=json.dumps({name: word}))] == []


def _types(annotation: object) -> set[type]:
    """All classes in an annotation."""
    found = {one for inner in get_args(annotation) for one in _types(inner)}
    return found | {annotation} if isinstance(annotation, type) else found


def said_in(store: str, **row: str | None) -> list[str]:
    return list(next(one for one in WORD_TABLES if one.name == store).words_of(row, str))


def test_the_words_are_taken_out_of_every_kind_of_row(now: object) -> None:
    claim = Claim.model_validate(
        {
            "id": "0" * 24,
            "subject": "person:Zebulon",
            "path": "work.job",
            "text": "is a doctor",
            "condition": "at night",
            "valid_from": now,
            "recorded_at": now,
            "evidence": (
                Evidence(message_id="m1", quote="a doctor", start=0),
                Evidence(message_id="m2", quote=FORGOTTEN, start=0),
            ),
        }
    )
    draft = Draft(kind="ADD", path="work.job", text="is a surgeon", message_id="m1", quote="a surgeon")
    verdict = Verdict(ruling="quarantine", rule="r", why="because", draft=draft, operation=Add(claim=claim))
    passage = Passage.model_validate({"id": "p", "message_ids": ("m1",), "text": "a talk", "at": now, "seq": 1})
    reply = Reply(raw="what it said", routing="what it chose", model="m", prompt_version="p")
    words = json.dumps({"text": "is a doctor", "why": "known", "quotes": ["a doctor"]})

    turn = said_in("turns", content="Hello", speaker="Bo", metadata='{"mood":"glad","n":3}')
    assert turn == ["Hello", "Bo", "glad"]
    assert said_in("claims", claim=claim.model_dump_json()) == ["Zebulon", "is a doctor", "a doctor", "at night"]
    assert sorted(said_in("quarantine", verdict=verdict.model_dump_json())) == sorted(
        ["because", "is a surgeon", "a surgeon", "Zebulon", "is a doctor", "a doctor", "at night"]
    )
    assert said_in("passages", passage=passage.model_dump_json()) == ["a talk"]
    assert said_in("model replies", reply=reply.model_dump_json()) == ["what it said", "what it chose"]
    assert said_in("ledger", words=words) == ["is a doctor", "known", "a doctor"]
    assert said_in("names", name="person:Zebulon") == ["Zebulon"]
    assert said_in("jobs", error="it broke", raw_reply=None) == ["it broke"]


@pytest.mark.parametrize("one", WORD_TABLES, ids=lambda one: one.name)
def test_what_is_said_to_erase_it_exists(one: WordTable) -> None:
    for named in one.erased_by.split(", "):
        port, _, method = named.partition(".")
        assert callable(getattr(getattr(ports, port), method))
