"""What is over, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.cessation import ending


@pytest.mark.parametrize(
    ("claim", "former", "negative"),
    [
        ("doesn't eat meat any more", "eat meat", "no longer eats meat"),
        ("doesn't smoke anymore", "smoke", "no longer smokes"),
        ("isn't vegan any more", "is vegan", "is no longer vegan"),
        ("can't run any longer", "can run", "can no longer run"),
        ("is no longer vegan", "vegan", "is no longer vegan"),
        ("no longer likes tea", "likes tea", "no longer likes tea"),
        ("quit smoking", "smoking", "quit smoking"),
        ("has stopped drinking coffee", "drinking coffee", "has stopped drinking coffee"),
        ("gave up dairy", "dairy", "gave up dairy"),
        ("quit their job", "has a job, works", "quit their job"),
        ("was laid off", "has a job, works", "was laid off"),
        ("broke up with Tom", "is in a relationship with Tom", "broke up with Tom"),
        ("got divorced", "is married to", "got divorced"),
        ("sold their car in May 2024", "owns car", "sold their car in May 2024"),
        ("lost interest in chess", "likes chess", "lost interest in chess"),
        ("used to love jazz", "love jazz", "used to love jazz"),
    ],
)
def test_a_sure_ending(claim: str, former: str, negative: str) -> None:
    found = ending(claim)
    assert found is not None
    assert (found.former.strip(), found.negative, found.is_sure) == (former, negative, True)


@pytest.mark.parametrize("claim", ["loves tea", "started a job", "is allergic to nuts", ""])
def test_no_ending(claim: str) -> None:
    assert ending(claim) is None


def test_a_plain_denial_may_never_have_been_otherwise() -> None:
    found = ending("doesn't like tea")
    assert found is not None
    assert not found.is_sure
