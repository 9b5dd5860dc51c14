"""Questions to the memory of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.intake import as_condition, as_moment, as_number, check_question
from treering.client.recollection import SEARCH_LIMIT, as_question
from treering.client.remote.face import RemoteFace, as_text, person
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.pages import Page
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, Mode, Recall, SearchHit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from treering.client.intake import Condition
    from treering.schemas.dialogue import Scalar

AGENTIC_TIMEOUT_S = 120.0
"""How long a recall may take that may ask a chat model several times, in seconds."""


class RemoteRecollection(RemoteFace):
    """Questions. What cannot be asked is refused here, before anything is sent."""

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
        """What matters now of all that is known, within a token budget; see `Memory.recall`."""
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
        body = {
            "query": query,
            "mode": mode,
            "budget_tokens": budget_tokens,
            "as_of": as_text(question.as_of),
            "known_at": as_text(question.known_at),
            "where": _lists(question.where),
            "exclude": sorted(question.exclude),
            "explain": explain,
        }
        named, waits = person(user, tenant, "recall"), AGENTIC_TIMEOUT_S if mode in ("auto", "agentic") else None
        return self._connection.post(Recall, "/v1/recall", body, is_repeatable=True, timeout_s=waits, user=named)

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
        """The turns that answer a question best; see `Memory.search`. The server gives 500 at most."""
        check_question(query, "hybrid", 0)
        body = {
            "query": query,
            "limit": as_number("limit", limit),
            "since": as_text(as_moment(since, "since")),
            "until": as_text(as_moment(until, "until")),
            "where": _lists(as_condition(where)),
            "explain": explain,
        }
        named = person(user, tenant, "search")
        return self._connection.post(Page[SearchHit], "/v1/search", body, is_repeatable=True, user=named).items


def _lists(where: Mapping[str, frozenset[Scalar]]) -> dict[str, list[Scalar]]:
    return {name: list(values) for name, values in where.items()}
