"""Lines of log: JSON with their context, and people only as hashes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from treering import Memory
from treering.memory.listeners.local import LocalListener
from treering.telemetry import logs
from treering.telemetry.logs import about, hashed, json_handler, use_key


@pytest.fixture(autouse=True)
def same_key() -> Iterator[None]:
    before = logs._Key.value
    yield
    logs._Key.value = before


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the product's loggers write as JSON."""
    handler = json_handler()
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    logger = logging.getLogger("treering")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_it_is_about_and_the_next_one_does_not(written: io.StringIO) -> None:
    log = logging.getLogger("treering.workers")
    with about("acme", "ana", job=7, kind="listen"):
        log.warning("job %d failed", 7)
    log.warning("all is quiet")
    first, second = lines(written)
    assert (first["level"], first["logger"], first["event"]) == ("WARNING", "treering.workers", "job 7 failed")
    assert (first["job"], first["kind"]) == (7, "listen")
    assert (first["tenant"], first["subject"]) == (hashed("acme"), hashed("acme", "ana"))
    assert str(first["time"])[:2] == "20"
    assert not {"job", "kind", "tenant", "subject"} & second.keys()


def test_a_name_is_the_same_with_a_key_and_cannot_be_tried_without() -> None:
    use_key("one")
    first = hashed("acme", "ana")
    assert first == hashed("acme", "ana")
    assert len({first, hashed("acme", "bo"), hashed("acmeana"), hashed("acm", "eana")}) == 4
    use_key("another")
    assert hashed("acme", "ana") != first


def test_a_life_leaves_no_word_or_name_in_the_log(
    written: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("allergic to peanuts")

    monkeypatch.setattr(LocalListener, "read", fail)
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.remember("marta-7", "I moved to Lisbon and I am allergic to peanuts.", tenant="acme")
        memory.end_session("marta-7", tenant="acme")
        memory.flush()
    told = written.getvalue().lower()
    assert [line["kind"] for line in lines(written)] == ["listen"], "the failure was told"
    for word in ("lisbon", "peanuts", "marta", "acme"):
        assert word not in told, word
