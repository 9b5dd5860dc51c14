"""The compiled graph on its own: scope, threads, checkpoints, resumed runs, tools, larger graphs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from treering.errors import InvalidInput, MissingScope, StoreBusy
from treering.graph import Chat, ChatScope, build_graph
from treering.graph.nodes import ChatModel
from treering.graph.state import Conversation
from treering.testing import ScriptedChatModel

if TYPE_CHECKING:
    from tests.unit.graph.conftest import FakeMemory

ANA = ChatScope(user="ana", session="s1")
CALL = {"name": "weather", "args": {"city": "Lisbon"}, "id": "call-1", "type": "tool_call"}


def turn(text: str, name: str | None = None) -> Conversation:
    return {"messages": [HumanMessage(text, id=name)]}


@tool
def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"Sunny in {city}."


# -- scope


@pytest.mark.parametrize("context", [None, {}, {"user": ""}, {"user": " ", "session": "s"}])
@pytest.mark.parametrize("config", [None, {"configurable": {"thread_id": "t"}}])
@pytest.mark.parametrize("checkpointer", [None, InMemorySaver()])
async def test_no_scope_is_an_error_before_anything_is_written(
    memory: FakeMemory, context: ChatScope, config: RunnableConfig, checkpointer: InMemorySaver | None
) -> None:
    graph = build_graph(memory, model := ScriptedChatModel("ok"), checkpointer=checkpointer)
    with pytest.raises(MissingScope):
        graph.invoke(turn("hi"), config, context=context)
    with pytest.raises(MissingScope):
        await graph.ainvoke(turn("hi"), config, context=context)
    with pytest.raises(MissingScope):
        list(graph.stream(turn("hi"), config, context=context))
    with pytest.raises(MissingScope):
        graph.batch([turn("hi")], config, context=context)
    assert (model.calls, memory.events) == ((), [])
    assert checkpointer is None or list(checkpointer.list(None)) == []


def test_a_scope_may_be_a_mapping(memory: FakeMemory) -> None:
    graph = build_graph(memory, ScriptedChatModel("ok"))
    graph.invoke(turn("hi"), context={"user": "ana", "tenant": "acme"})
    assert memory.said("ana", tenant="acme") == [("user", "hi"), ("assistant", "ok")]


def test_the_thread_follows_from_the_scope(memory: FakeMemory) -> None:
    graph = build_graph(memory, ScriptedChatModel("ok"), checkpointer=(saver := InMemorySaver()))
    graph.invoke(turn("hi"), {"tags": ["x"]}, context=ANA)
    assert {saved.config["configurable"]["thread_id"] for saved in saver.list(None)} == {ANA.thread_id}
    assert len(graph.get_state({"configurable": {"thread_id": ANA.thread_id}}).values["messages"]) == 2


def test_a_derived_graph_asks_for_a_scope_too(memory: FakeMemory) -> None:
    graph = build_graph(memory, ScriptedChatModel("ok")).with_config(tags=["x"])
    with pytest.raises(MissingScope):
        graph.invoke(turn("hi"))
    assert graph.invoke(turn("hi"), context=ANA)["messages"][-1].content == "ok"


def test_a_thread_is_one_persons(memory: FakeMemory) -> None:
    graph = build_graph(memory, model := ScriptedChatModel("ok"), checkpointer=InMemorySaver())
    shared: RunnableConfig = {"configurable": {"thread_id": "shared"}}
    graph.invoke(turn("I am Ana"), shared, context=ANA)
    with pytest.raises(InvalidInput, match="belongs to another person"):
        graph.invoke(turn("I am Bo"), shared, context=ChatScope(user="bo"))
    graph.invoke(turn("Ana again"), shared, context=ANA)
    assert [message.content for message in model.prompts[-1]] == ["I am Ana", "ok", "Ana again"]
    assert memory.said("bo") == []
    assert ("user", "I am Bo") not in memory.said("ana")


# -- checkpoints


def test_no_checkpoint_holds_what_was_recalled(memory: FakeMemory) -> None:
    memory.planted["ana"] = "Ana keeps a heron"
    chat = Chat(memory, model := ScriptedChatModel([TimeoutError, "two", "three"]), instructions="Be a butler")
    for text in ("first", "second"):
        try:
            chat.invoke(text, user="ana")
        except TimeoutError:
            continue
    assert "".join(chunk.text for chunk in chat.stream("third", user="ana")) == "three"
    assert all("heron" in str(prompt[0].content) for prompt in model.prompts)
    saver = chat.graph.checkpointer
    assert isinstance(saver, InMemorySaver)
    saved = repr([list(saver.list(None)), saver.storage, saver.blobs, saver.writes])
    assert "third" in saved
    assert "heron" not in saved
    assert "butler" not in saved
    assert "treering-memory" not in saved


def test_output_and_state_hold_the_conversation_alone(memory: FakeMemory) -> None:
    memory.planted["ana"] = "Ana keeps a heron"
    graph = build_graph(memory, ScriptedChatModel("ok"))
    out = graph.invoke(turn("hi"), context=ANA)
    assert list(out) == ["messages"]
    assert [message.content for message in out["messages"]] == ["hi", "ok"]


@pytest.mark.parametrize("stop_before", ["note", "recall", "respond", "remember"])
def test_a_run_resumed_at_any_step_stores_and_answers_once(memory: FakeMemory, stop_before: str) -> None:
    memory.planted["ana"] = "Ana keeps a heron"
    graph = build_graph(memory, model := ScriptedChatModel("ok"), checkpointer=InMemorySaver())
    graph.invoke(turn("hi"), context=ANA, interrupt_before=[stop_before])
    config: RunnableConfig = {"configurable": {"thread_id": ANA.thread_id}}
    assert graph.get_state(config).next == (stop_before,)
    graph.invoke(None, context=ANA)
    assert graph.get_state(config).next == ()
    assert memory.said("ana") == [("user", "hi"), ("assistant", "ok")]
    assert len(model.calls) == 1
    assert "heron" in str(model.prompts[0][0].content)


def test_a_failed_run_resumed_does_not_store_the_turn_again(memory: FakeMemory) -> None:
    graph = build_graph(memory, ScriptedChatModel([TimeoutError, "ok"]), checkpointer=InMemorySaver())
    with pytest.raises(TimeoutError):
        graph.invoke(turn("hi"), context=ANA)
    graph.invoke(None, context=ANA)
    assert [event[:1] for event in memory.events].count(("remember user",)) == 1
    assert memory.said("ana") == [("user", "hi"), ("assistant", "ok")]


def test_a_run_repeated_without_checkpoints_stores_its_messages_once(memory: FakeMemory) -> None:
    graph = build_graph(memory, ScriptedChatModel(AIMessage("ok", id="a1")))
    for _ in range(2):
        graph.invoke(turn("hi", "m1"), context=ANA)
    assert memory.said("ana") == [("user", "hi"), ("assistant", "ok")]


def test_a_history_handed_in_whole_is_answered_and_its_last_turn_stored(memory: FakeMemory) -> None:
    graph = build_graph(memory, model := ScriptedChatModel("three"))
    history = [("user", "one"), ("assistant", "two"), ("user", "more")]
    graph.invoke({"messages": history}, context=ANA)
    assert [message.content for message in model.prompts[0]] == ["one", "two", "more"]
    assert memory.said("ana") == [("user", "more"), ("assistant", "three")]


def test_no_messages_are_no_turn(memory: FakeMemory) -> None:
    graph = build_graph(memory, ScriptedChatModel("ok"), checkpointer=InMemorySaver())
    with pytest.raises(InvalidInput, match="there is no turn to answer"):
        graph.invoke({"messages": []}, context=ANA)


# -- tools


def test_tool_calls_and_their_results_pass_through_untouched(memory: FakeMemory) -> None:
    asks = AIMessage("Let me see.", tool_calls=[CALL])
    model = ScriptedChatModel([asks, "It is sunny."])
    chat = Chat(memory, model.bind_tools([weather]))
    answer = chat.invoke("How is Lisbon?", user="ana", session="s1", message_id="m1")
    assert answer.tool_calls == [CALL]
    result = weather.invoke(answer.tool_calls[0])
    out = chat.graph.invoke({"messages": [result]}, context=ANA)
    assert out["messages"][-1].content == "It is sunny."
    human, called, told = model.prompts[-1]
    assert (human.content, called, told) == ("How is Lisbon?", answer, result)
    assert [event for event in memory.events if event[0] != "recall"] == [
        ("remember user", "ana", "How is Lisbon?"),
        ("remember assistant", "ana", "Let me see."),
        ("remember assistant", "ana", "It is sunny."),
    ]
    assert [event[2] for event in memory.events if event[0] == "recall"] == ["How is Lisbon?"] * 2
    assert chat.invoke("How is Lisbon?", user="ana", session="s1", message_id="m1").content == "It is sunny."


def larger_graph(
    memory: FakeMemory, model: ChatModel, saver: InMemorySaver | None
) -> CompiledStateGraph[MessagesState, ChatScope, MessagesState, MessagesState]:
    graph = StateGraph(MessagesState, context_schema=ChatScope)
    graph.add_node("chat", build_graph(memory, model))
    graph.add_node("tools", ToolNode([weather]))
    graph.add_edge(START, "chat")
    graph.add_conditional_edges("chat", tools_condition, {"tools": "tools", END: END})
    graph.add_edge("tools", "chat")
    return graph.compile(checkpointer=saver)


async def test_in_a_larger_graph_it_is_a_node_and_the_application_runs_the_tools(memory: FakeMemory) -> None:
    script = [AIMessage("", tool_calls=[CALL]), "It is sunny.", "You are welcome."]
    model = ScriptedChatModel(script)
    graph = larger_graph(memory, model.bind_tools([weather]), InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "t"}}
    out = await graph.ainvoke(turn("How is Lisbon?"), config, context=ANA)
    assert [type(message) for message in out["messages"]] == [HumanMessage, AIMessage, ToolMessage, AIMessage]
    await graph.ainvoke(turn("Thanks"), config, context=ANA)
    assert len(model.prompts[-1]) == 5
    assert [content for _, content in memory.said("ana")] == [
        "How is Lisbon?",
        "It is sunny.",
        "Thanks",
        "You are welcome.",
    ]


@pytest.mark.parametrize("saver", [None, InMemorySaver()])
def test_in_a_larger_graph_a_missing_scope_is_an_error_too(memory: FakeMemory, saver: InMemorySaver | None) -> None:
    graph = larger_graph(memory, model := ScriptedChatModel("ok"), saver)
    with pytest.raises(MissingScope):
        graph.invoke(turn("hi"), {"configurable": {"thread_id": "t"}})
    assert (model.calls, memory.events) == ((), [])


def test_a_chats_own_graph_is_a_node_of_a_larger_graph_without_checkpoints(memory: FakeMemory) -> None:
    outer = StateGraph(MessagesState, context_schema=ChatScope)
    outer.add_node("chat", Chat(memory, ScriptedChatModel("ok")).graph)
    outer.add_edge(START, "chat")
    out = outer.compile().invoke(turn("hi"), context=ANA)
    assert [message.content for message in out["messages"]] == ["hi", "ok"]


@pytest.mark.parametrize("saver", [None, InMemorySaver()])
def test_a_chat_called_in_a_node_of_another_graph_keeps_its_own_conversations(
    memory: FakeMemory, saver: InMemorySaver | None
) -> None:
    chat = Chat(memory, model := ScriptedChatModel("ok"))

    def ask(state: MessagesState) -> MessagesState:
        return {"messages": [chat.invoke(str(state["messages"][-1].content), user="ana")]}

    outer = StateGraph(MessagesState).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=saver)
    for text in ("one", "two"):
        outer.invoke(turn(text), {"configurable": {"thread_id": "outer"}})
    assert [message.content for message in model.prompts[-1]] == ["one", "ok", "two"]


# -- several people at once


async def test_people_on_one_graph_never_see_each_other(memory: FakeMemory) -> None:
    def answer(messages: list[Any]) -> str:
        return f"answer to {messages[-1].content}"

    people = [f"person{number}" for number in range(20)]
    memory.planted.update({person: f"secret of {person}." for person in people})
    chat = Chat(memory, model := ScriptedChatModel(answer))

    async def talk(person: str) -> None:
        for number in range(3):
            said = f"word {number} from {person}."
            assert (await chat.ainvoke(said, user=person)).content == f"answer to {said}"
            await asyncio.sleep(0)

    await asyncio.gather(*map(talk, people))
    for prompt in model.prompts:
        person, shown = str(prompt[-1].content).split()[-1].rstrip("."), repr(prompt)
        others = [other for other in people if other != person]
        assert f"secret of {person}." in str(prompt[0].content)
        assert not [other for other in others if f"{other}." in shown]
    assert sorted(len(prompt) for prompt in model.prompts) == [2] * 20 + [4] * 20 + [6] * 20
    for person in people:
        assert len(memory.said(person)) == 6


async def test_tenants_with_people_of_the_same_name_are_apart(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel("ok"))
    await asyncio.gather(*(chat.ainvoke(f"I am with {name}", user="ana", tenant=name) for name in ("acme", "corp")))
    assert [len(prompt) for prompt in model.prompts] == [1, 1]
    assert memory.said("ana", tenant="acme") == [("user", "I am with acme"), ("assistant", "ok")]


def test_one_persons_failing_store_is_not_anothers(memory: FakeMemory) -> None:
    memory.remember_fails = [StoreBusy("memory.db", 5)]
    chat = Chat(memory, ScriptedChatModel("ok"))
    with pytest.raises(StoreBusy):
        chat.invoke("mine", user="ana")
    chat.invoke("hello", user="bo")
    assert memory.said("bo") == [("user", "hello"), ("assistant", "ok")]
