"""Small lives: claims with the turns that they rest on, as the rules of consolidation see them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from treering.memory.consolidation.case import Case, Touched, in_reach
from treering.memory.operations import claim_of, plant
from treering.memory.tombstones import NO_TOMBSTONES, Tombstones
from treering.memory.word_caches import clear_word_caches
from treering.schemas.claims import Claim, Evidence, Origin
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Held, Verdict
from treering.schemas.operations import Add, LedgerEntry, NoOp, Operation
from treering.schemas.trunk import Branch, Slot, Trunk

FIRST_DAY = datetime(2024, 3, 1, 12, tzinfo=UTC)

TRUNK = Trunk(
    name="small",
    version=1,
    description="A few slots under two branches.",
    branches=(Branch(path="taste", description="Likes."), Branch(path="self", description="The person.")),
    slots=(
        Slot(path="taste.food", description="Food."),
        Slot(path="taste.music", description="Music."),
        Slot(path="self.traits", description="Traits."),
        Slot(path="self.events", description="Events."),
        Slot(path="self.city", description="Where they live.", cardinality="one"),
    ),
)


@dataclass(kw_only=True)
class Life:
    """What was said, day by day, and what a listener made of it."""

    operations: list[tuple[str, Operation]] = field(default_factory=list)
    turns: dict[str, Turn] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    tombstones: Tombstones = NO_TOMBSTONES

    def says(self, words: str, *, day: int | None = None, session: str | None = None) -> Evidence:
        """A turn, in a session of its own on a day of its own unless the story says otherwise; its words."""
        seq = len(self.turns) + 1
        at = FIRST_DAY + timedelta(days=7 * seq if day is None else day)
        ref = f"m{seq}"
        session = session or f"s{seq}"
        self.turns[ref] = Turn(message_id=ref, session=session, index=0, seq=seq, role="user", content=words, at=at)
        return Evidence(message_id=ref, quote=words, start=0)

    def claim(
        self,
        text: str,
        path: str = "taste.food",
        *,
        words: str | None = None,
        day: int | None = None,
        session: str | None = None,
        origin: Origin = "stated",
        condition: str | None = None,
        supersedes: Sequence[Claim] = (),
    ) -> Claim:
        """A claim that was learned from a new turn."""
        piece = self.says(words or text, day=day, session=session)
        claim = self._made(text, path, piece, origin=origin, condition=condition, supersedes=supersedes)
        self.operations.append(("listener/1", Add(claim=claim)))
        return claim

    def again(self, claim: Claim, words: str) -> Evidence:
        """The same, heard once more."""
        piece = self.says(words)
        self.operations.append(("listener/1", NoOp(why="known already", target=claim.id, evidence=(piece,))))
        return piece

    def suggests(
        self,
        text: str,
        path: str = "self.traits",
        *,
        day: int | None = None,
        session: str | None = None,
        words: str = "",
        supersedes: Sequence[Claim] = (),
    ) -> Held:
        """A conclusion that admission held."""
        piece = self.says(words or f"{text}, judging by word {len(self.turns)}", day=day, session=session)
        claim = self._made(text, path, piece, origin="inferred", condition=None, supersedes=supersedes)
        draft = Draft(
            kind="ADD",
            path=claim.path,
            text=text,
            origin="inferred",
            message_id=piece.message_id,
            quote=piece.quote,
        )
        verdict = Verdict(
            ruling="quarantine", rule="awaits-support", why="once", draft=draft, operation=Add(claim=claim)
        )
        held = Held(id=f"{len(self.held):024x}", window_id="1-1", verdict=verdict, recorded_at=FIRST_DAY)
        self.held.append(held)
        return held

    def case(self, *, touched: Sequence[str] | None = None, cosine: float = 0.9) -> Case:
        """What the rules look at; everything is new unless said otherwise.

        All vectors are near, so that words alone tell what is alike from what is the same; the oldest claim is at
        `cosine` to all others.
        """
        forest = plant(TRUNK, [operation for _, operation in self.operations])
        ids = [ref for _, operation in self.operations if (ref := claim_of(operation)) is not None]
        new = frozenset(ids if touched is None else touched)
        seen = Touched(claims=new, repeated=new)
        pool = [claim for claims in in_reach(forest, seen, self.held).values() for claim in claims]
        return Case(
            trunk=TRUNK,
            forest=forest,
            touched=seen,
            now=FIRST_DAY + timedelta(days=1_000),
            vectors={
                claim.id: np.array([cosine, (1 - cosine**2) ** 0.5] if claim is pool[0] else [1, 0], np.float32)
                for claim in pool
            },
            held=self.held,
            tombstones=self.tombstones,
            turns_of=lambda refs: {ref: self.turns[ref] for ref in refs if ref in self.turns},
            entries_of=lambda refs: [one for one in self._entries() if claim_of(one.operation) in refs],
        )

    def commit(self, operations: Sequence[Operation], author: str) -> None:
        """Let somebody do something; each operation is a version of its own, but that is no matter here."""
        self.operations += [(author, operation) for operation in operations]

    def _entries(self) -> list[LedgerEntry]:
        return [
            LedgerEntry(
                seq=number,
                version=number,
                batch_id=f"b{number}",
                author=author,
                recorded_at=FIRST_DAY,
                operation=operation,
                digest="",
            )
            for number, (author, operation) in enumerate(self.operations, start=1)
        ]

    def _made(
        self,
        text: str,
        path: str,
        piece: Evidence,
        *,
        origin: Origin,
        condition: str | None,
        supersedes: Sequence[Claim],
    ) -> Claim:
        turn = self.turns[piece.message_id]
        return Claim(
            id=hashlib.sha256(f"{path} {piece.message_id}".encode()).hexdigest()[:24],
            path=path,
            text=text,
            valid_from=turn.at,
            recorded_at=turn.at,
            order=turn.seq,
            evidence=(piece,),
            origin=origin,
            condition=condition,
            supersedes=tuple(claim.id for claim in supersedes),
        )


@pytest.fixture(autouse=True)
def read_anew() -> None:
    """Each test reads its statements itself: what another one has read is not remembered."""
    clear_word_caches()


@pytest.fixture
def life() -> Life:
    return Life()


@pytest.fixture
def lives() -> Callable[[], Life]:
    """As many as a test wants to compare."""
    return Life
