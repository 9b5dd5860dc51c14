"""Recorded shapes of what models answer, over a real HTTP connection: operations, or put aside with the raw reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import pytest
from langchain_core.language_models import BaseChatModel

from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.memory.listeners.model import ModelListener
from treering.memory.listeners.model_meaning import MeaningRouter
from treering.memory.models.chat import LangChainChatModel
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.price import Price
from treering.memory.ports import Vector
from treering.memory.tree import PersonaTree
from treering.own_yaml import load_yaml
from treering.schemas.claims import SELF, Claim
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.schemas.trunks import load_trunk

HERE = Path(__file__).parent


TRUNK = load_trunk("core")
MONDAY = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
SAID: tuple[tuple[Role, str], ...] = (
    ("user", "I moved to Porto last week. It\u2019s lovely here!"),
    ("assistant", "Congratulations! Do you still like jazz?"),
    ("user", "Not any more, I prefer fado now. My sister Rita is a nurse."),
)
WINDOW = Window(
    session="s",
    turns=tuple(
        Turn(message_id=f"id-m{n}", session="s", index=n, seq=n, role=role, content=text, at=MONDAY)
        for n, (role, text) in enumerate(SAID, start=1)
    ),
)
KNOWN = {
    "c1c1c1": ("home.city", "lives in Lisbon"),
    "ab12cd": ("preferences.music", "loves jazz"),
    "ef34ab": ("relationships.siblings", "has a sister named Rita who is a nurse"),
}
ROUTE = {"content": '{"paths": ["home.city", "preferences.music", "relationships.siblings"], "forget": false}'}
WRITE = {"content": '{"operations": []}'}
BOUNDARIES = {slot.path for slot in TRUNK.slots if slot.always}
BY_VECTORS = ("home.city", "work.job")


def tree() -> PersonaTree:
    at = MONDAY - timedelta(days=100)
    claims = [
        Claim(id=f"{short}{18 * '0'}", path=path, text=text, valid_from=at, recorded_at=at, origin="manual")
        for short, (path, text) in KNOWN.items()
    ]
    return PersonaTree(trunk=TRUNK, claims=MappingProxyType({claim.id: claim for claim in claims}))


TREES = {SELF: tree()}


class Nearest:
    """Sentence vectors that find the same slots every time."""

    def nearest(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        return [[(path, 0.5) for path in BY_VECTORS] for _ in np.atleast_2d(queries)]


class Server(Protocol):
    """What `conftest` gives: a model's server that is told what to answer."""

    url: str
    asked: list[dict[str, Any]]

    def script(self, *answers: Mapping[str, object]) -> None: ...


@pytest.fixture
def listener(client: BaseChatModel) -> ModelListener:
    return listening(client)


def listening(client: BaseChatModel, timeout_s: float = 30.0) -> ModelListener:
    return ModelListener(
        LangChainChatModel(client, timeout_s=timeout_s),
        TRUNK,
        meaning=MeaningRouter(HashEmbedder(), Nearest),
        price=Price(1.0, 10.0),
    )


def shapes(name: str, having: str = "name") -> list[Any]:
    cases = load_yaml((HERE / "model_replies" / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["name"].replace(" ", "-")) for case in cases if having in case]


def answer_of(case: Mapping[str, Any]) -> dict[str, Any]:
    repeats: Mapping[str, int] = case.get("repeat", {})
    grown = dict(case)
    for word, times in repeats.items():
        grown["content"] = grown["content"].replace(word, word * times)
    return grown


def heard(listener: ModelListener) -> tuple[Reply, Proposal]:
    reply = listener.ask(WINDOW, TREES)
    assert reply is not None
    return reply, listener.read(WINDOW, TREES, Reply.model_validate_json(reply.model_dump_json()))


def shown(draft: Draft) -> str:
    about = "" if draft.subject == SELF else f"{draft.subject} "
    return f"{draft.kind} {about}{draft.path}" + (f": {draft.text}" if draft.text else "")


def slots_asked_about(asked: Mapping[str, Any]) -> set[str]:
    text = "\n".join(message["content"] for message in asked["messages"])
    return {path for path in TRUNK.by_path if f"{path} (" in text}


