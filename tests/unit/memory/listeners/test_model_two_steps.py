"""Two questions at most: which slots, then which operations; and what stays in reach whatever is picked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from tests.unit.memory.listeners.scripted import Scripted
from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.memory.listeners.model import ModelListener
from treering.memory.models.price import Price
from treering.memory.ports import ChatMessage, CountsTurns
from treering.memory.prompts.listen_v2 import ListenReply
from treering.memory.prompts.listen_v2_route import RouteReply
from treering.memory.tree import PersonaTree
from treering.schemas.claims import SELF, Claim
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Reply, Window
from treering.schemas.trunks import load_trunk

CORE = load_trunk("core")
MONDAY = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
NOTHING = '{"operations": []}'
NO_SLOT = '{"paths": [], "forget": false}'


def said(*texts: str) -> Window:
    turns = [
        Turn(message_id=f"id{n}", session="s", index=n, seq=n, role="user", content=text, at=MONDAY)
        for n, text in enumerate(texts, start=1)
    ]
    return Window(session="s", turns=tuple(turns))


def knowing(**claims: str) -> dict[str, PersonaTree]:
    """A tree with a claim in each slot; dots are written as two underscores."""
    at = MONDAY - timedelta(days=30)
    made = [
        Claim(
            id=f"{number:024x}", path=path.replace("__", "."), text=text, valid_from=at, recorded_at=at, origin="manual"
        )
        for number, (path, text) in enumerate(claims.items(), start=1)
    ]
    return {SELF: PersonaTree(trunk=CORE, claims=MappingProxyType({claim.id: claim for claim in made}))}


def text_of(asked: tuple[ChatMessage, ...]) -> str:
    return "\n".join(text for _, text in asked)


def test_only_the_slots_that_were_picked_are_shown_with_their_claims() -> None:
    model = Scripted('{"paths": ["home.city"], "forget": false}', NOTHING)
    trees = knowing(home__city="lives in Oslo", work__job="works as a nurse")
    reply = ModelListener(model, CORE).ask(said("I moved to Porto."), trees)
    assert model.schemas == [RouteReply, ListenReply]
    first, second = map(text_of, model.asked)
    assert "home: city, dwelling" in first
    assert "lives in Oslo" not in first
    assert "home.city (one): " in second
    assert "lives in Oslo" in second
    assert "work.job (" not in second
    assert "works as a nurse" not in second
    assert reply is not None
    assert (reply.calls, reply.tokens_in, reply.tokens_out) == (2, 2_000, 200)


def test_where_no_slot_is_concerned_one_question_was_all() -> None:
    model = Scripted(NO_SLOT)
    listener = ModelListener(model, CORE)
    reply = listener.ask(said("What is the capital of France?"), {})
    assert reply == Reply(
        raw="",
        routing=NO_SLOT,
        model="scripted-1",
        prompt_version=listener.prompt_version,
        tokens_in=1_000,
        tokens_out=100,
    )
    assert listener.read(said("What is the capital of France?"), {}, reply).unreadable == ()


def test_after_two_questions_nobody_asks_a_third() -> None:
    model = Scripted('{"paths": ["home.city"]}', "garbage")
    with pytest.raises(ModelReplyUnreadable):
        ModelListener(model, CORE).ask(said("I moved to Porto."), {})
    assert len(model.asked) == 2


def test_lines_that_are_never_to_be_crossed_are_in_reach_whatever_was_picked() -> None:
    for picks in ('{"paths": ["home.city"]}', NO_SLOT):
        model = Scripted(picks, NOTHING)
        ModelListener(model, CORE).ask(said("I moved. Please never mention my sister."), {})
        assert "boundaries.never_mention (many): " in text_of(model.asked[1])


@pytest.mark.parametrize(
    ("text", "picks"),
    [
        ("Please forget where I work.", NO_SLOT),
        ("Vergiss bitte meine Arbeit.", NO_SLOT),
        ("That about the job, I'd rather you did not have it.", '{"paths": [], "forget": true}'),
    ],
)
def test_what_is_to_be_forgotten_is_in_reach_whatever_was_picked(text: str, picks: str) -> None:
    model = Scripted(picks, NOTHING)
    ModelListener(model, CORE).ask(said(text), knowing(work__job="works as a nurse"))
    assert "works as a nurse" in text_of(model.asked[1])
    assert "work.job (one): " in text_of(model.asked[1])


def test_a_request_to_forget_becomes_a_draft() -> None:
    trees = knowing(work__job="works as a nurse")
    [claim] = trees[SELF].claims.values()
    operation = {"op": "DELETE", "target": f"c{claim.id[:12]}", "message": "m1", "reason": "forgotten"}
    listener = ModelListener(Scripted(NO_SLOT, json.dumps({"operations": [operation]})), CORE)
    window = said("Please forget where I work.")
    [draft] = listener.read(window, trees, listener.ask(window, trees)).drafts
    assert (draft.kind, draft.target, draft.reason) == ("DELETE", claim.id, "forgotten")


def test_a_small_trunk_is_shown_whole_and_leaves_a_call_for_mistakes() -> None:
    small = CORE.model_copy(update={"slots": CORE.slots[:10]})
    model = Scripted("garbage", NOTHING)
    ModelListener(model, small).ask(said("Hi, I'm Ana."), {})
    assert model.schemas == [ListenReply, ListenReply]
    assert all(f"{slot.path} (" in text_of(model.asked[0]) for slot in small.slots)


def test_a_model_that_is_down_for_the_second_question_is_asked_both_again() -> None:
    listener = ModelListener(Scripted('{"paths": ["home.city"]}', ModelUnavailable("scripted-1", "busy")), CORE)
    with pytest.raises(ModelUnavailable):
        listener.ask(said("I moved to Porto."), {})


def test_the_reply_tells_what_it_cost_where_the_price_is_known() -> None:
    picks = '{"paths": ["home.city"]}'
    with_price = ModelListener(Scripted(picks, NOTHING), CORE, price=Price(0.40, 1.60)).ask(said("I moved."), {})
    without = ModelListener(Scripted(picks, NOTHING), CORE).ask(said("I moved."), {})
    assert with_price is not None
    assert with_price.cost == pytest.approx(2_000 * 0.40e-6 + 200 * 1.60e-6)
    assert without is not None
    assert without.cost is None


def test_tokens_that_nobody_counted_cost_nothing_known() -> None:
    assert Price(1.0, 1.0).of(tokens_in=0, tokens_out=0) is None


def test_it_tells_how_its_windows_are_bounded() -> None:
    listener = ModelListener(Scripted(), CORE)
    assert isinstance(listener, CountsTurns)
    [turn] = said("word " * 100).turns
    assert listener.turn_tokens(turn) == 100
    assert listener.turn_tokens(turn.model_copy(update={"role": "assistant"})) < 100, "only its end is shown"


LANGUAGES = yaml.safe_load((Path(__file__).parent / "model_languages.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", LANGUAGES, ids=lambda case: case["language"])
def test_claims_are_kept_in_the_users_language_with_quotes_and_dates(case: dict[str, Any]) -> None:
    operations = [{"op": "ADD", "message": "m1"} | operation for operation in case["operations"]]
    picks = json.dumps({"paths": [operation["path"] for operation in operations]})
    listener = ModelListener(Scripted(picks, json.dumps({"operations": operations}, ensure_ascii=False)), CORE)
    window = said(case["said"])
    proposal = listener.read(window, {}, listener.ask(window, {}))
    assert proposal.unreadable == ()
    assert [draft.text for draft in proposal.drafts] == [operation["text"] for operation in operations]
    assert [draft.quote for draft in proposal.drafts] == case["quotes"]
    began = proposal.drafts[0].valid_from
    assert began is not None
    assert f"{began:%Y-%m}" == str(case["since"])


def test_the_prompts_speak_of_the_users_language() -> None:
    model = Scripted('{"paths": ["home.city"]}', NOTHING)
    ModelListener(model, CORE).ask(said("Ich wohne in Graz."), {})
    assert "in any language" in " ".join(model.asked[0][0][1].split())
    assert "in the user's own language" in " ".join(model.asked[1][0][1].split())
