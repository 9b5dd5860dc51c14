"""The law of whose memory it is: a claim is about its speaker, or about a person whom the text names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from treering.memory.listeners.cast import MAX_LABEL_CHARS
from treering.memory.listeners.local import LocalListener
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Vector
from treering.memory.whose import whose
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Window
from treering.schemas.trunk import Slot, Trunk

AT = datetime(2024, 3, 5, 12, tzinfo=UTC)
SHOWN_CHARS = MAX_LABEL_CHARS - 3
"""Of a label, without the brackets around it and the blank before."""
TRUNK = Trunk(
    name="t", version=1, description="t", branches=(), slots=(
        Slot(path="city", description="Where one lives.", cardinality="one"),
        Slot(path="tastes", description="What one likes."),
        Slot(path="boundaries", description="What never to do."),
    ),
)  # fmt: skip
_PIECES = """
I I'm we my our love hate live in was made is are has have named called who and but , . ! ? : ; " 's said she he they it
sister brother boss wife and I mother-in-law friend Ana Bo Zoe Tom O'Neil \u00c9mile Porto a vet 9 allergic to nuts
my sister Ana is a vet. My brother Tom, who Ana's brother friends with their her his never don't any more forget
"""
PIECES = [*_PIECES.split()]
SENTENCES = [
    "My sister Ana is a vet.",
    "She is allergic to nuts.",
    "Ana's husband Tom hates rock.",
    "Tom said: I love sushi.",
    "I'm Sol, I was made in Lisbon.",
    "My boss Ana and I love jazz.",
    "He lives in Leeds.",
    "Zoe is my friend, and she quit her job.",
    "We moved to Porto.",
    "Forget everything about my sister Ana.",
    "No, I meant Hull, not Leeds.",
]


class Anywhere:
    """Every statement fits every slot: so everything that passes the rules becomes a draft."""

    def nearest(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        return [[(slot.path, 0.9) for slot in TRUNK.slots][:limit] for _ in np.atleast_2d(queries)]


LISTENER = LocalListener(HashEmbedder(), Anywhere(), TRUNK)
names = st.none() | st.sampled_from(["Ana", "ana silva", "Bo", "Zoe", "Tom", "\u2605", "self", "x" * 200, "a:b (c)"])
typed = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join),
    st.lists(st.sampled_from(SENTENCES), max_size=6).map(" ".join),
)
said = st.tuples(st.sampled_from(get_args(Role)), names, typed)


def window(turns: list[tuple[Role, str | None, str]], owner: str | None) -> Window:
    made = [
        Turn(message_id=f"m{at}", session="s", index=at, seq=at + 1, role=role, speaker=who, content=content, at=AT)
        for at, (role, who, content) in enumerate(turns)
    ]
    return Window(session="s", turns=tuple(made), owner=owner)


@given(st.lists(said, min_size=1, max_size=4), names)
@settings(max_examples=300)
def test_a_claim_is_about_its_speaker_or_a_person_whom_the_text_names(
    turns: list[tuple[Role, str | None, str]], owner: str | None
) -> None:
    heard = window(turns, owner)
    told = {turn.message_id: turn for turn in heard.turns}
    for draft in LISTENER.read(heard, {}, None).drafts:
        turn = told[draft.message_id or ""]
        me = whose(turn, heard)
        assert me is not None, "nobody's words are learned from"
        if draft.subject != me:
            assert turn.role == "user"
            kind, _, name = draft.subject.partition(":")
            assert kind == "person"
            first, _, label = name.partition(" (")
            assert first in turn.content
            is_cut = len(label.rstrip(")")) >= SHOWN_CHARS - 2  # of a tie of a tie, the end may be missing
            is_told = is_cut or me.removeprefix("person:")[:20] in name
            assert me == "self" or is_told, "people of others say whose they are"
