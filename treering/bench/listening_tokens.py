"""`treering bench listen-tokens`: what a window costs a listening model, beside sending it the whole trunk."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from treering.bench.replaying import History, RecordedTurn
from treering.bench.results import Results, manifest
from treering.bench.samples import SaidTurn
from treering.bench.suites.perma import read_perma
from treering.bench.suites.personamem import read_personamem
from treering.bench.talk import small_talk
from treering.client.memory import Memory
from treering.errors import InvalidInput
from treering.memory.listeners.local import LocalListener
from treering.memory.listeners.model import ModelListener
from treering.memory.listeners.model_meaning import MeaningRouter
from treering.memory.listeners.model_prompt import Slots, write_messages
from treering.memory.models.slot_cache import load_slot_vectors
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.ports import ModelAnswer
from treering.memory.prompts.listen_v2 import ListenReply
from treering.memory.prompts.listen_v2_route import RouteReply
from treering.memory.prompts.versions import load_prompt
from treering.schemas.dialogue import Message
from treering.schemas.trunks import load_trunk
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel

    from treering.bench.samples import Conversation
    from treering.memory.ports import ChatMessage, Embedder
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Draft, Proposal, Reply, Window
    from treering.schemas.trunk import Trunk

SUITES = ("personamem", "perma", "talk")
"""What can be listened to; `talk` is generated."""

AGES = (0, 50, 200, sys.maxsize)
"""Numbers of present claims between which windows are told apart."""

TALK_TURNS = 600
"""Length of generated talk."""

BY_MODEL, BY_VECTORS = "slots by the model", "slots by vectors"
"""The two ways in which the slots of a window are found."""

_count = RegexTokenCounter().count


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What one window took."""

    whole: int
    """Tokens of one prompt with the whole trunk and all present claims."""
    sent: int
    """Tokens of the prompts that were sent."""
    calls: int
    """How many they were."""
    claims: int
    """Claims that were current before it."""


def bench_listening_tokens(
    suite: str,
    data: Path | None,
    *,
    trunk_name: str,
    limit: int | None,
    embedder: Embedder,
    cache_dir: Path,
    progress: Callable[[str], None],
) -> Results:
    """Count the tokens of every window's prompts, with slots found by the model, and by sentence vectors.

    No model is asked. One that names the slots, and writes the operations, that the local listener finds stands in
    for it; so the tree grows as it does with that listener.

    Args:
        suite: One of `SUITES`.
        data: The file or folder; none for generated talk.
        trunk_name: The trunk.
        limit: Most histories.
        embedder: For the local listener, and for slots by sentence vectors.
        cache_dir: Where vectors of slots are kept.
        progress: Told what is being done.

    Raises:
        InvalidInput: The suite or its data are not what they should be.
    """
    trunk = load_trunk(trunk_name)
    histories = read_histories(suite, data, limit)
    meter = _meter(trunk, embedder, cache_dir)
    for number, history in enumerate(histories, start=1):
        progress(f"history {number} of {len(histories)}")
        _listen(history, meter, embedder, trunk)
    systems = {name: numbers(windows) for name, windows in meter.windows.items()}
    settings: dict[str, str | int | float] = {"trunk": trunk.label, "histories": len(histories)}
    return Results(bench="listen-tokens", suite=suite, systems=systems, manifest=manifest(settings))


def listening_tokens(
    conversation: Conversation, *, trunk_name: str, embedder: Embedder, cache_dir: Path
) -> tuple[int, int]:
    """Calls of a chat model that listens to a conversation, and the tokens that are sent to it; none is asked."""
    trunk = load_trunk(trunk_name)
    meter = _meter(trunk, embedder, cache_dir)
    _listen(_as_history(conversation), meter, embedder, trunk)
    windows = meter.windows[BY_MODEL]
    return sum(one.calls for one in windows), sum(one.sent for one in windows)


def _meter(trunk: Trunk, embedder: Embedder, cache_dir: Path) -> Meter:
    vectors = load_slot_vectors(trunk, embedder, cache_dir)
    return Meter(LocalListener(embedder, vectors, trunk), trunk, MeaningRouter(embedder, lambda: vectors))


def read_histories(suite: str, data: Path | None, limit: int | None) -> Sequence[History]:
    """What is listened to.

    Raises:
        InvalidInput: There is no such suite, or no data where it needs some.
    """
    if suite not in SUITES:
        raise InvalidInput("--suite", f"{suite!r} is none; known are {', '.join(SUITES)}")
    if suite == "talk":
        return [small_talk(TALK_TURNS)]
    if data is None:
        raise InvalidInput("--data", f"is missing; name the file or folder of {suite}")
    if suite == "personamem":
        return read_personamem(data, limit)
    return [_as_history(one) for one in read_perma(data)[:limit]]


