"""The model listener: one question, at most one repair, and nothing lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.unit.memory.listeners.scripted import TOKENS_IN, TOKENS_OUT, Scripted
from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.memory.listeners.model import ModelListener
from treering.memory.ports import Listener
from treering.memory.prompts.listen_v2 import ListenReply
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Reply, Window
from treering.schemas.trunk import Trunk

GOOD = json.dumps(
    {"operations": [{"op": "ADD", "path": "name", "text": "is called Ana", "message": "m1", "quote": "I'm Ana"}]}
)
HALF = (
    '{"operations": [{"op": "ADD", "path": "name", "text": "is called Ana", "message": "m1", "quote": "I\'m Ana"}, {"op'
)
TREES: dict[str, PersonaTree] = {}


def window(*texts: str, role: Role = "user") -> Window:
    at = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
    turns = [
        Turn(message_id=f"id{n}", session="s", index=n, seq=n, role=role, content=text, at=at)
        for n, text in enumerate(texts, start=1)
    ]
    return Window(session="s", turns=tuple(turns))


HELLO = window("Hi, I'm Ana.")


def test_it_is_a_listener(small_trunk: Trunk) -> None:
    listener: Listener = ModelListener(Scripted(), small_trunk)
    assert (listener.window_turns, listener.context_turns) == (6, 2)
    assert listener.name.startswith("model/listen_v2-")


def test_a_structured_answer_is_kept_word_for_word_and_read(small_trunk: Trunk) -> None:
    model = Scripted(GOOD)
    listener = ModelListener(model, small_trunk)
    reply = listener.ask(HELLO, TREES)
    assert reply == Reply(
        raw=GOOD,
        model="scripted-1",
        prompt_version=listener.name.removeprefix("model/"),
        tokens_in=TOKENS_IN,
        tokens_out=TOKENS_OUT,
    )
    assert model.schemas == [ListenReply]
    proposal = listener.read(HELLO, TREES, reply)
    assert [(draft.kind, draft.path, draft.text) for draft in proposal.drafts] == [("ADD", "name", "is called Ana")]


def test_the_text_grammar_is_read_where_json_is_not_to_be_had(small_trunk: Trunk) -> None:
    model = Scripted('{"operations": oops}\nADD(name, "is called Ana")')
    listener = ModelListener(model, small_trunk)
    assert [draft.text for draft in listener.read(HELLO, TREES, listener.ask(HELLO, TREES)).drafts] == ["is called Ana"]
    assert len(model.asked) == 1


def test_garbage_is_quoted_back_once_and_the_repaired_answer_counts(small_trunk: Trunk) -> None:
    garbage = '{"operations": [{"op": "ADD" "path"}]}'
    model = Scripted(garbage, GOOD)
    reply = ModelListener(model, small_trunk).ask(HELLO, TREES)
    assert reply is not None
    assert (reply.raw, reply.tokens_in, reply.tokens_out) == (GOOD, 2 * TOKENS_IN, 2 * TOKENS_OUT)
    first, second = model.asked
    assert second[: len(first) + 1] == (*first, ("assistant", garbage))
    assert '{"op": \\"ADD\\" \\"path\\"}'.replace('{"op"', '{\\"op\\"') in second[-1][1]
    assert "this is no valid JSON" in second[-1][1]


@pytest.mark.parametrize(
    ("answers", "raw"), [(("I can't.", "No."), "No."), (("I can't.", " "), "I can't."), (("", ""), "")]
)
def test_garbage_twice_raises_with_the_raw_answer(answers: tuple[str, str], raw: str, small_trunk: Trunk) -> None:
    model = Scripted(*answers)
    with pytest.raises(ModelReplyUnreadable) as caught:
        ModelListener(model, small_trunk).ask(HELLO, TREES)
    assert caught.value.raw == raw
    assert caught.value.model == "scripted-1"
    assert len(model.asked) == 2
    assert all(text.strip() for _, text in model.asked[1])


def test_the_error_names_no_words_of_the_reply(small_trunk: Trunk) -> None:
    with pytest.raises(ModelReplyUnreadable) as caught:
        ModelListener(Scripted("ADD(secret, x", "ADD(secret, x"), small_trunk).ask(HELLO, TREES)
    assert caught.value.why == "line 1: no parenthesis closes it"


@pytest.mark.parametrize("second", ["sorry", '{"operations": []}', HALF])
def test_a_repair_that_says_less_does_not_replace_what_was_right(second: str, small_trunk: Trunk) -> None:
    listener = ModelListener(Scripted(HALF, second), small_trunk)
    reply = listener.ask(HELLO, TREES)
    assert reply is not None
    proposal = listener.read(HELLO, TREES, reply)
    assert [draft.text for draft in proposal.drafts] == ["is called Ana"]
    assert [line.why for line in proposal.unreadable] == ["the JSON is cut off"]


def test_a_repair_that_does_not_come_leaves_what_was_right(small_trunk: Trunk) -> None:
    reply = ModelListener(Scripted(HALF, ModelUnavailable("scripted-1", "busy")), small_trunk).ask(HELLO, TREES)
    assert reply is not None
    assert (reply.raw, reply.tokens_in) == (HALF, TOKENS_IN)


@pytest.mark.parametrize("script", [[], ["garbage"]])
def test_a_model_that_does_not_answer_raises(script: list[str], small_trunk: Trunk) -> None:
    model = Scripted(*script, ModelUnavailable("scripted-1", "busy"))
    with pytest.raises(ModelUnavailable):
        ModelListener(model, small_trunk).ask(HELLO, TREES)


@pytest.mark.parametrize("nothing", ['{"operations": []}', "NO_OP()", "Noop."])
def test_nothing_to_do_is_an_answer(nothing: str, small_trunk: Trunk) -> None:
    model = Scripted(nothing)
    listener = ModelListener(model, small_trunk)
    assert listener.read(HELLO, TREES, listener.ask(HELLO, TREES)).drafts == ()
    assert len(model.asked) == 1


@pytest.mark.parametrize("silent", [window("Hi.", role="assistant"), window(" ")])
def test_nobody_is_asked_where_the_user_says_nothing(silent: Window, small_trunk: Trunk) -> None:
    listener = ModelListener(Scripted(), small_trunk)
    assert listener.ask(silent, TREES) is None
    assert listener.read(silent, TREES, None).drafts == ()


def test_characters_that_no_store_holds_are_replaced(small_trunk: Trunk) -> None:
    reply = ModelListener(Scripted("NO_OP()\n\x00\ud800"), small_trunk).ask(HELLO, TREES)
    assert reply is not None
    assert reply.raw == "NO_OP()\n\ufffd\ufffd"


def test_an_unknown_slot_stays_out_and_is_quoted(small_trunk: Trunk) -> None:
    both = f"{GOOD[:-2]}, {GOOD[16:]}".replace('"name"', '"shoe_size"', 1)
    listener = ModelListener(Scripted(both, both), small_trunk)
    proposal = listener.read(HELLO, TREES, listener.ask(HELLO, TREES))
    assert [draft.path for draft in proposal.drafts] == ["name"]
    assert "shoe_size" in proposal.unreadable[0].text
    assert proposal.lost == 1


def test_a_reply_of_which_nothing_can_be_used_is_put_aside(small_trunk: Trunk) -> None:
    unknown = GOOD.replace('"name"', '"shoe_size"')
    with pytest.raises(ModelReplyUnreadable, match="there is no slot 'shoe_size'") as caught:
        ModelListener(Scripted(unknown, unknown), small_trunk).ask(HELLO, TREES)
    assert caught.value.raw == unknown
