"""A yes makes a statement of what the assistant said before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from treering.memory.drafting import Unresolved, resolve
from treering.schemas.claims import Evidence
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.operations import Add
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def loves_tea(message: str) -> Draft:
    return Draft(kind="ADD", path="taste.food", text="loves tea", quote="you love tea", message_id=message)


def talk(*said: tuple[Role, str], names: dict[int, str] | None = None) -> list[Turn]:
    return [
        Turn(
            message_id=f"m{n}",
            session="s",
            index=n,
            seq=n + 1,
            role=role,
            content=content,
            at=NOON + timedelta(hours=n),
            speaker=(names or {}).get(n),
        )
        for n, (role, content) in enumerate(said)
    ]


def test_a_yes_makes_a_statement_of_what_the_assistant_said_before_it(small_trunk: Trunk) -> None:
    turns = talk(("user", "Hi."), ("assistant", "So you love tea?"), ("user", " Yes! "))
    draft = loves_tea("m1")
    for context in (0, 1, 2):  # the yes alone has to be new
        heard = Window(session="s", turns=tuple(turns[context:]), context=tuple(turns[:context]))
        found = resolve(draft, trunk=small_trunk, forest={}, window=heard, now=NOON)
        assert isinstance(found, Add)
        assert found.claim.evidence == (
            Evidence(message_id="m1", quote="you love tea", start=3),
            Evidence(message_id="m2", quote="Yes!", start=1),
        )
        assert (found.claim.order, found.claim.valid_from) == (3, NOON + timedelta(hours=2))


@pytest.mark.parametrize(
    ("said", "names", "new"),
    [
        ([("assistant", "So you love tea?"), ("user", "No.")], {}, 1),
        ([("assistant", "So you love tea?"), ("assistant", "Yes!")], {}, 1),
        ([("assistant", "So you love tea?"), ("user", "Yes!")], {1: "Bo"}, 1),
        ([("assistant", "So you love tea?"), ("user", "Yes!"), ("user", "Ok.")], {}, 2),
        ([("user", "So you love tea?"), ("user", "Yes!")], {}, 1),
        ([("assistant", "So you love tea?"), ("user", "Hm."), ("user", "Yes!")], {}, 1),
    ],
)
def test_nothing_else_makes_a_statement_of_what_was_said_before_the_window(
    small_trunk: Trunk, said: list[tuple[Role, str]], names: dict[int, str], new: int
) -> None:
    turns = talk(*said, names=names)
    heard = Window(session="s", turns=tuple(turns[new:]), context=tuple(turns[:new]), owner="Ana")
    draft = loves_tea("m0")
    found = resolve(draft, trunk=small_trunk, forest={}, window=heard, now=NOON)
    assert found == Unresolved(rule="unknown-message", why="'m0' is not in the window")
