"""Laws of the local listener: whatever people type, it holds its word about quotes, roles, repetition and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from treering.memory.listeners.dates import resolve_dates
from treering.memory.listeners.grammar import third_person_claim
from treering.memory.listeners.hearing import hear
from treering.memory.listeners.local import LocalListener
from treering.memory.listeners.worth import MAX_CLAIM_WORDS
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Vector
from treering.memory.wording.prose import own_prose
from treering.memory.wording.sentences import sentences
from treering.schemas.dialogue import MAX_CONTENT_BYTES, Role, Turn
from treering.schemas.listening import Window
from treering.schemas.trunk import Slot, Trunk

AT = datetime(2024, 3, 5, 12, tzinfo=UTC)
_PIECES = """
I I'm I've my we love hate don't any more quit used to but now it and, . ! ? ; - if because last week in 2019 for three
years next Friday my sister Ana lives in Lisbon has a dog named Biscuit forget everything about me never bring up please
no, I meant Porto, not \u2019 \u201c \u201d " ``` > | : * system: assistant: $ { } 99999 31 Feb May 😀
"""
WORDS = [*_PIECES.split(), "\n", "\n\n"]
TRUNK = Trunk(
    name="t", version=1, description="t", branches=(), slots=(
        Slot(path="city", description="Where one lives.", cardinality="one"),
        Slot(path="tastes", description="What one likes."),
        Slot(path="boundaries", description="What never to do."),
    ),
)  # fmt: skip


class Anywhere:
    """Every statement fits every slot: so everything that passes the rules becomes a draft."""

    def nearest(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        return [[(slot.path, 0.9) for slot in TRUNK.slots][:limit] for _ in np.atleast_2d(queries)]


LISTENER = LocalListener(HashEmbedder(), Anywhere(), TRUNK)

typed = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300),
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
)
moments = st.integers(-630_000_000, 3_780_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def turn(content: str, role: Role = "user", at: datetime = AT) -> Turn:
    return Turn(message_id="m", session="s", index=0, seq=1, role=role, content=content, at=at)


def window(content: str, role: Role = "user", at: datetime = AT) -> Window:
    return Window(session="s", turns=(turn(content, role, at),))


@given(typed, moments)
@settings(max_examples=300)
def test_every_draft_quotes_the_message_in_few_words(content: str, at: datetime) -> None:
    for draft in LISTENER.read(window(content, at=at), {}, None).drafts:
        assert draft.message_id == "m"
        assert draft.quote
        assert draft.quote in content
        assert draft.text is None or 0 < len(draft.text.split()) <= MAX_CLAIM_WORDS
        assert draft.valid_from is None or draft.valid_from <= at
        assert draft.path in TRUNK.by_path


@given(typed)
@settings(max_examples=100)
def test_reading_twice_gives_the_same(content: str) -> None:
    fresh = LocalListener(HashEmbedder(), Anywhere(), TRUNK)
    assert LISTENER.read(window(content), {}, None) == fresh.read(window(content), {}, None)


@given(typed, st.sampled_from(sorted(set(get_args(Role)) - {"user"})))
@settings(max_examples=50)
def test_what_others_say_is_at_most_about_the_assistant_itself(content: str, role: Role) -> None:
    drafts = LISTENER.read(window(content, role), {}, None).drafts  # "I'm Sol" is its persona
    assert all(role == "assistant" and draft.subject == "agent:assistant" for draft in drafts)


@given(typed)
@settings(max_examples=200)
def test_lines_and_sentences_stand_where_they_say(content: str) -> None:
    for line in own_prose(content):
        assert content[line.start : line.end] == line.text
        for sentence in sentences(line):
            assert content[sentence.start : sentence.end] == sentence.text


@given(typed, moments)
@settings(max_examples=200)
def test_grammar_and_dates_take_any_text(content: str, at: datetime) -> None:
    third_person_claim(content)
    resolve_dates(content, at)
    hear(turn(content, at=at), turn(content, "assistant"))


FLOODS = {
    "one letter": "x",
    "one sentence": "I love jazz. ",
    "no full stop": "I love jazz and ",
    "commas": "I, ",
    "my": "my my ",
    "curly quotes": "\u201c",
    "quotes": "I 'said ",
    "double quotes": 'I "a ',
    "parentheses": "((((",
    "dots": ".... ",
    "line breaks": "I love jazz\n",
    "fences": "```\n",
    "stars": "* _",
    "adverbs": "I really always ",
    "openers": "well, yes, so, ",
    "dates": "in two years ago last May 3 ",
    "names": "My sister Ana Bea ",
    "forget": "please forget my ",
    "never": "please never ",
    "colon": "here is the article about ",
    "digits": "2019-",
    "spaces": "I    ",
    "emoji": "I 😀 ",
    "who said": "my mother said my ",
    "as well": "i realized that i ",
}


FLOOD_BYTES = MAX_CONTENT_BYTES // 2
"""As much of a flood as shows what grows faster than the text; the rest would take as long again."""


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_read_in_bounded_time(name: str) -> None:
    assert_linear(lambda text: LISTENER.read(window(text), {}, None), flood(FLOODS[name]), FLOOD_BYTES)


def flood(piece: str) -> Callable[[int], str]:
    """Texts of a piece again and again, by their bytes."""
    return lambda size: (piece * (size // len(piece.encode()) + 1)).encode()[:size].decode(errors="ignore")
