"""The local listener with the heads that ship and the bundled embedder: where statements go, and what they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering.memory.drafting import resolve
from treering.memory.listeners.heads.files import shipped_heads
from treering.memory.listeners.local import LocalListener
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.minilm import MiniLMEmbedder
from treering.memory.models.slot_cache import load_slot_vectors
from treering.memory.operations import plant
from treering.memory.tree import PersonaTree
from treering.schemas.claims import SELF
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.operations import Add, Delete, NoOp, Update
from treering.schemas.trunks import load_trunk
from treering.settings import Settings

TRUNK = load_trunk("core")
AT = datetime(2024, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def listener() -> LocalListener:
    cache_dir: Path = Settings().cache_dir
    embedder = MiniLMEmbedder(cache_dir)
    return LocalListener(embedder, load_slot_vectors(TRUNK, embedder, cache_dir), TRUNK, heads=shipped_heads)


def told(listener: LocalListener, *said: str) -> tuple[list[Draft], list[str]]:
    """What each message was drafted to, and the claims that are current at the end."""
    trees: dict[str, PersonaTree] = {}
    drafts: list[Draft] = []
    for number, text in enumerate(said):
        at = AT + timedelta(days=number)
        turn = Turn(
            message_id=f"m{number}", session="s", index=number, seq=number + 1, role="user", content=text, at=at
        )
        window = Window(session="s", turns=(turn,))
        for draft in listener.read(window, trees, None).drafts:
            drafts.append(draft)
            operation = resolve(draft, trunk=TRUNK, forest=trees, window=window, now=at)
            assert isinstance(operation, Add | Update | Delete | NoOp), operation
            trees = plant(TRUNK, [operation], trees)
    tree = trees.get(SELF)
    return drafts, [claim.text for claim in tree.current()] if tree else []


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("I run every morning.", "habits.exercise"),
        ("I grew up with three brothers.", "relationships.siblings"),
        ("I no longer work at Google.", "work.job"),
        ("I'm a nurse at a children's hospital.", "work.job"),
        ("I take metformin.", "health.treatment"),
        ("My sister is a vet.", "relationships.siblings"),
        ("My sister is allergic to peanuts.", "relationships.siblings"),
        ("My mum uses a wheelchair.", "relationships.parents"),
        ("My grandmother has diabetes.", "relationships.relatives"),
        ("I never want to sleep in a tent again.", "preferences.lodging"),
    ],
)
def test_a_statement_goes_where_a_person_would_look_for_it(listener: LocalListener, said: str, path: str) -> None:
    [draft], _ = told(listener, said)
    assert draft.path == path


@pytest.mark.parametrize(
    ("liked", "disliked"),
    [
        ("I love jazz.", "I find jazz boring these days."),
        ("I love sushi.", "I've gone off sushi."),
        ("I drink a lot of coffee.", "I can't stand coffee now."),
        ("I hate mornings.", "I've come to love early mornings."),
        ("I prefer tea to coffee.", "I prefer coffee to tea."),
        ("I have two cats.", "I have three cats."),
    ],
)
def test_a_like_that_turns_is_an_update(listener: LocalListener, liked: str, disliked: str) -> None:
    drafts, current = told(listener, liked, disliked)
    assert [draft.kind for draft in drafts] == ["ADD", "UPDATE"]
    assert len(current) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I love jazz.", "I love rock."),
        ("I love tea.", "I love coffee."),
        ("I have a dog named Rex.", "I have a dog named Luna."),
        ("I love cats.", "I'm allergic to cat hair."),
        ("I'm allergic to peanuts.", "I'm allergic to shellfish."),
        ("My brother lives in Rome.", "My sister lives in Rome."),
        ("I love Italian food.", "I took an Italian cooking class last year."),
        ("I visited Peru in 2018.", "I visited Chile in 2019."),
        ("I prefer tea to coffee.", "I prefer tea to juice."),
        ("I have two cats.", "I have three brothers."),
        ("I love coffee.", "I hate coffee when I'm travelling."),
    ],
)
def test_different_things_stand_side_by_side(listener: LocalListener, first: str, second: str) -> None:
    drafts, current = told(listener, first, second)
    assert [draft.kind for draft in drafts] == ["ADD", "ADD"]
    assert len(current) == 2


@pytest.mark.parametrize(
    ("plain", "fuller"),
    [
        ("I have a dog.", "My dog is called Biscuit."),
        ("I have a sister.", "My sister is called Ana."),
    ],
)
def test_a_fuller_statement_takes_the_place_of_a_plain_one(listener: LocalListener, plain: str, fuller: str) -> None:
    drafts, current = told(listener, plain, fuller)
    assert [draft.kind for draft in drafts] == ["ADD", "UPDATE"]
    assert len(current) == 1


def test_heads_of_another_embedder_or_trunk_are_left_aside() -> None:
    embedder = HashEmbedder()
    slots = load_slot_vectors(TRUNK, embedder, Settings().cache_dir)
    plain, headed = (LocalListener(embedder, slots, TRUNK, heads=heads) for heads in (None, shipped_heads))
    said = ("I love jazz.", "I run every morning.", "I no longer work at Google.")
    assert told(plain, *said) == told(headed, *said)
