"""Personal data is found by Presidio's patterns where it is installed, and never by asking the network."""

from __future__ import annotations

import sys

import pytest

from treering.memory.models.personal_data import find_personal_data


@pytest.fixture(autouse=True)
def _afresh() -> None:
    find_personal_data.cache_clear()


def test_without_the_extra_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    assert find_personal_data() is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Call me on +351 912 345 678.", ("a phone number",)),
        ("Write to ana@example.com.", ("an e-mail address",)),
        ("I have two cats, was born in 1990 and run 10 km at 5:30.", ()),
    ],
)
@pytest.mark.filterwarnings("ignore")  # those of a package that is not ours
def test_what_is_found(text: str, kinds: tuple[str, ...]) -> None:
    pytest.importorskip("presidio_analyzer")
    find = find_personal_data()
    assert find is not None
    assert find(text) == kinds
