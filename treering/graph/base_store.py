"""A LangGraph store in which what is known of people can be read, beside a store of the application's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from anyio.to_thread import run_sync
from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    TTLConfig,
    validate_op_namespace,
)
from typing_extensions import override

from treering.errors import InvalidInput
from treering.graph.matching import fits, matches
from treering.memory.retrieval.sparse import terms
from treering.schemas.claims import SELF, Claim
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.recall import Mode, Recall, SearchHit
from treering.schemas.trunk import Sensitivity
from treering.schemas.views import SubjectView, TreeView

PERSONA = "persona"
"""First label of the namespaces that are ours."""

SEARCH_BUDGET_TOKENS = 8_000
"""What the claims may cost that recall names to a search by words, in tokens: some 300 claims."""

SEARCH_TURNS = 200
"""Turns by which a search by words ranks the claims that rest on them, the nearest."""

Namespace = tuple[str, ...]


class PersonaMemory(Protocol):
    """What the store needs of a memory; `treering.Memory` is one."""

    def recall(self, user: str, query: str, *, mode: Mode, budget_tokens: int, tenant: str) -> Recall:
        """The context for `query`."""
        ...

    def search(self, user: str, query: str, *, limit: int, tenant: str) -> tuple[SearchHit, ...]:
        """The turns that are nearest to `query`."""
        ...

    def tree(self, user: str, *, subject: str, tenant: str) -> TreeView:
        """What is known now of a subject."""
        ...

    def subjects(self, user: str, *, tenant: str) -> list[SubjectView]:
        """Whom something is known of."""
        ...


def persona_namespace(user: str, path: str | None = None, *, subject: str = SELF) -> Namespace:
    """The namespace of a person's slot or branch, or without a path of all that is known of a subject.

    LangGraph allows no period in a label: in the names of people and subjects it is escaped.

    Example:
        >>> from treering.graph.base_store import persona_namespace
        >>> persona_namespace("ana@example.com", "health.allergies")
        ('persona', 'ana@example%2Ecom', 'self', 'health', 'allergies')
    """
    return (PERSONA, _label(user), _label(subject), *(path.split(".") if path else ()))


class PersonaStore(BaseStore):
    """What is known of people, as a LangGraph store that is read and not written.

    An item is a claim that holds now. Its namespace is `("persona", user, subject, *slot)`, its key the claim's id, its
    value what `Claim` says, with the statement as `content`. A search without words gives all in the order of the
    tree; with words it gives all too, what is nearest to them first. All outside of `("persona", …)` is `beside`'s.

    Example:
        >>> from langgraph.store.memory import InMemoryStore
        >>> from treering import Memory
        >>> from treering.graph.base_store import PersonaStore, persona_namespace
        >>> with Memory("example", embedder="hash", background=False) as memory:
        ...     receipt = memory.remember("uma", "I am allergic to peanuts.")
        ...     memory.end_session("uma")
        ...     memory.flush()
        ...     store = PersonaStore(memory, beside=InMemoryStore())
        ...     store.put(("notes", "uma"), "n1", {"content": "Asked for a table at eight."})
        ...     [item.value["content"] for item in store.search(persona_namespace("uma"), query="peanuts")]
        ['is allergic to peanuts']
    """

    def __init__(self, memory: PersonaMemory, *, beside: BaseStore | None = None, tenant: str = DEFAULT_TENANT) -> None:
        """Take the parts.

        Args:
            memory: What is known; of an `AsyncMemory`, its `memory`.
            beside: Where everything else is kept. None: nothing else can be put.
            tenant: The customer or application whose people these are.
        """
        self._memory = memory
        self._tenant = tenant
        self._beside = beside
        if beside is not None:
            self.supports_ttl: bool = beside.supports_ttl
            self.ttl_config: TTLConfig | None = beside.ttl_config

    @override
    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """The results, in order; what is `beside`'s is one batch there.

        Raises:
            InvalidInput: Something is put where nothing can be, a persona is asked for without a person, or a filter
                has an unknown operator; nothing of the batch was put.
        """
        given = self._checked(ops)
        answers = {place: self._answer(op) for place, op in enumerate(given) if _is_ours(op)}
        theirs = [op for op in given if not _is_ours(op)]
        if self._beside is None or not theirs:
            return _joined(answers, _nothing(theirs))
        return _joined(answers, self._beside.batch(theirs))

    @override
    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """As `batch`; the memory is read in a thread."""
        given = self._checked(ops)
        answers = {place: await run_sync(self._answer, op) for place, op in enumerate(given) if _is_ours(op)}
        theirs = [op for op in given if not _is_ours(op)]
        if self._beside is None or not theirs:
            return _joined(answers, _nothing(theirs))
        return _joined(answers, await self._beside.abatch(theirs))

    def _checked(self, ops: Iterable[Op]) -> list[Op]:
        given = list(ops)
        for op in given:
            validate_op_namespace(op)
            if isinstance(op, PutOp):
                self._check_put(op)
            elif _is_ours(op):
                _check_person(op)
        return given

    def _check_put(self, op: PutOp) -> None:
        if _is_ours(op):
            raise InvalidInput(
                "a persona",
                "is read here and not written; say it with memory.remember, or have a person use add_claim, correct, "
                "reject or forget",
            )
        if self._beside is None:
            raise InvalidInput("the store", "keeps nothing; give it one that does: PersonaStore(memory, beside=…)")

    def _answer(self, op: Op) -> Result:
        prefix = _prefix(op)
        match op:
            case GetOp(key=key):
                return next((one.item() for one in self._known(prefix) if one.is_at(prefix, key)), None)
            case SearchOp(query=query):
                found = self._ranked(prefix, query) if query and query.strip() else self._shown(prefix)
                kept = [item for item in found if fits(item.value, op.filter or {})]
                return kept[op.offset : op.offset + op.limit]
            case ListNamespacesOp(match_conditions=conditions):
                there = {item.namespace for item in self._shown(prefix)}
                named = [one for one in there if all(matches(condition, one) for condition in conditions or ())]
                return sorted({one[: op.max_depth] for one in named})[op.offset : op.offset + op.limit]
        return None  # a put never comes here, see `_check_put`

    def _shown(self, prefix: Namespace) -> list[SearchItem]:
        """Everything that may be seen without being asked for: a special slot only by those who name it."""
        return [one.found() for one in self._known(prefix) if not one.is_special or one.namespace == prefix]

    def _ranked(self, prefix: Namespace, query: str) -> list[SearchItem]:
        """Everything, what is nearest to the words first, and last what neither search came upon, without a score."""
        user = _named(prefix[1])
        recall = self._memory.recall(user, query, mode="tree", budget_tokens=SEARCH_BUDGET_TOKENS, tenant=self._tenant)
        hits = self._memory.search(user, query, limit=SEARCH_TURNS, tenant=self._tenant)
        of_claims = {line.ref: line.score for line in recall.lines}
        of_turns = {hit.message_id: hit.score for hit in hits}
        found = []
        for one in self._known(prefix):
            scores = [of_turns[quote.message_id] for quote in one.claim.evidence if quote.message_id in of_turns]
            if one.claim.id in of_claims:
                scores.append(of_claims[one.claim.id])
            elif one.is_special and one.namespace != prefix:
                continue  # recall knows what concerns a question; what only stands near it is no reason to tell
            found.append(one.found(max(scores, default=None)))
        asked = terms(query).keys()

        def nearness(item: SearchItem) -> tuple[float, int]:
            # Claims of one turn share its score; then words of their own decide.
            return (-1.0 if item.score is None else item.score, len(asked & terms(item.value["content"]).keys()))

        return sorted(found, key=nearness, reverse=True)

    def _known(self, prefix: Namespace) -> Iterator[_Known]:
        """The claims below a prefix, in the order of the trees."""
        user = _named(prefix[1])
        for subject in (one.subject for one in self._memory.subjects(user, tenant=self._tenant)):
            if _label(subject) in prefix[2:3] or not prefix[2:]:
                for slot in self._memory.tree(user, subject=subject, tenant=self._tenant).without_held_back().slots:
                    namespace = persona_namespace(user, slot.path, subject=subject)
                    if namespace[: len(prefix)] == prefix:
                        yield from (_Known(namespace, claim, slot.sensitivity) for claim in slot.claims)


@dataclass(frozen=True, slots=True)
class _Known:
    """A claim, and where it is found."""

    namespace: Namespace
    claim: Claim
    sensitivity: Sensitivity

    @property
    def is_special(self) -> bool:
        return self.sensitivity == "special"

    def is_at(self, namespace: Namespace, key: str) -> bool:
        return self.namespace == namespace and self.claim.id == key

    def item(self) -> Item:
        value = self.claim.model_dump(mode="json", exclude={"id", "text", "order", "evidence", "supersedes"})
        return Item(
            namespace=self.namespace,
            key=self.claim.id,
            value={"content": self.claim.text, **value, "sensitivity": self.sensitivity},
            created_at=self.claim.recorded_at,
            updated_at=self.claim.recorded_at,
        )

    def found(self, score: float | None = None) -> SearchItem:
        item = self.item()
        return SearchItem(item.namespace, item.key, item.value, item.created_at, item.updated_at, score)


def _prefix(op: Op) -> Namespace:
    """What an operation names of a persona; of a pattern all before the first `*`."""
    if isinstance(op, ListNamespacesOp):
        prefixes = [condition.path for condition in op.match_conditions or () if condition.match_type == "prefix"]
        ours = next((path for path in prefixes if path[:1] == (PERSONA,)), ())
        return tuple(takewhile(lambda label: label != "*", ours))
    return op.namespace_prefix if isinstance(op, SearchOp) else op.namespace


def _is_ours(op: Op) -> bool:
    return _prefix(op)[:1] == (PERSONA,)


def _check_person(op: Op) -> None:
    [user] = _prefix(op)[1:2] or [""]
    if not user:
        raise InvalidInput("namespace", "names no person; give persona_namespace(user)")
    if _label(_named(user)) != user:
        raise InvalidInput("namespace", "has a percent sign that stands for nothing; give persona_namespace(user)")


def _nothing(ops: Sequence[Op]) -> list[Result]:
    """What a store answers in which there is nothing."""
    return [None if isinstance(op, GetOp) else [] for op in ops]


def _joined(ours: dict[int, Result], theirs: Sequence[Result]) -> list[Result]:
    others = iter(theirs)
    return [ours[place] if place in ours else next(others) for place in range(len(ours) + len(theirs))]


def _label(name: str) -> str:
    return name.replace("%", "%25").replace(".", "%2E")


def _named(label: str) -> str:
    return label.replace("%2E", ".").replace("%25", "%")
