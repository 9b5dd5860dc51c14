"""What is said of a foreign document that cannot be used: why, in words of our own, and nothing that stands in it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from treering.errors import InvalidExport
from treering.memory.exchange.foreign.formats import FORMATS
from treering.memory.exchange.loading import load, understand

HIDDEN = "hunter2"


def test_a_message_of_a_reader_or_a_library_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: object) -> None:
        int(HIDDEN)  # whose error quotes what it was given

    monkeypatch.setitem(FORMATS, "zep", SimpleNamespace(read=read))  # type: ignore[arg-type]
    with pytest.raises(InvalidExport) as refused:
        understand([], "zep", "a document")
    assert "something in it has not the form that zep gives it" in str(refused.value)
    assert HIDDEN not in str(refused.value)


def test_what_is_ours_to_say_is_said() -> None:
    both = [{"id": str(number), "memory": "x", "user_id": HIDDEN + str(number)} for number in range(2)]
    with pytest.raises(InvalidExport, match="memories of 2 people; filter them by user_id") as refused:
        understand(both, "mem0", "a document")
    assert HIDDEN not in str(refused.value)
    with pytest.raises(InvalidExport, match="its format is not known"):
        understand({}, None, "a document")


def test_of_a_long_name_little_is_told() -> None:
    name = "x" * 10_000
    with pytest.raises(InvalidExport, match="stands twice") as refused:
        load(f'{{"{name}": 1, "{name}": 2}}'.encode(), "a document")
    assert len(str(refused.value)) < 200
