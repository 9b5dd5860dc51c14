"""A memory small enough to see through, and a guard against real models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from treering.errors import MessageConflict, TreeringError
from treering.schemas.dialogue import Message, Receipt
from treering.schemas.recall import Decision, Recall
from treering.testing import forbid_network

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class FakeMemory:
    """Keeps messages by person; recalls all of them that share a word with the query, or what a test planted."""

    planted: dict[str, str] = field(default_factory=dict)
    """Context by user."""
    events: list[tuple[str, ...]] = field(default_factory=list)
    """Every call, in order: (method, person, what)."""
    kept: dict[tuple[str, str], dict[str, tuple[str, Message]]] = field(default_factory=dict)
    excluded: list[tuple[str, ...]] = field(default_factory=list)
    remember_fails: list[TreeringError | None] = field(default_factory=list)
    """Raised by the next calls of `remember`, one each; None: not."""
    recall_fails: Exception | None = None

    def remember(self, user: str, messages: Sequence[Message], *, session: str, tenant: str) -> Receipt:
        if self.remember_fails and (error := self.remember_fails.pop(0)):
            raise error
        mine = self.kept.setdefault((tenant, user), {})
        for turn in messages:
            if turn.id in mine and mine[turn.id][1].content != turn.content:
                raise MessageConflict(turn.id)
        known = [str(turn.id) for turn in messages if turn.id in mine]
        for turn in messages:
            self.events.append((f"remember {turn.role}", user, turn.content))
            mine.setdefault(str(turn.id), (session, turn))
        stored = [str(turn.id) for turn in messages if str(turn.id) not in known]
        return Receipt(session=session, stored=tuple(stored), known=tuple(known))

    def recall(self, user: str, query: str, *, budget_tokens: int, exclude: Sequence[str], tenant: str) -> Recall:
        self.events.append(("recall", user, query))
        self.excluded.append(tuple(exclude))
        if self.recall_fails:
            raise self.recall_fails
        words = set(query.lower().split())
        found = [
            turn.content
            for name, (_, turn) in self.kept.get((tenant, user), {}).items()
            if name not in exclude and words & set(turn.content.lower().split())
        ]
        context = "\n".join([*([self.planted[user]] if user in self.planted else []), *found])
        decision = Decision(mode="hybrid", rule="fake")
        return Recall(query=query, context=context, decision=decision, budget_tokens=budget_tokens, as_of=NOON)

    def said(self, user: str, *, tenant: str = "default", session: str | None = None) -> list[tuple[str, str]]:
        """Role and content of what is kept of a person, in order."""
        return [
            (turn.role, turn.content)
            for where, turn in self.kept.get((tenant, user), {}).values()
            if session in (None, where)
        ]


@pytest.fixture
def memory() -> FakeMemory:
    return FakeMemory()


@pytest.fixture(autouse=True)
def _no_real_models() -> Iterator[None]:
    with forbid_network():
        yield
