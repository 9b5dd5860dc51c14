"""What a careless caller may pass: each call is refused with a typed error that tells no secret, nothing changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from treering import Memory, Settings
from treering.errors import InvalidInput, InvalidTurn, StoreError, TreeringError

EARLY = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
LATE = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5)))


@pytest.fixture
def memory(tmp_path: Path, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", background=False) as opened:
        yield sdk(opened)


def metadata(value: object) -> dict[str, object]:
    return {"content": "Hello.", "metadata": {"note": value}}


@pytest.mark.parametrize(
    "said",
    [
        None,
        5,
        b"Hello.",
        [None],
        [["Hello."]],
        metadata(math.nan),
        metadata(math.inf),
        metadata("\ud800"),
        metadata(2**70),
        {"content": "Hello.", "metadata": {"\ud800": 1}},
        {"content": "Hello.", "index": 2**70},
        {"content": "Hello.", "at": EARLY},
    ],
)
def test_what_is_no_message_is_refused(memory: Memory, said: Any) -> None:  # noqa: ANN401 - that is the point
    with pytest.raises(InvalidTurn):
        memory.remember("ana", ["I live in Porto.", *said] if isinstance(said, list) else said)
    assert memory.sessions("ana") == []


CALLS: dict[str, Callable[[Any], object]] = {
    "no query": lambda memory: memory.recall("ana", None),
    "bytes as query": lambda memory: memory.recall("ana", b"who?"),
    "unknown mode": lambda memory: memory.recall("ana", "Who?", mode="clever"),
    "no budget": lambda memory: memory.recall("ana", "Who?", budget_tokens=None),
    "half a token": lambda memory: memory.recall("ana", "Who?", budget_tokens=1.5),
    "a text as exclude": lambda memory: memory.recall("ana", "Who?", exclude="m1"),
    "nothing as exclude": lambda memory: memory.recall("ana", "Who?", exclude=None),
    "lists in exclude": lambda memory: memory.recall("ana", "Who?", exclude=[["m1"]]),
    "a text as moment": lambda memory: memory.recall("ana", "Who?", as_of="2024-01-01"),
    "a moment too early": lambda memory: memory.recall("ana", "Who?", as_of=EARLY),
    "a tree too late": lambda memory: memory.tree("ana", as_of=LATE),
    "a tree without zone": lambda memory: memory.tree("ana", as_of=datetime(2024, 1, 1)),  # noqa: DTZ001 - the point
    "an unknown subject": lambda memory: memory.tree("ana", subject="the dog"),
    "no subject": lambda memory: memory.tree("ana", subject=None),
    "an empty session": lambda memory: memory.end_session("ana", ""),
    "a surrogate as session": lambda memory: memory.end_session("ana", "\ud800"),
    "nothing to forget": lambda memory: memory.forget("ana", claims=[]),
    "words that say nothing": lambda memory: memory.forget("ana", about="it"),
    "no words to forget": lambda memory: memory.forget("ana", about=" "),
    "no path to forget": lambda memory: memory.forget("ana", path="Home Town"),
    "no one to forget": lambda memory: memory.forget("ana"),
    "a bare id to forget": lambda memory: memory.forget("ana", claims="0" * 24),
    "a number to forget": lambda memory: memory.forget("ana", claims=[5]),
    "a text as job": lambda memory: memory.retry("1"),
    "too large a job": lambda memory: memory.retry(2**70),
    "an empty tenant": lambda memory: memory.recall("ana", "Who?", tenant=""),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_a_type_checker_would_have_found_is_refused(memory: Memory, call: Callable[[Any], object]) -> None:
    with pytest.raises(InvalidInput):
        call(memory)
    assert memory._engine.store.scopes() == []


@pytest.mark.parametrize("url", ["hunter2", "://hunter2", "postgresql://ana:hunter2@localhost/x"])
def test_a_database_url_that_cannot_be_used_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Memory(settings=Settings(home=tmp_path, embedder="hash", database_url=url), background=False).tree("ana")
    assert "hunter2" not in str(caught.value)


def test_a_vector_server_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("qdrant_client")
    url = "http://ana:hunter2@127.0.0.1:1?api_key=hunter2"
    settings = Settings(home=tmp_path, embedder="hash", qdrant_url=url)
    with Memory(settings=settings, background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        [why] = memory.recall("ana", "Where do I live?").degraded
        assert "http://127.0.0.1:1 " in why
        memory.flush()
        told = [why, *(job.error or "" for job in memory.jobs())]
        assert "hunter2" not in " ".join(told)
        with pytest.raises(TreeringError, match="cannot be reached"):
            memory.forget("ana", claims=[claim.id for claim in memory.tree("ana").claims])
        assert len(memory.tree("ana").claims) == 1