def numbers(windows: Sequence[Metered]) -> dict[str, float]:
    """Means over windows, also by how much is known already."""
    asked = [window for window in windows if window.calls]
    shares = {
        f"share_{_age(least, most)}": _share([window for window in asked if least <= window.claims < most])
        for least, most in pairwise(AGES)
    }
    return {
        "windows": len(asked),
        "calls": fmean(window.calls for window in asked),
        "tokens": fmean(window.sent for window in asked),
        "whole_trunk_tokens": fmean(window.whole for window in asked),
        "share": _share(asked) or 0.0,
        **{name: share for name, share in shares.items() if share is not None},
    }


@dataclass(slots=True)
class StandIn:
    """Answers as a model would that names and writes what it was told to."""

    name: str = "stand-in"
    drafts: Sequence[Draft] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)

    def answer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        """The slots, or the operations."""
        self.sent.append(tokens(messages, schema))
        if schema is RouteReply:
            paths = list(dict.fromkeys(draft.path for draft in self.drafts))
            return ModelAnswer(text=json.dumps({"paths": paths, "forget": False}))
        return ModelAnswer(text=json.dumps({"operations": [self._item(draft) for draft in self.drafts]}))

    def _item(self, draft: Draft) -> dict[str, object]:
        said = draft.model_dump(include={"path", "subject", "quote", "condition", "origin", "confidence", "reason"})
        return said | {
            "op": draft.kind,
            "text": draft.text if draft.kind != "DELETE" else None,
            "message": self.names.get(draft.message_id or ""),
            "target": f"c{draft.target}" if draft.target else None,
        }


class Meter:
    """A listener that counts what the model listener sends, in both ways, and what it would with the whole trunk."""

    name = "meter/1"

    def __init__(self, local: LocalListener, trunk: Trunk, meaning: MeaningRouter) -> None:
        """Args: what finds the operations, the trunk, and what finds slots by vectors."""
        self._local = local
        self._trunk = trunk
        self._model = StandIn()
        self._listener = ModelListener(self._model, trunk, meaning=meaning)
        self._by_vectors = ModelListener(self._model, trunk, meaning=meaning, routes_by_meaning=True)
        self._prompt = load_prompt("listen_v2", ListenReply)
        self.windows: dict[str, list[Metered]] = {BY_MODEL: [], BY_VECTORS: []}

    @property
    def window_turns(self) -> int:
        """As the model listener."""
        return self._listener.window_turns

    @property
    def window_tokens(self) -> int:
        """As the model listener."""
        return self._listener.window_tokens

    @property
    def context_turns(self) -> int:
        """As the model listener."""
        return self._listener.context_turns

    def turn_tokens(self, turn: Turn) -> int:
        """As the model listener."""
        return self._listener.turn_tokens(turn)

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """Let the model listener ask in both ways, and count."""
        self._model.drafts = self._local.read(window, trees, None).drafts
        self._model.names = {turn.message_id: f"m{place}" for place, turn in enumerate(window.turns, start=1)}
        everything = Slots(standing=self._trunk.slots, forget=True, most_claims=sys.maxsize)
        whole = tokens(write_messages(self._prompt, self._trunk, everything, window, trees), ListenReply)
        claims = sum(len(tree.current()) for tree in trees.values())
        replies = []
        for name, listener in ((BY_MODEL, self._listener), (BY_VECTORS, self._by_vectors)):
            self._model.sent.clear()
            replies.append(listener.ask(window, trees))
            sent = self._model.sent
            self.windows[name].append(Metered(whole=whole, sent=sum(sent), calls=len(sent), claims=claims))
        return replies[0]

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """As the model listener."""
        return self._listener.read(window, trees, reply)


def tokens(messages: Sequence[ChatMessage], schema: type[BaseModel] | None) -> int:
    """Tokens of a prompt, with those of the schema that goes with it."""
    of_schema = _count(json.dumps(schema.model_json_schema())) if schema else 0
    return sum(_count(text) for _, text in messages) + of_schema


def _listen(history: History, meter: Meter, embedder: Embedder, trunk: Trunk) -> None:
    with (
        TemporaryDirectory(prefix="treering-bench-") as home,
        Memory(settings=_offline(home), listener=meter, embedder=embedder, trunk=trunk, background=False) as memory,
    ):
        for session, group in groupby(history.turns, key=lambda turn: turn.session):
            memory.remember("somebody", [turn.message for turn in group], session=session)
            memory.end_session("somebody", session)
            memory.flush()


def _offline(home: str) -> Settings:
    """Whatever the environment says: no chat model, or it would be asked for summaries."""
    return Settings(home=Path(home))


def _as_history(one: Conversation) -> History:
    turns = (
        RecordedTurn(session=step.session, message=Message(role=step.role, content=step.text, id=step.id, at=step.at))
        for step in one.steps
        if isinstance(step, SaidTurn)
    )
    return History(id=one.id, turns=tuple(turns))


def _share(windows: Sequence[Metered]) -> float | None:
    whole = sum(window.whole for window in windows)
    return sum(window.sent for window in windows) / whole if whole else None


def _age(least: int, most: int) -> str:
    return f"from_{least}_claims" if most == sys.maxsize else f"{least}_to_{most - 1}_claims"
