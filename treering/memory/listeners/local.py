"""The listener without a chat model: rules for what is said, sentence vectors for where it belongs. English only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.listeners.forgetting import to_forget
from treering.memory.listeners.hearing import Heard, hear
from treering.memory.listeners.matching import Matcher
from treering.memory.listeners.others import apart
from treering.memory.listeners.persona import persona
from treering.memory.listeners.routing import ROUTES, NearestSlots, route
from treering.memory.listeners.vectors import TextVectors
from treering.memory.listeners.writing import Over, Routed, correct, drafts_for, forget, promising, worthiest
from treering.memory.tree import PersonaTree
from treering.memory.whose import whose
from treering.schemas.claims import SELF
from treering.schemas.listening import Draft, Proposal, Reply, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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

    def __init__(self, embedder: Embedder, slots: NearestSlots, trunk: Trunk) -> None:
        """Args: what embeds sentences, the slots' vectors by the same embedder, and their trunk."""
        self._vectors = TextVectors(embedder)
        self._slots = slots
        self._trunk = trunk

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

    @staticmethod
    def _told(
        turn: Turn, before: Turn | None, window: Window, trees: Mapping[str, PersonaTree]
    ) -> Mapping[str, Sequence[Heard]]:
        """What a turn states, by whom it is about."""
        me = whose(turn, window)
        if me is None:
            return {}
        if turn.role == "assistant":
            return {me: persona(turn, before)}
        return apart(hear(turn, before), turn, me, trees)

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
                yield from (_about(subject, draft) for draft in correct(item, tree, turn))
        matcher = Matcher(tree, self._vectors)
        yield from (_about(subject, draft) for draft in drafts_for(worthiest(self._routed(heard)), matcher, turn))

    def _routed(self, heard: Sequence[Heard]) -> list[Routed]:
        """Statements with their slots; one embedding batch for a whole turn."""
        stated = promising(heard)
        formers = [item.ending.former for item in stated if item.ending]
        if not stated:
            return []
        vectors = self._vectors.of([*(item.text for item in stated), *formers])
        ranked = self._slots.nearest(vectors, ROUTES)
        former = iter(range(len(stated), len(vectors)))
        found = (
            self._place(item, number, next(former) if item.ending else None, vectors, ranked)
            for number, item in enumerate(stated)
        )
        return [item for item in found if item is not None]

    def _place(
        self, item: Heard, row: int, former: int | None, vectors: Vector, ranked: Sequence[Sequence[tuple[str, float]]]
    ) -> Routed | None:
        place = route(item.text, ranked[row], self._trunk, is_boundary=item.kind == "boundary")
        over = None
        if item.ending is not None and former is not None:
            former_place = route(item.ending.former, ranked[former], self._trunk)
            over = Over(ending=item.ending, vector=vectors[former], route=former_place)
            place = place or former_place
        return Routed(heard=item, vector=vectors[row], route=place, over=over) if place else None


def _about(subject: Subject, draft: Draft) -> Draft:
    return draft if draft.subject == subject else draft.model_copy(update={"subject": subject})
