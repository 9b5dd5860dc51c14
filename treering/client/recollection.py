"""The SDK's part for reading back: recall within a budget, and search in what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_condition, as_ids, as_moment, as_number, as_scope, check_question
from treering.memory.asking import Question
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, Mode, Recall, SearchHit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from treering.client.intake import Condition

SEARCH_LIMIT = 10
"""Turns that a search gives when nobody says how many."""


class Recollection(Face):
    """Questions to the memory."""

    def recall(
        self,
        user: str,
        query: str,
        *,
        mode: Mode = "auto",
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        where: Mapping[str, Condition] | None = None,
        exclude: Sequence[str] = (),
        explain: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> Recall:
        """What matters now of all that is known, within a token budget. Turns count from the moment they are stored.

        Args:
            user: The person. Unknown people have an empty recall.
            query: The question, or the message to be answered.
            mode: `tree` (claims only), `hybrid` (claims and turns), `agentic` (several searches, for questions with
                several parts or steps), or `auto` to have it decided.
            budget_tokens: What the context may cost.
            as_of: The moment for which it should be true, with a time zone; by default `known_at`, or else now.
            known_at: Only what was said and committed by then counts; by default everything.
            where: Values that turns must have in their metadata, one or several a name; a claim must rest on such a
                turn.
            exclude: Message ids that must not be read out, e.g. of the message to be answered.
            explain: Fill in how each line was found, and the timings.
            tenant: The customer or application.

        Raises:
            InvalidInput: The question is empty, the mode unknown, the budget negative, a moment without a time zone, or
                a condition none.
        """
        question = as_question(
            query,
            mode=mode,
            budget_tokens=budget_tokens,
            as_of=as_of,
            known_at=known_at,
            where=where,
            exclude=exclude,
            explain=explain,
        )
        scope = as_scope(user, tenant, "recall")
        decision = self.agentic.decision(question)
        if decision is not None:
            return self.agentic.recall(scope, question, decision)
        return self._engine.recall(scope, question)

    def search(
        self,
        user: str,
        query: str,
        *,
        limit: int = SEARCH_LIMIT,
        since: datetime | None = None,
        until: datetime | None = None,
        where: Mapping[str, Condition] | None = None,
        explain: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> tuple[SearchHit, ...]:
        """The turns that answer a question best, best first, whether or not what they say is still so.

        Unlike `recall` it has no budget and no floor, so the last hits may have little to do with the question. What
        rests on a special slot stays out unless the question concerns it.

        Args:
            user: The person. Of unknown people nothing is found.
            query: What is looked for, in words.
            limit: Most turns.
            since: Only turns said at or after this moment.
            until: Only turns said before this moment.
            where: Values that turns must have in their metadata, one or several a name.
            explain: Fill in how each turn was found.
            tenant: The customer or application.

        Raises:
            InvalidInput: The question is empty, the limit less than 1, a moment without a time zone, or a condition
                none.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     _ = memory.remember("bo", {"role": "user", "content": "The boat is called Alma.", "id": "b1"})
            ...     [hit.text for hit in memory.search("bo", "What is the boat called?")]
            ['The boat is called Alma.']
        """
        check_question(query, "hybrid", 0)
        question = Question(
            text=query,
            mode="hybrid",
            since=as_moment(since, "since"),
            until=as_moment(until, "until"),
            where=as_condition(where),
            explain=explain,
        )
        return self._engine.search(as_scope(user, tenant, "search"), question, as_number("limit", limit))


class AsyncRecollection(AsyncFace):
    """`Recollection` for event loops."""

    async def recall(
        self,
        user: str,
        query: str,
        *,
        mode: Mode = "auto",
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        where: Mapping[str, Condition] | None = None,
        exclude: Sequence[str] = (),
        explain: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> Recall:
        """What matters now; see `Memory.recall`. Cancelling it ends the call of a chat model in this process."""
        question = as_question(
            query,
            mode=mode,
            budget_tokens=budget_tokens,
            as_of=as_of,
            known_at=known_at,
            where=where,
            exclude=exclude,
            explain=explain,
        )
        memory = self.memory
        decision = memory.agentic.decision(question) if isinstance(memory, Recollection) else None
        if isinstance(memory, Recollection) and decision is not None:
            return await memory.agentic.arecall(as_scope(user, tenant, "recall"), question, decision)
        return await in_thread(
            self.memory.recall,
            user,
            query,
            mode=mode,
            budget_tokens=budget_tokens,
            as_of=as_of,
            known_at=known_at,
            where=where,
            exclude=exclude,
            explain=explain,
            tenant=tenant,
        )

    async def search(
        self,
        user: str,
        query: str,
        *,
        limit: int = SEARCH_LIMIT,
        since: datetime | None = None,
        until: datetime | None = None,
        where: Mapping[str, Condition] | None = None,
        explain: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> tuple[SearchHit, ...]:
        """The turns that answer a question best; see `Memory.search`."""
        return await in_thread(
            self.memory.search,
            user,
            query,
            limit=limit,
            since=since,
            until=until,
            where=where,
            explain=explain,
            tenant=tenant,
        )


def as_question(
    query: str,
    *,
    mode: Mode,
    budget_tokens: int,
    as_of: datetime | None,
    known_at: datetime | None,
    where: Mapping[str, Condition] | None,
    exclude: Sequence[str],
    explain: bool,
) -> Question:
    """What a recall asks, checked."""
    check_question(query, mode, budget_tokens)
    return Question(
        text=query,
        mode=mode,
        budget_tokens=budget_tokens,
        as_of=as_moment(as_of),
        known_at=as_moment(known_at, "known_at"),
        where=as_condition(where),
        exclude=frozenset(as_ids("exclude", exclude)),
        explain=explain,
    )