@pytest.mark.parametrize("case", shapes("write"))
def test_an_answer_with_operations_ends_in_drafts_or_is_put_aside(
    case: dict[str, Any], model_server: Server, listener: ModelListener
) -> None:
    model_server.script(ROUTE, answer_of(case))
    if "parked" in case:
        with pytest.raises(ModelReplyUnreadable) as caught:
            listener.ask(WINDOW, TREES)
        assert case["parked"] in caught.value.why
        said = case.get("refusal") or case.get("tool_arguments") or answer_of(case).get("content") or ""
        assert caught.value.raw.strip() == said.strip(), "the raw reply is kept"
        assert len(model_server.asked) == 2
        return
    reply, proposal = heard(listener)
    assert [shown(draft) for draft in proposal.drafts] == case["drafts"]
    assert [line.why for line in proposal.unreadable] == case.get("notes", [])
    assert proposal.lost == case.get("lost", 0)
    assert all(draft.quote and draft.quote in dict(SAID_BY_ID)[draft.message_id or ""] for draft in proposal.drafts)
    assert (reply.calls, len(model_server.asked)) == (2, 2)


SAID_BY_ID = [(turn.message_id, turn.content) for turn in WINDOW.turns]


@pytest.mark.parametrize("case", shapes("route"))
def test_an_answer_with_slots_is_followed_or_sentence_vectors_are(
    case: dict[str, Any], model_server: Server, listener: ModelListener
) -> None:
    model_server.script(answer_of(case), WRITE)
    reply, proposal = heard(listener)
    assert reply.routing is not None
    whys = [line.why for line in proposal.unreadable]
    if case.get("empty"):
        assert (reply.calls, len(model_server.asked), whys) == (1, 1, [])
        return
    assert (reply.calls, len(model_server.asked)) == (2, 2)
    if "vectors" in case:
        assert slots_asked_about(model_server.asked[1]) == {*BY_VECTORS, *BOUNDARIES, *held()}
        assert whys == [f"{case['vectors']}; the slots were found by sentence vectors instead"]
        said = case.get("refusal") or answer_of(case).get("content") or ""
        assert any(line.text in said for line in proposal.unreadable), "the reply is quoted"
    else:
        assert slots_asked_about(model_server.asked[1]) == {*case["slots"], *BOUNDARIES, *held()}
        assert whys == case.get("notes", [])


def held() -> set[str]:
    """Slots that are shown beside those picked, because the turns repeat a claim of theirs nearly word for word."""
    return {"relationships.siblings"}


@pytest.mark.parametrize("case", shapes("route", having="vectors"))
def test_without_sentence_vectors_what_names_no_slot_is_put_aside(
    case: dict[str, Any], model_server: Server, listener: ModelListener
) -> None:
    model_server.script(answer_of(case))
    alone = ModelListener(listener._model, TRUNK)
    with pytest.raises(ModelReplyUnreadable) as caught:
        alone.ask(WINDOW, TREES)
    assert case["vectors"] in caught.value.why
    said = case.get("refusal") or answer_of(case).get("content") or ""
    assert caught.value.raw.strip() == said.strip()


@pytest.mark.parametrize("question", ["route", "write"])
@pytest.mark.parametrize("case", shapes("transport"))
def test_what_goes_wrong_on_the_way_is_tried_again_later(
    case: dict[str, Any], question: str, model_server: Server, client: BaseChatModel, listener: ModelListener
) -> None:
    model_server.script(*([ROUTE] if question == "write" else []), case)
    with pytest.raises(ModelUnavailable) as caught:
        listening(client, 1.5 if "hang_s" in case else 30.0).ask(WINDOW, TREES)
    assert case["retry"] in caught.value.why
    assert caught.value.retry_after_s == case.get("retry_after_s")
    assert "sk-1234" not in str(caught.value), "what a provider says may hold a key"
    model_server.script(ROUTE, {"content": GOOD})
    reply, proposal = heard(listener)
    assert [shown(draft) for draft in proposal.drafts] == ["ADD home.city: lives in Porto"]
    assert (reply.tokens_in, reply.tokens_out) == (100, 60)
    assert reply.cost == pytest.approx(700 / 1_000_000)


GOOD = (
    '{"operations": [{"op": "ADD", "path": "home.city", "text": "lives in Porto", "message": "m1",'
    ' "quote": "I moved to Porto"}]}'
)
