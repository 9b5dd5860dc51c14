"""Any LangChain chat model behind the `ChatModel` port."""

from __future__ import annotations

import contextvars
import json
import math
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import anyio

from treering.errors import ModelUnavailable
from treering.memory.ports import ChatMessage, ModelAnswer
from treering.telemetry.tracing import note, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable
    from pydantic import BaseModel

_EARLY_ENDS = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "prohibited_content": "content_filter",
    "refusal": "refusal",
}
"""Words of providers for an answer that ended before its end."""

_REFUSES_PROMPT = frozenset({400, 413, 422})
"""Status codes that say something of the question, and nothing of the model."""

TIMEOUT_S = 60.0
"""Longest wait for an answer, in seconds; providers answer a listening question in 1 to 20."""


class LangChainChatModel:
    """Asks a LangChain chat model, and waits no longer than `timeout_s`.

    Example:
        >>> from langchain_core.language_models import FakeListChatModel
        >>> LangChainChatModel(FakeListChatModel(responses=["NO_OP()"])).answer([("user", "Hello")]).text
        'NO_OP()'
    """

    def __init__(self, model: BaseChatModel, *, name: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """Args: the model, how it is called in the ledger (else its own name), the longest wait in seconds."""
        self._model = model
        self._name = name or _name_of(model)
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """The model, as it stands in the ledger."""
        return self._name

    def answer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        """What the model answers, word for word; with `schema`, held to it where the model can be.

        Raises:
            ModelUnavailable: The provider failed, or did not answer in time. The message names the error's class
                and status only, since its text may hold a key or what people said.
        """
        with span("ask model", model=self._name) as one:
            try:
                answer = _read(_within(self._timeout_s, lambda: self._ask(messages, schema)))
            except Exception as error:  # noqa: BLE001 - each provider has its own tree of errors
                answer = self._in_spite_of(error)
            note(one, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out)
            return answer

    async def aanswer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        """As `answer`, in an event loop: a call that is cancelled, or takes too long, is ended at the provider too."""
        with span("ask model", model=self._name) as one:
            try:
                with anyio.fail_after(self._timeout_s):
                    answer = _read(await self._aask(messages, schema))
            except Exception as error:  # noqa: BLE001 - as above
                answer = self._in_spite_of(error)
            note(one, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out)
            return answer

    def _in_spite_of(self, error: Exception) -> ModelAnswer:
        """The answer that a provider's error holds.

        Raises:
            ModelUnavailable: It holds none.
        """
        if isinstance(error, TimeoutError):
            raise ModelUnavailable(self._name, f"nothing came within {self._timeout_s:g} s") from None
        stopped = _stopped(error)
        if stopped is not None:
            return stopped
        raise ModelUnavailable(
            self._name,
            _describe(error),
            retry_after_s=_retry_after_s(error),
            is_about_prompt=getattr(error, "status_code", None) in _REFUSES_PROMPT,
        ) from None

    async def _aask(self, messages: Sequence[ChatMessage], schema: type[BaseModel] | None) -> AIMessage:
        structured = self._held_to(schema)
        if structured is None:
            return await self._model.ainvoke(list(messages))
        answer: Any = await structured.ainvoke(list(messages))
        raw: AIMessage = answer["raw"]
        return raw

    def _ask(self, messages: Sequence[ChatMessage], schema: type[BaseModel] | None) -> AIMessage:
        structured = self._held_to(schema)
        if structured is None:
            return self._model.invoke(list(messages))
        answer: Any = structured.invoke(list(messages))
        raw: AIMessage = answer["raw"]
        return raw

    def _held_to(self, schema: type[BaseModel] | None) -> Runnable[LanguageModelInput, Any] | None:
        """The model, made to answer in this shape; none where none is asked for, or the model cannot be."""
        if schema is None:
            return None
        from langchain_core.runnables import RunnableParallel, RunnableSequence  # noqa: PLC0415 - a framework

        try:
            # As a dictionary: given the class, OpenAI's client validates by itself and throws away what does not fit.
            structured = self._model.with_structured_output(schema.model_json_schema(), include_raw=True)
        except NotImplementedError:
            return None
        # The raw answer is all that is used of it. LangChain would go on to parse that, which takes minutes where a
        # long answer is no JSON: it tries again without the last character until it succeeds.
        if isinstance(structured, RunnableSequence) and isinstance(structured.first, RunnableParallel):
            return structured.first
        return structured


def _read(message: AIMessage) -> ModelAnswer:
    usage = message.usage_metadata
    return ModelAnswer(
        text="\n".join(_words(message)),
        tokens_in=usage["input_tokens"] if usage else 0,
        tokens_out=usage["output_tokens"] if usage else 0,
        stopped_by=_stopped_by(message),
    )


def _stopped_by(message: AIMessage) -> str | None:
    """What ended a message early; the names of Anthropic and Google are brought to those of OpenAI."""
    if message.additional_kwargs.get("refusal"):
        return "refusal"
    told = message.response_metadata
    return _EARLY_ENDS.get(str(told.get("finish_reason") or told.get("stop_reason")).lower())


def _within(timeout_s: float, ask: Callable[[], AIMessage]) -> AIMessage:
    """What `ask` returns.

    It runs in a daemon thread: a pool would wait for a hanging provider when the interpreter exits.

    Raises:
        TimeoutError: It took longer than `timeout_s` seconds. The thread is left to itself.
    """
    future: Future[AIMessage] = Future()

    def run() -> None:
        try:
            future.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            future.set_exception(error)

    context = contextvars.copy_context()  # so that tracing callbacks of the caller see the call
    threading.Thread(target=context.run, args=(run,), daemon=True, name="treering-model").start()
    return future.result(timeout_s)


def _words(message: AIMessage) -> Iterator[str]:
    """The text of a message, then the arguments of its tool calls, as the provider sent them where that is kept."""
    text = str(message.text) or str(message.additional_kwargs.get("refusal") or "")
    if text.strip():
        yield text
    sent = [call.get("function", {}).get("arguments") for call in message.additional_kwargs.get("tool_calls", ())]
    if sent and all(isinstance(arguments, str) for arguments in sent):
        yield from sent
        return
    for call in message.tool_calls:
        yield json.dumps(call["args"], ensure_ascii=False)
    for broken in message.invalid_tool_calls:
        yield broken["args"] or ""


def _stopped(error: BaseException) -> ModelAnswer | None:
    """The answer inside an error that says that it was stopped: at its length limit, or by a filter."""
    if type(error).__name__ == "ContentFilterFinishReasonError" or getattr(error, "code", None) == "content_filter":
        return ModelAnswer(text="", stopped_by="content_filter")
    completion: Any = getattr(error, "completion", None)
    choices = getattr(completion, "choices", None)
    text = getattr(getattr(choices[0], "message", None), "content", None) if choices else None
    if not isinstance(text, str):
        return None
    usage: Any = getattr(completion, "usage", None)
    return ModelAnswer(
        text=text,
        tokens_in=getattr(usage, "prompt_tokens", 0),
        tokens_out=getattr(usage, "completion_tokens", 0),
        stopped_by="length",
    )


def _retry_after_s(error: BaseException) -> float | None:
    """The seconds that a provider's `Retry-After` header asks to wait; dates, which it may hold too, are not read."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    try:
        seconds = float(headers["retry-after"]) if headers is not None else -1.0
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < math.inf else None


def _name_of(model: BaseChatModel) -> str:
    for attribute in ("model_name", "model", "model_id"):
        name = getattr(model, attribute, None)
        if isinstance(name, str) and name:
            return name
    return model.get_name()


def _describe(error: BaseException) -> str:
    status = getattr(error, "status_code", None)
    return f"{type(error).__name__} (status {status})" if isinstance(status, int) else type(error).__name__
