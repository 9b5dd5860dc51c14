"""Any LangChain chat model behind the port: words kept, waits bounded, errors translated, secrets left out."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatResult
from pydantic import BaseModel, PrivateAttr

from treering.errors import ModelUnavailable
from treering.memory.models.chat import LangChainChatModel
from treering.memory.ports import ChatMessage, ChatModel, ModelAnswer
from treering.testing import Hang, ScriptedChatModel

HELLO: list[ChatMessage] = [("system", "Be {brief}."), ("user", "Hello"), ("assistant", "Hi"), ("user", "Bye")]
CALLER: ContextVar[str] = ContextVar("CALLER", default="nobody")


class Shape(BaseModel):
    """What to answer."""

    word: str


class ToolModel(GenericFakeChatModel):
    """A fake that can be held to a schema by a tool call."""

    _prompts: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    def bind_tools(self, tools: Sequence[object], **kwargs: object) -> object:
        return self.bind(tools=list(tools))

    def _generate(self, messages: list[BaseMessage], *args: object, **kwargs: object) -> ChatResult:
        self._prompts.append(messages)
        return super()._generate(messages, *args, **kwargs)


class Broken(GenericFakeChatModel, arbitrary_types_allowed=True):
    """A fake that fails."""

    error: BaseException

    def _generate(self, *args: object, **kwargs: object) -> ChatResult:
        raise self.error


class Hanging(GenericFakeChatModel):
    """A fake that answers when the test is over."""

    _over: threading.Event = PrivateAttr(default_factory=threading.Event)

    def _generate(self, *args: object, **kwargs: object) -> ChatResult:
        self._over.wait(10)
        return super()._generate(*args, **kwargs)


class Refused(Exception):
    status_code = 429


def says(*messages: AIMessage | str) -> ToolModel:
    return ToolModel(messages=iter(messages))


def test_it_is_a_chat_model() -> None:
    model: ChatModel = LangChainChatModel(says("Hi"), name="fake:1")
    assert model.name == "fake:1"
    assert LangChainChatModel(says()).name == "ToolModel"


def test_a_plain_answer_comes_with_its_tokens() -> None:
    usage = UsageMetadata(input_tokens=7, output_tokens=2, total_tokens=9)
    fake = says(AIMessage(content="Hi!", usage_metadata=usage))
    assert LangChainChatModel(fake).answer(HELLO) == ModelAnswer(text="Hi!", tokens_in=7, tokens_out=2)
    assert [(message.type, message.content) for message in fake._prompts[0]] == [
        ("system", "Be {brief}."),
        ("human", "Hello"),
        ("ai", "Hi"),
        ("human", "Bye"),
    ]


def test_a_tool_call_comes_as_json() -> None:
    call = {"name": "Shape", "args": {"word": "caf\u00e9"}, "id": "1"}
    answer = LangChainChatModel(says(AIMessage(content="", tool_calls=[call]))).answer(HELLO, schema=Shape)
    assert answer.text == '{"word": "caf\u00e9"}'


def test_the_providers_own_words_are_preferred() -> None:
    sent = '{"word" :  "as sent"}'
    message = AIMessage(
        content="",
        tool_calls=[{"name": "Shape", "args": {"word": "as sent"}, "id": "1"}],
        additional_kwargs={"tool_calls": [{"function": {"name": "Shape", "arguments": sent}}]},
    )
    assert LangChainChatModel(says(message)).answer(HELLO, schema=Shape).text == sent


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            AIMessage(
                content="",
                invalid_tool_calls=[
                    {"name": "Shape", "args": '{"word": "ha', "id": "1", "error": "", "type": "invalid_tool_call"}
                ],
            ),
            '{"word": "ha',
        ),
        (AIMessage(content="", tool_calls=[{"name": "Shape", "args": {"work": 1}, "id": "1"}]), '{"work": 1}'),
        (AIMessage(content="I will not."), "I will not."),
        (AIMessage(content=[{"type": "text", "text": "In "}, {"type": "text", "text": "parts"}]), "In parts"),
        (AIMessage(content=""), ""),
    ],
)
def test_an_answer_that_misses_the_schema_survives_word_for_word(message: AIMessage, text: str) -> None:
    assert LangChainChatModel(says(message)).answer(HELLO, schema=Shape).text == text


def test_a_model_without_structured_output_is_asked_plainly() -> None:
    model = LangChainChatModel(GenericFakeChatModel(messages=iter(["NO_OP()"])))
    assert model.answer(HELLO, schema=Shape).text == "NO_OP()"


@pytest.mark.parametrize("schema", [None, Shape])
def test_an_error_becomes_unavailable_without_its_words(schema: type[BaseModel] | None) -> None:
    model = LangChainChatModel(Broken(messages=iter(()), error=RuntimeError("key sk-123")), name="fake")
    with pytest.raises(ModelUnavailable) as caught:
        model.answer(HELLO, schema=schema)
    assert str(caught.value) == "model fake did not answer: RuntimeError"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_status_of_a_provider_is_told() -> None:
    with pytest.raises(ModelUnavailable, match=r"Refused \(status 429\)"):
        LangChainChatModel(Broken(messages=iter(()), error=Refused())).answer(HELLO)


class Loopback(BaseHTTPRequestHandler):
    """As much of the OpenAI API as one chat completion needs."""

    reply: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[dict[str, Any]] = {}

    def do_POST(self) -> None:
        type(self).asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        choice = {"index": 0, "message": {"role": "assistant", "content": self.reply["content"]}}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"} | {
            "choices": [choice | {"finish_reason": self.reply["finish_reason"]}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
        }
        sent = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def openai_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Loopback) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("content", "finish_reason"),
    [('{"word": "x"}', "stop"), ("garbage", "stop"), ('{"word": 1}', "stop"), ('{"word": "hal', "length")],
)
def test_openais_own_client_loses_no_word_either(content: str, finish_reason: str, openai_url: str) -> None:
    langchain_openai = pytest.importorskip("langchain_openai")
    Loopback.reply = {"content": content, "finish_reason": finish_reason}
    client = langchain_openai.ChatOpenAI(model="m", base_url=openai_url, api_key="k", max_retries=0)
    answer = LangChainChatModel(client).answer(HELLO, schema=Shape)
    client.root_client.close()
    early = "length" if finish_reason == "length" else None
    assert answer == ModelAnswer(text=content, tokens_in=5, tokens_out=3, stopped_by=early)
    assert Loopback.asked["response_format"]["json_schema"]["name"] == "Shape"


@pytest.mark.parametrize("schema", [None, Shape])
async def test_asynchronously_the_answer_is_the_same(schema: type[BaseModel] | None) -> None:
    call = {"name": "Shape", "args": {"word": "Hi!"}, "id": "1"}
    usage = UsageMetadata(input_tokens=7, output_tokens=2, total_tokens=9)
    answers = [AIMessage(content="", tool_calls=[call], usage_metadata=usage)] * 2
    model = LangChainChatModel(says(*answers))
    assert await model.aanswer(HELLO, schema=schema) == model.answer(HELLO, schema=schema)


async def test_asynchronously_errors_are_the_same() -> None:
    with pytest.raises(ModelUnavailable, match=r"Refused \(status 429\)"):
        await LangChainChatModel(Broken(messages=iter(()), error=Refused())).aanswer(HELLO)
    plain = LangChainChatModel(GenericFakeChatModel(messages=iter(["NO_OP()"])))
    assert (await plain.aanswer(HELLO, schema=Shape)).text == "NO_OP()"


async def test_asynchronously_a_model_that_hangs_is_given_up() -> None:
    model = ScriptedChatModel([Hang(3_600.0)])
    with pytest.raises(ModelUnavailable, match=r"nothing came within 0\.05 s"):
        await LangChainChatModel(model, timeout_s=0.05).aanswer(HELLO)


def test_a_model_that_hangs_is_given_up() -> None:
    fake = Hanging(messages=iter(["late"]))
    try:
        with pytest.raises(ModelUnavailable, match=r"nothing came within 0\.2 s"):
            LangChainChatModel(fake, timeout_s=0.2).answer(HELLO)
    finally:
        fake._over.set()


def test_the_callers_context_is_there() -> None:
    class Curious(GenericFakeChatModel):
        def _generate(self, *args: object, **kwargs: object) -> ChatResult:
            self.messages = iter([CALLER.get()])
            return super()._generate(*args, **kwargs)

    CALLER.set("ana")
    assert LangChainChatModel(Curious(messages=iter(()))).answer(HELLO).text == "ana"


def test_importing_the_adapter_and_the_listener_imports_no_framework() -> None:
    code = (
        "import sys, treering.memory.models.chat, treering.memory.listeners.model;"
        "print([m for m in ('langchain_core', 'langgraph', 'sqlalchemy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_long_answer_that_is_no_json_is_not_parsed_over_and_over() -> None:
    """LangChain's own parser takes a quarter of an hour for this one."""
    long = '{"word": ' + "[" * 60_000
    answer = LangChainChatModel(ScriptedChatModel(long), timeout_s=20.0).answer(HELLO, schema=Shape)
    assert answer.text == long


@pytest.mark.parametrize(
    ("message", "text", "stopped_by"),
    [
        (AIMessage(content="", additional_kwargs={"refusal": "I won't."}), "I won't.", "refusal"),
        (AIMessage(content="{", response_metadata={"finish_reason": "length"}), "{", "length"),
        (AIMessage(content="{", response_metadata={"stop_reason": "max_tokens"}), "{", "length"),
        (AIMessage(content="", response_metadata={"finish_reason": "SAFETY"}), "", "content_filter"),
        (AIMessage(content="{}", response_metadata={"finish_reason": "stop"}), "{}", None),
    ],
)
def test_what_stopped_an_answer_is_told_in_one_set_of_words(
    message: AIMessage, text: str, stopped_by: str | None
) -> None:
    answer = LangChainChatModel(says(message)).answer(HELLO, schema=Shape)
    assert (answer.text, answer.stopped_by) == (text, stopped_by)
