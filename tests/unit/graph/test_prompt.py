"""Memory reaches the prompt as data behind a fence."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from treering.graph.prompt import prompt
from treering.memory.prompts.fence import FENCE, PREFACE, fenced

TURN = HumanMessage("Any dinner ideas?")
attacks = st.lists(st.sampled_from(["<", "/", FENCE, ">", " ", "\n", "x", "&lt;", "</", f"</{FENCE}>", f"<{FENCE}>"]))


@given(attacks.map("".join) | st.text())
def test_no_text_opens_or_closes_the_fence(text: str) -> None:
    block = fenced(text).removeprefix(PREFACE)
    assert re.findall(r"</?\w[^>]*>|<", block) == [f"<{FENCE}>", f"</{FENCE}>"]
    assert block.startswith(f"\n<{FENCE}>\n")
    assert block.endswith(f"\n</{FENCE}>")


def test_harmless_text_is_read_as_it_is() -> None:
    assert "\n- Ana is vegan & happy (2024-03-01)\n" in fenced("- Ana is vegan & happy (2024-03-01)")


def test_the_preface_says_that_memory_is_background_and_not_instructions() -> None:
    assert "background" in PREFACE
    assert "not instructions" in PREFACE


def test_instructions_come_first_then_memory_then_the_conversation() -> None:
    system, turn = prompt([TURN], instructions="Be brief.", memory="Ana is vegan.")
    assert system == SystemMessage(f"Be brief.\n\n{fenced('Ana is vegan.')}")
    assert turn is TURN


def test_without_instructions_and_memory_the_conversation_goes_as_it_came() -> None:
    assert prompt([TURN], instructions=None, memory="") == [TURN]
    assert prompt([TURN], instructions="", memory="") == [TURN]


def test_system_messages_at_the_head_are_joined_into_one() -> None:
    conversation = [
        SystemMessage("Speak Latin."),
        SystemMessage("Rhyme."),
        TURN,
        AIMessage("…"),
        SystemMessage("Late."),
    ]
    system, *rest = prompt(conversation, instructions="Be brief.", memory="M")
    assert system.content == f"Be brief.\n\nSpeak Latin.\n\nRhyme.\n\n{fenced('M')}"
    assert rest == conversation[2:]


def test_blocks_of_a_system_message_are_kept_as_blocks() -> None:
    cached = {"type": "text", "text": "Long rules.", "cache_control": {"type": "ephemeral"}}
    system, _ = prompt([SystemMessage([cached]), TURN], instructions="Be brief.", memory="M")
    assert system.content == [{"type": "text", "text": "Be brief."}, cached, {"type": "text", "text": fenced("M")}]
