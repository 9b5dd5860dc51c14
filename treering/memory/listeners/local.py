"""The listener without a chat model: rules for what is said, sentence vectors for where it belongs. English only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from treering.memory.listeners.forgetting import to_forget
from treering.memory.listeners.hearing import Heard, hear
from treering.memory.listeners.matching import Matcher
from treering.memory.listeners.others import apart, corrected
from treering.memory.listeners.persona import persona
from treering.memory.listeners.routing import ROUTES, NearestSlots, Route, route
from treering.memory.listeners.unplaced import with_unplaced
from treering.memory.listeners.vectors import TextVectors
from treering.memory.listeners.writing import Over, Routed, drafts_for, forget, promising, worthiest
from treering.memory.tree import PersonaTree
from treering.memory.whose import whose
from treering.schemas.claims import SELF
from treering.schemas.listening import Draft, Proposal, Reply, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from treering.memory.listeners.heads.trained import Heads
    from treering.memory.ports import Embedder, Vector
    from treering.schemas.claims import Subject
    from treering.schemas.dialogue import Turn
    from treering.schemas.trunk import Trunk


class LocalListener:
    """Proposes operations from a user's own statements, with no model but the sentence embedder.

    Deterministic: the same window and trees give the same drafts. Knows English only. What it cannot do stands in
    docs/local-listener.md.
    """

    name = "local/1"
    window_turns = 1
    context_turns = 1

    def __init__(
        self, embedder: Embedder, slots: NearestSlots, trunk: Trunk, *, heads: Callable[[], Heads | None] | None = None
    ) -> None:
        """What hears for a trunk.

        Args:
            embedder: What embeds sentences.
            slots: The slots' vectors by the same embedder.
            trunk: Their trunk.
            heads: Gives the trained heads at the first use; those that do not fit embedder and trunk are left aside,
                and slots are chosen by nearness alone.
        """
        self._vectors = TextVectors(embedder)
        self._slots = slots
        self._trunk = trunk
        self._load_heads = heads
        self._fingerprint = embedder.fingerprint

    @cached_property
    def _heads(self) -> Heads | None:
        heads = self._load_heads() if self._load_heads is not None else None
        return heads if heads is not None and heads.fit_with(self._fingerprint, self._trunk) else None

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """None: nobody is asked."""
        del window, trees
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """Drafts for what the user says in the window; `reply` is ignored."""
        del reply
        drafts: list[Draft] = []
        before = window.context[-1] if window.context else None
        for turn in window.turns:
            for subject, heard in self._told(turn, before, window, trees).items():
                drafts += self._drafts(turn, subject, heard, trees)
            before = turn
        return Proposal(drafts=tuple(drafts))

    def _told(
        self, turn: Turn, before: Turn | None, window: Window, trees: Mapping[str, PersonaTree]
    ) -> Mapping[str, Sequence[Heard]]:
        """What a turn states, by whom it is about."""
        me = whose(turn, window)
        if me is None:
            return {}
        if turn.role == "assistant":
            return {me: persona(turn, before)}
        told = apart(hear(turn, before), turn, me, trees)
        if len(told) == 1:
            return told
        self._vectors.of([item.text for heard in told.values() for item in promising(heard)])  # in one batch
        return with_unplaced(told, me, lambda item: bool(self._routed([item])))

    def _drafts(
        self, turn: Turn, subject: Subject, heard: Sequence[Heard], trees: Mapping[str, PersonaTree]
    ) -> Iterator[Draft]:
        """What one turn does to the tree of one subject."""
        tree = trees.get(subject) or PersonaTree(trunk=self._trunk, subject=subject)
        for item in heard:
            if item.kind == "forget":  # the user may have anything forgotten, anybody else what is about them
                known = trees if subject == SELF else {subject: tree}
                forgotten = to_forget(item.text, known, self._trunk, self._vectors)
                yield from (forget(claim, item, turn) for claim in forgotten)
            if item.kind == "correction":
                yield from corrected(item, turn, subject, trees)
        matcher = Matcher(tree, self._vectors, self._heads)
        yield from (_about(subject, draft) for draft in drafts_for(worthiest(self._routed(heard)), matcher, turn))

    def _routed(self, heard: Sequence[Heard]) -> list[Routed]:
        """Statements with their slots; one embedding batch for a whole turn."""
        stated = promising(heard)
        formers = [item.ending.former for item in stated if item.ending]
        if not stated:
            return []
        seen = self._seen([*(item.text for item in stated), *formers])
        former = iter(range(len(stated), len(seen.vectors)))
        found = (
            self._place(item, number, next(former) if item.ending else None, seen) for number, item in enumerate(stated)
        )
        return [item for item in found if item is not None]

    def _seen(self, texts: Sequence[str]) -> _Seen:
        vectors, heads = self._vectors.of(texts), self._heads
        return _Seen(
            vectors=vectors,
            ranked=self._slots.nearest(vectors, ROUTES if heads is None else len(self._trunk.slots)),
            chances=[None] * len(texts) if heads is None else heads.slots(vectors),
            worth=[0.5] * len(texts) if heads is None else heads.worth(vectors).tolist(),
        )

    def _place(self, item: Heard, row: int, former: int | None, seen: _Seen) -> Routed | None:
        place = self._route(item.text, row, seen, is_boundary=item.kind == "boundary")
        over = None
        if item.ending is not None and former is not None:
            former_place = self._route(item.ending.former, former, seen)
            over = Over(ending=item.ending, vector=seen.vectors[former], route=former_place)
            place = place or former_place
        if place is None:
            return None
        return Routed(heard=item, vector=seen.vectors[row], route=place, over=over, chance=seen.worth[row])

    def _route(self, text: str, row: int, seen: _Seen, *, is_boundary: bool = False) -> Route | None:
        return route(text, seen.ranked[row], self._trunk, is_boundary=is_boundary, chances=seen.chances[row])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What is known of a turn's statements, one row each."""

    vectors: Vector
    ranked: Sequence[Sequence[tuple[str, float]]]
    chances: Sequence[Mapping[str, float] | None]
    worth: Sequence[float]


def _about(subject: Subject, draft: Draft) -> Draft:
    return draft if draft.subject == subject else draft.model_copy(update={"subject": subject})
