"""Beliefs as claims of a tree: what of them enters a context."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from treering.bench.suites.precision import UNIVERSAL, renamed
from treering.bench.systems.port import CONTEXT_TOKENS
from treering.bench.systems.treering import BenchClock, DeafListener
from treering.client.memory import Memory
from treering.memory.drafting import claim_id
from treering.memory.stores import SqlStore
from treering.schemas.claims import SELF, Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch, Delete, Update
from treering.schemas.trunk import Slot, Trunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from treering.bench.suites.precision import Belief, BeliefQuestion
    from treering.memory.ports import Embedder
    from treering.schemas.operations import Operation
    from treering.schemas.recall import Mode

TRUNK = Trunk(
    name="beliefs",
    version=1,
    description="What an assistant for code and prose holds of a person: one slot a type of belief.",
    branches=(),
    slots=(
        Slot(path="prelude", description="How the person wants to be answered, whatever it is about.", always=True),
        Slot(path="pinned", description="Decisions and facts that hold for all work of a kind.", always=True),
        Slot(path="questions", description="What the person has not decided yet.", always=True),
        Slot(path="preference", description="Tools, libraries and ways of working that the person prefers."),
        Slot(path="decision", description="What was decided about a project."),
        Slot(path="entity", description="Parts of a project: services, systems, characters, chapters."),
        Slot(path="relation", description="What depends on what in a project."),
        Slot(path="open_question", description="What was being decided about a project."),
    ),
)
"""Slots that always apply stand for what the suite calls the persona prelude, pinned facts and open questions."""

_LATER = timedelta(days=1)
"""Questions are asked so long after the last belief."""

_REVISION = "@"
"""Stands between the id of a belief and the number of claims that its message replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surfaced:
    """What a recall read out: ids of beliefs, and words."""

    beliefs: frozenset[str]
    context: str


class BeliefMemory:
    """An embedded memory in which each belief is a message of the person, and a claim that rests on it.

    Args:
        embedder: The embedder.
        mode: The mode of recall.
        beliefs: What is known before the first question.
    """

    def __init__(self, embedder: Embedder, mode: Mode, beliefs: Iterable[Belief]) -> None:
        self._embedder = embedder
        self._mode: Mode = mode
        self._beliefs: dict[str, Belief] = {}
        self._claims: dict[str, Claim] = {}
        self._clock = BenchClock()
        self._folder = TemporaryDirectory(prefix="treering-bench-")
        self._memory = Memory(
            self._folder.name,
            embedder=embedder,
            trunk=TRUNK,
            listener=DeafListener(),
            clock=self._clock,
            background=False,
        )
        self._learn(beliefs)

    def ask(self, question: BeliefQuestion) -> Surfaced:
        """What the context of a question holds; afterwards, what the question says is learned.

        Raises:
            InvalidInput: The question is empty.
        """
        recalled = self._memory.recall(
            question.person,
            question.text,
            mode=self._mode,
            where={"scope": (*question.scopes, UNIVERSAL)},
            budget_tokens=CONTEXT_TOKENS if question.max_beliefs is None else 0,
        )
        if question.learns is not None:
            self._learn([question.learns])
        if question.renames is not None:
            belief, aliases = question.renames
            self._learn([renamed(self._beliefs[belief], aliases)])
        return Surfaced(
            beliefs=frozenset(one.partition(_REVISION)[0] for line in recalled.lines for one in line.message_ids),
            context=recalled.context,
        )

    def close(self) -> None:
        """Remove the store."""
        self._memory.close()
        self._folder.cleanup()

    def _learn(self, beliefs: Iterable[Belief]) -> None:
        """Store messages and claims: what supersedes a belief is an UPDATE of it, what was resolved has ended."""
        new = list(beliefs)
        known = {**self._beliefs, **{one.id: one for one in new}}
        new.sort(key=lambda one: -len(_successors(one, known)))  # what is superseded comes first
        store = SqlStore(self._memory.settings.store_url, TRUNK, fingerprint=self._embedder.fingerprint)
        with closing(store):
            for belief in new:
                path = _slot([belief, *_successors(belief, known)][-1])
                former = [one.id for one in self._beliefs.values() if belief.id in (one.id, one.successor)]
                self._commit(store, belief, path, tuple(self._claims[one].id for one in former))
                self._beliefs[belief.id] = belief
        for person in {one.person for one in new}:
            self._memory.flush(person)

    def _commit(self, store: SqlStore, belief: Belief, path: str, former: tuple[str, ...]) -> None:
        scope = Scope(user=belief.person)
        message = f"{belief.id}{_REVISION}{len(former)}"
        said = Message(content=belief.said, id=message, at=belief.since, metadata={"scope": belief.scope})
        self._clock.moment = max(self._clock.moment, belief.since + _LATER)
        self._memory.remember(belief.person, said, session=message)
        claim = Claim(
            id=claim_id(message, belief.said, SELF, path),
            path=path,
            text=belief.said,
            valid_from=belief.since,
            recorded_at=belief.since,
            evidence=(Evidence(message_id=message, quote=belief.said, start=0),),
            origin="inferred" if belief.is_inferred else "stated",
            supersedes=former,
        )
        self._claims[belief.id] = claim
        operations: list[Operation] = [Update(claim=claim) if former else Add(claim=claim)]
        if belief.ended is not None:
            operations.append(Delete(path=path, target=claim.id, reason="ended", at=belief.ended))
        with store.begin() as unit:
            batch = Batch(id=message, operations=tuple(operations), recorded_at=belief.since, author="manual")
            unit.ledger.commit(scope, batch, expected_version=unit.ledger.head(scope).version)


def _successors(belief: Belief, known: Mapping[str, Belief]) -> list[Belief]:
    """What superseded a belief, what superseded that, and so on."""
    found: list[Belief] = []
    after = known.get(belief.successor or "")
    while after is not None and after not in found:
        found.append(after)
        after = known.get(after.successor or "")
    return found


def _slot(belief: Belief) -> str:
    """Where a belief stands: in a slot that always applies, or in that of its kind."""
    is_bound = belief.section != "relevant" and belief.ended is None
    return belief.section if is_bound else belief.kind
