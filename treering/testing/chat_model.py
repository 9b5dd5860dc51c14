"""A chat model that says what the test wrote down, and keeps every prompt it was given."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.output_parsers import BaseOutputParser, JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, PrivateAttr
from typing_extensions import override

_TOKEN = re.compile(r"\s*\S+|\s+")


@dataclass(frozen=True, slots=True)
class Hang:
    """A script entry: the model is silent for `seconds`, then goes on with `then`."""

    seconds: float
    then: Entry = ""


Reply = str | AIMessage | BaseException | type[BaseException]
Entry = Reply | Hang | Callable[[list[BaseMessage]], "Reply | Hang"]
Script = Entry | Sequence[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call of the model, as it arrived."""

    messages: tuple[BaseMessage, ...]
    """The prompt."""
    options: dict[str, Any] = field(default_factory=dict)
    """What was bound or passed besides: `tools`, `tool_choice`, `stop`, …"""


class ScriptExhausted(AssertionError):
    """The model was asked more often than the script foresaw."""

    def __init__(self, calls: int, prompt: Sequence[BaseMessage]) -> None:
        last = prompt[-1].content if prompt else ""
        super().__init__(f"the script has no answer for call {calls}, which ends with {last!r}; add an entry")
        self.calls = calls


class ScriptedChatModel(BaseChatModel):
    """A LangChain chat model that follows a script, streams token by token, and records its prompts.

    The script is a list of entries, one a call, in order; or one entry, for every call. An entry is

    - text, which is the answer (JSON text where `with_structured_output` is used);
    - an `AIMessage`, passed on as it is: tool calls, usage, content blocks;
    - an exception, which is raised;
    - `Hang(seconds, then)`: silence first; asynchronous calls can be cancelled meanwhile;
    - a function of the prompt's messages that gives one of these.

    Example:
        >>> from treering.testing import ScriptedChatModel
        >>> model = ScriptedChatModel(["Hello!", "Bye."])
        >>> model.invoke("Hi").content
        'Hello!'
        >>> [chunk.content for chunk in model.stream("Good bye then, my dear")][0]
        'Bye.'
        >>> [prompt[-1].content for prompt in model.prompts]
        ['Hi', 'Good bye then, my dear']
    """

    script: Any
    """The entries."""
    model_name: str = "scripted"
    """What the model calls itself."""
    token_delay_s: float = 0.0
    """Silence before each streamed token, in seconds."""

    _left: deque[Entry] | None = PrivateAttr(default=None)
    _calls: list[ModelCall] = PrivateAttr(default_factory=list)

    def __init__(self, script: Script = (), **fields: object) -> None:
        super().__init__(script=script, **fields)
        if isinstance(script, Sequence) and not isinstance(script, str):
            self._left = deque(script)

    @property
    def calls(self) -> tuple[ModelCall, ...]:
        """Every call so far, also through `bind_tools` and `with_structured_output`."""
        return tuple(self._calls)

    @property
    def prompts(self) -> tuple[tuple[BaseMessage, ...], ...]:
        """The messages of every call so far."""
        return tuple(call.messages for call in self._calls)

    @property
    @override
    def _llm_type(self) -> str:
        return "scripted"

    @property
    @override
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name}

    @override
    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The same model; the tools stand in the `options` of its calls, in OpenAI's form."""
        schemas = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=schemas, tool_choice=tool_choice, **kwargs)

    @override
    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """The same model, its entries read as JSON text for `schema`; text that does not fit raises as with others."""
        is_model = isinstance(schema, type) and issubclass(schema, BaseModel)
        parser: BaseOutputParser[Any] = PydanticOutputParser(pydantic_object=schema) if is_model else JsonOutputParser()
        model = self.bind(structured_output=schema, **kwargs)
        if not include_raw:
            return cast("Runnable[LanguageModelInput, dict[str, Any] | BaseModel]", model | parser)
        parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
        unparsed = RunnablePassthrough.assign(parsed=lambda _: None)
        raw: Runnable[Any, Any] = RunnableMap({"raw": model})
        return raw | parsed.with_fallbacks([unparsed], exception_key="parsing_error")

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        delay_s, reply = self._next(messages, stop, kwargs)
        time.sleep(delay_s)
        return _result(reply)

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        delay_s, reply = self._next(messages, stop, kwargs)
        await asyncio.sleep(delay_s)
        return _result(reply)

    @override
    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        delay_s, reply = self._next(messages, stop, kwargs)
        time.sleep(delay_s)
        for chunk in _chunks(reply):
            time.sleep(self.token_delay_s)
            yield chunk

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        delay_s, reply = self._next(messages, stop, kwargs)
        await asyncio.sleep(delay_s)
        for chunk in _chunks(reply):
            await asyncio.sleep(self.token_delay_s)
            yield chunk

    def _next(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> tuple[float, Reply]:
        if stop:
            options = {"stop": stop, **options}
        self._calls.append(ModelCall(messages=tuple(messages), options=options))
        return _resolved(self._entry(messages), messages)

    def _entry(self, messages: list[BaseMessage]) -> Entry:
        if self._left is None:
            return cast("Entry", self.script)
        try:
            return self._left.popleft()
        except IndexError:
            raise ScriptExhausted(len(self._calls), messages) from None


def _resolved(entry: Entry, messages: list[BaseMessage]) -> tuple[float, Reply]:
    """Seconds of silence, and what comes then."""
    delay_s = 0.0
    while not isinstance(entry, str | AIMessage | BaseException):
        if isinstance(entry, Hang):
            delay_s, entry = delay_s + entry.seconds, entry.then
        elif isinstance(entry, type):
            entry = entry()
        else:
            entry = entry(messages)
    return delay_s, entry


def _message(reply: Reply) -> AIMessage:
    """A message of its own for each call: LangChain writes an id into what it is given."""
    if isinstance(reply, AIMessage):
        return reply.model_copy(deep=True)
    if isinstance(reply, str):
        return AIMessage(content=reply)
    raise reply


def _result(reply: Reply) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=_message(reply))])


def _chunks(reply: Reply) -> Iterator[ChatGenerationChunk]:
    message = _message(reply)
    tokens = _TOKEN.findall(message.content) if isinstance(message.content, str) else []
    for token in tokens[:-1]:
        yield ChatGenerationChunk(message=AIMessageChunk(content=token, id=message.id))
    rest = {**message.model_dump(exclude={"type"}), "chunk_position": "last"}
    if tokens:
        rest["content"] = tokens[-1]
    yield ChatGenerationChunk(message=AIMessageChunk(**rest))
