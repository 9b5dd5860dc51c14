"""PrecisionMemBench: beliefs about a person, and questions that some of them concern, and most do not (tenurehq)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from treering.bench.suites.files import JsonObject, WrongShape, read_json
from treering.bench.suites.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BELIEFS = "beliefs.seed.json"
CASES = "retrieval.cases.json"
SESSIONS = "session-retrieval.cases.json"
"""The files of the suite, in one folder."""

PRECISION = Source(
    name="PrecisionMemBench",
    url="https://github.com/tenurehq/precisionMemBench",
    licence="MIT",
    files=(BELIEFS, CASES, SESSIONS),
    measures="the beliefs that a question concerns stand in the context, and no others",
    tried="all of it",
)

UNIVERSAL = "user:universal"
"""The scope of what holds wherever the person is."""

PERSON = "test-user"
"""Who asks, where a case names nobody."""

Section = Literal["prelude", "pinned", "questions", "relevant"]
"""The parts of a context, as the suite tells them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """One thing that is held of a person."""

    id: str
    person: str
    scope: str
    section: Section
    """Where it may stand: universal preferences in the prelude, pinned ones always, open questions among themselves."""
    kind: str
    """The suite's type: preference, decision, entity, relation, open_question."""
    name: str
    aliases: tuple[str, ...]
    content: str
    since: datetime
    ended: datetime | None
    """When a question was resolved."""
    successor: str | None
    """The belief that supersedes it."""
    is_inferred: bool

    @property
    def said(self) -> str:
        """The belief as a message: its name and its aliases are part of what is known."""
        names = [self.name.replace("_", " "), *self.aliases]
        return f"{self.content} ({', '.join(names)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefQuestion:
    """A question, and what is learned right after it."""

    id: str
    person: str
    scopes: tuple[str, ...]
    text: str
    max_beliefs: int | None
    learns: Belief | None = None
    renames: tuple[str, tuple[str, ...]] | None = None
    """A belief that gets more aliases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefSuite:
    """Beliefs, and questions in order."""

    beliefs: tuple[Belief, ...]
    questions: tuple[BeliefQuestion, ...]


def read_precision(folder: Path) -> BeliefSuite:
    """The suite in a folder: the single cases first, then the sessions, turn by turn.

    Raises:
        InvalidInput: A file is missing, cannot be read, or has another shape.
    """
    file = folder / BELIEFS
    try:
        beliefs = tuple(_belief(one) for one in read_json(file))
        file = folder / CASES
        cases = [_case(one) for one in read_json(file)]
        file = folder / SESSIONS
        turns = [turn for one in read_json(file) for turn in _turns(one)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongShape(file, "PrecisionMemBench", error) from error
    return BeliefSuite(beliefs=beliefs, questions=(*cases, *turns))


def turn_question(case: str, number: int) -> str:
    """The id of the question that a turn of a session asks."""
    return f"{case}#{number}"


def renamed(belief: Belief, aliases: tuple[str, ...]) -> Belief:
    """The belief with more aliases."""
    return replace(belief, aliases=(*belief.aliases, *aliases))


def _belief(one: JsonObject) -> Belief:
    [scope] = one["scope"]
    resolved, created = one["resolved_at"], datetime.fromisoformat(one["created_at"])
    ended = datetime.fromisoformat(resolved) if resolved else None
    return Belief(
        id=one["_id"],
        person=one["user_id"],
        scope=scope,
        section=_section(one, scope),
        kind=one["type"],
        name=one["canonical_name"],
        aliases=tuple(one["aliases"]),
        content=one["content"],
        since=min(created, ended) if ended else created,
        ended=ended,
        successor=one["superseded_by"],
        is_inferred=one["epistemic_status"] == "inferred",
    )


def _section(one: JsonObject, scope: str) -> Section:
    if scope == UNIVERSAL:
        return "prelude"
    if one["type"] == "open_question":
        return "questions"
    return "pinned" if one["pinned"] else "relevant"


def _case(one: JsonObject) -> BeliefQuestion:
    return BeliefQuestion(
        id=one["caseId"],
        person=one.get("userId", PERSON),
        scopes=tuple(one["scope"]),
        text=one["query"],
        max_beliefs=one.get("budget", {}).get("maxBeliefs"),
    )


def _turns(one: JsonObject) -> Iterator[BeliefQuestion]:
    for turn in one["turns"]:
        learned, renames = turn.get("createBeliefAtTurn"), turn.get("updateBeliefAtTurn")
        yield BeliefQuestion(
            id=turn_question(one["caseId"], turn["turnIndex"]),
            person=PERSON,
            scopes=tuple(turn["scope"]),
            text=turn["userMessage"],
            max_beliefs=None,
            learns=_belief(learned) if learned else None,
            renames=(renames["beliefId"], tuple(renames["addAliases"])) if renames else None,
        )
