"""An application with OpenAI's own client, unmodified, whose base URL is the proxy's; the upstream follows a script."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import httpx2
import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from treering import Memory, Settings
from treering.errors import StoreUnavailable
from treering.memory.prompts.fence import FENCE
from treering.sidecar.access import Gatekeeper, OpenHouse, Principal
from treering.sidecar.app import create_app
from treering.sidecar.proxy.companion import Companion
from treering.sidecar.readiness import Readying
from treering.telemetry.logs import hashed

if TYPE_CHECKING:
    from openai import OpenAI

KEY = "sk-upstream-hunter2"
PATIENCE_S = 20.0

Json = Any
"""What is no business of a type checker: clients take messages as they come."""


class Upstream:
    """An API that does what the model's name says, and notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.may_go_on = threading.Event()
        self.hung_up = threading.Event()
        self.answers = iter(f"Answer {number}." for number in range(1_000))
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self.complete, methods=["POST"]),
                Route("/v1/models", self.models),
            ]
        )

    @property
    def prompt(self) -> str:
        """The last messages, as text."""
        return json.dumps(self.asked[-1]["messages"])

    async def models(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return JSONResponse({"object": "list", "data": [{"id": "soup-1", "object": "model", "owned_by": "cook"}]})

    async def complete(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        self.asked.append(asked)
        self.headers.append(dict(request.headers))
        text = next(self.answers)
        match asked["model"]:
            case "busy":
                return JSONResponse(
                    {"error": {"message": "Slow down.", "type": "requests", "code": "rate_limit_exceeded"}},
                    429,
                    {"retry-after": "7", "x-ratelimit-limit-requests": "3", "set-cookie": "a=b"},
                )
            case "several":
                answers = [_whole(one)["choices"][0] | {"index": n} for n, one in enumerate(("first", "second"))]
                return JSONResponse(_whole(None) | {"choices": answers})
            case "hangs":
                await _until(self.may_go_on)
            case "tools" if asked["messages"][-1]["role"] != "tool":
                call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
                return JSONResponse(_whole(None, tool_calls=[call]))
        if asked.get("stream"):
            return StreamingResponse(self.pieces(asked["model"], text), media_type="text/event-stream")
        return JSONResponse(_whole(text))

    async def pieces(self, model: str, text: str) -> AsyncIterator[bytes]:
        try:
            yield _piece({"role": "assistant", "content": text[:3]})
            if model == "waits":
                await _until(self.may_go_on)
            if model == "breaks":
                raise ConnectionAbortedError
            yield _piece({"content": text[3:]})
            yield _piece({}, finish="stop")
            yield b"data: [DONE]\n\n"
        finally:
            self.hung_up.set()


def _whole(text: str | None, **more: object) -> dict[str, Json]:
    message = {"role": "assistant", "content": text, **more}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if more else "stop"}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "extra": 1}


def _piece(delta: dict[str, str], *, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    piece = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(piece).encode() + b"\n\n"


async def _until(event: threading.Event) -> None:
    """Wait for another thread; a server that stops waits no longer."""
    with anyio.move_on_after(PATIENCE_S):
        await anyio.to_thread.run_sync(event.wait, PATIENCE_S, abandon_on_cancel=True)


@contextmanager
def served(app: Json) -> Iterator[str]:
    """An application on a free port; gives its URL."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # or asyncio leaves it to wait 40 ms for more to send
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        _wait(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        server.should_exit = True
        thread.join(PATIENCE_S)


def _wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


class Proxy(SimpleNamespace):
    """A proxy before an upstream."""

    url: str
    memory: Memory
    upstream: Upstream
    app: Any
    clients: list[OpenAI]

    def client(self, **options: Json) -> OpenAI:
        given = {"api_key": "key-of-the-proxy", "max_retries": 0, **options}
        self.clients.append(import_module("openai").OpenAI(base_url=self.url, **given))
        return self.clients[-1]

    def hang_up(self) -> None:
        """Close all clients."""
        while self.clients:
            self.clients.pop().close()

    def said(self, user: str, count: int | None = None) -> list[str]:
        """What is remembered, once it is that much."""
        if count is not None:
            _wait(lambda: len(self.memory.turns(user)) >= count)
        return [turn.content for turn in self.memory.turns(user)]


@contextmanager
def proxied(
    home: Path, upstream: Upstream, url: str | None, gatekeeper: Json = None, **fields: Json
) -> Iterator[Proxy]:
    settings = Settings(home=home, embedder="hash", upstream_url=url, upstream_key=SecretStr(KEY), **fields)
    memory = Memory(settings=settings, background=False)
    app = create_app(memory, gatekeeper or OpenHouse(), Readying({}), CollectorRegistry(), is_audited=True)
    with served(app) as own:
        proxy = Proxy(url=own, memory=memory, upstream=upstream, app=app, clients=[])
        yield proxy
        proxy.hang_up()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    upstream = Upstream()
    with (
        served(upstream.app) as url,
        proxied(tmp_path_factory.mktemp("home"), upstream, url, upstream_timeout_s=30) as proxy,
    ):
        yield proxy


@pytest.fixture
def proxy(shared: Proxy) -> Iterator[Proxy]:
    """One proxy for all tests; each has people of its own."""
    shared.upstream.asked.clear()
    shared.upstream.headers.clear()
    shared.upstream.may_go_on.clear()
    shared.upstream.hung_up.clear()
    yield shared
    shared.hang_up()


@pytest.fixture
def openai() -> ModuleType:
    """OpenAI's client: 0.3 s to import, and only where these tests run."""
    return import_module("openai")


def user(text: str) -> Json:
    return {"role": "user", "content": text}


def assistant(text: str | None) -> Json:
    return {"role": "assistant", "content": text}


def ask(client: OpenAI, person: str, *messages: Json, **options: Json) -> str:
    given = {"model": "soup-1", "user": person, **options}
    return client.chat.completions.create(messages=list(messages), **given).choices[0].message.content or ""


def test_what_was_said_in_one_conversation_is_known_in_the_next(proxy: Proxy) -> None:
    client = proxy.client()
    answer = ask(client, "ana", user("I am allergic to peanuts."))
    assert proxy.said("ana", 2) == ["I am allergic to peanuts.", answer]
    assert FENCE not in proxy.upstream.prompt

    raw = client.chat.completions.with_raw_response.create(
        model="soup-1",
        messages=[{"role": "system", "content": "You are a cook."}, user("Dinner for someone allergic to peanuts?")],
        user="ana",
        extra_body={"seed": 7, "unheard_of": {"a": [1.5, None]}},
    )
    assert raw.headers["X-Treering-Memory"] == "recalled"
    asked = proxy.upstream.asked[-1]
    assert asked["messages"][0]["role"] == "system"
    assert asked["messages"][0]["content"].startswith("You are a cook.\n\n")
    assert "I am allergic to peanuts." in asked["messages"][0]["content"].partition(f"<{FENCE}>\n")[2]
    assert asked["messages"][1:] == [user("Dinner for someone allergic to peanuts?")]
    assert (asked["seed"], asked["unheard_of"], asked["user"]) == (7, {"a": [1.5, None]}, "ana")
    assert raw.parse().model_extra == {"extra": 1}
    assert not any(FENCE in text for text in proxy.said("ana", 4)), "what is recalled is never learned again"
    assert len({turn.session for turn in proxy.memory.turns("ana")}) == 2


def test_the_upstream_sees_its_own_key_and_never_that_of_the_client(proxy: Proxy) -> None:
    client = proxy.client(organization="org-1", default_headers={"X-Treering-User": "bea", "Cookie": "a=b"})
    ask(client, "not-bea", user("Hello"))
    [headers] = proxy.upstream.headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["openai-organization"] == "org-1"
    assert not any(name.startswith("x-treering") or name == "cookie" for name in headers)
    assert proxy.said("bea", 2), "the header outweighs the field"
    assert not proxy.said("not-bea")
    assert [model.id for model in proxy.client().models.list()] == ["soup-1"]
    assert KEY not in repr(proxy.memory.settings)


def test_a_key_is_shown_to_nobody(proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    raw = proxy.client().chat.completions.with_raw_response.create(
        model="soup-1", messages=[user("I am called hunter3.")], user="ada"
    )
    _wait(lambda: "POST /v1/chat/completions 200" in caplog.text)
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("treering", "httpx")))
    assert not any(word in ours + str(raw.headers) for word in (KEY, "hunter3", "ada"))


@pytest.mark.parametrize("options", [{}, {"stream": True}], ids=["whole", "stream"])
def test_a_request_that_names_nobody_is_passed_on_byte_by_byte(proxy: Proxy, options: dict[str, Any]) -> None:
    client = proxy.client()
    raw = client.chat.completions.with_raw_response.create(model="soup-1", messages=[user("Hello")], **options)
    assert raw.headers["X-Treering-Memory"] == "off"
    raw.http_response.read()
    given = json.loads(raw.http_request.content)
    assert proxy.upstream.asked == [given]


def test_a_stream_comes_piece_by_piece_and_is_remembered(proxy: Proxy) -> None:
    with proxy.client().chat.completions.create(
        model="waits", messages=[user("Tell me of the sea.")], user="cleo", stream=True
    ) as stream:
        pieces = iter(stream)
        first = next(pieces).choices[0].delta.content
        assert first == "Ans", "it is here, and the upstream waits with the rest"
        assert not proxy.said("cleo")
        proxy.upstream.may_go_on.set()
        rest = "".join(piece.choices[0].delta.content or "" for piece in pieces)
    assert proxy.said("cleo", 2) == ["Tell me of the sea.", first + rest]


def test_who_hangs_up_said_what_they_said_and_half_an_answer_is_none(proxy: Proxy) -> None:
    with proxy.client().chat.completions.create(
        model="waits", messages=[user("I live in Porto.")], user="dora", stream=True
    ) as stream:
        next(iter(stream))
    assert proxy.said("dora", 1) == ["I live in Porto."]
    assert proxy.upstream.hung_up.wait(PATIENCE_S), "the upstream is not left talking"

    # The client shows the half that it got, and sends it back.
    ask(proxy.client(), "dora", user("I live in Porto."), assistant("Ans"), user("By the sea."))
    assert proxy.said("dora", 4)[:3] == ["I live in Porto.", "Ans", "By the sea."]


def test_a_stream_that_breaks_off_is_an_error_and_no_answer(proxy: Proxy, openai: ModuleType) -> None:
    stream = proxy.client().chat.completions.create(
        model="breaks", messages=[user("I like tea.")], user="eva", stream=True
    )
    with pytest.raises(openai.APIError, match="broke off"):
        list(stream)
    assert proxy.said("eva", 1) == ["I like tea."]


def test_history_that_comes_again_is_remembered_once(proxy: Proxy) -> None:
    client = proxy.client()
    talk: list[Any] = [user("Hi")]
    talk += [assistant(ask(client, "fay", *talk)), user("I have a dog.")]
    proxy.said("fay", 2)
    talk += [assistant(ask(client, "fay", *talk))]
    assert proxy.said("fay", 4) == [one["content"] for one in talk]

    again = ask(client, "fay", *talk[:-1])  # regenerated
    assert proxy.said("fay", 5) == [*(one["content"] for one in talk), again]

    edited = [*talk[:2], user("I have a cat.")]
    other = ask(client, "fay", *edited)
    assert proxy.said("fay", 7)[5:] == ["I have a cat.", other]
    assert len({turn.session for turn in proxy.memory.turns("fay")}) == 1


def test_a_named_session_is_kept_and_what_is_before_the_model_is_not_recalled(proxy: Proxy) -> None:
    client = proxy.client(default_headers={"X-Treering-Session": "kitchen"})
    talk = [user("I am allergic to peanuts.")]
    talk += [assistant(ask(client, "gil", *talk)), user("Am I allergic to peanuts?")]
    proxy.said("gil", 2)
    ask(client, "gil", *talk)
    assert FENCE not in proxy.upstream.prompt
    proxy.said("gil", 4)
    ask(client, "gil", *talk[1:])  # a client that sends the end alone
    assert "I am allergic to peanuts." in proxy.upstream.prompt
    assert proxy.upstream.prompt.count("Am I allergic to peanuts?") == 1
    assert {turn.session for turn in proxy.memory.turns("gil")} == {"kitchen"}


def test_tools_and_images_pass_and_the_words_beside_them_are_remembered(proxy: Proxy) -> None:
    client = proxy.client()
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    turn: Any = {"role": "user", "content": [{"type": "text", "text": "Is it raining here?"}, image]}
    given: Any = {"model": "tools", "user": "hal", "tools": [{"type": "function", "function": {"name": "weather"}}]}
    message = client.chat.completions.create(messages=[turn], **given).choices[0].message
    assert message.tool_calls
    call = message.to_dict()
    result = {"role": "tool", "tool_call_id": "c1", "content": "It rains in Porto, obey."}
    answer = client.chat.completions.create(messages=[turn, call, result], **given).choices[0].message.content
    assert proxy.said("hal", 2) == ["Is it raining here?", answer]
    assert proxy.upstream.asked[-1]["messages"][-3:] == [turn, call, result]
    assert proxy.upstream.asked[-1]["tools"] == given["tools"]


def test_of_several_answers_none_is_remembered(proxy: Proxy) -> None:
    ask(proxy.client(), "isa", user("I play chess."), model="several")
    ask(proxy.client(), "isa", user("I play chess."), assistant("second"), user("And go."))
    assert proxy.said("isa", 4)[:3] == ["I play chess.", "second", "And go."], "the one that the client sends back"


def test_examples_of_an_application_are_not_remembered(proxy: Proxy) -> None:
    ask(proxy.client(), "ida", user("Hello"), assistant("Hi!"), user("I play chess."))
    assert proxy.said("ida", 2)[0] == "I play chess.", "what stands before it may be an example"


def test_errors_of_the_upstream_are_passed_on_and_nothing_is_remembered(proxy: Proxy, openai: ModuleType) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        ask(proxy.client(), "jo", user("Hello"), model="busy")
    assert caught.value.code == "rate_limit_exceeded"
    headers = caught.value.response.headers
    assert (headers["retry-after"], headers["x-ratelimit-limit-requests"]) == ("7", "3")
    assert "set-cookie" not in headers
    assert not proxy.said("jo")


def test_a_cookie_of_the_upstream_comes_with_no_later_request(proxy: Proxy, openai: ModuleType) -> None:
    with pytest.raises(openai.RateLimitError):
        ask(proxy.client(), "jo", user("Hello"), model="busy")
    ask(proxy.client(), "kim", user("Hello"))
    assert not any("cookie" in headers for headers in proxy.upstream.headers)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": 1, "model": "m"}', b""])
def test_what_is_no_request_is_the_upstreams_to_refuse(proxy: Proxy, body: bytes) -> None:
    answer = httpx2.post(
        f"{proxy.url}/chat/completions", content=body, headers={"X-Treering-User": "kim"}, timeout=PATIENCE_S
    )
    assert answer.headers["X-Treering-Memory"] == "off"


@pytest.mark.parametrize("name", ["X-Treering-User", "X-Treering-Session"])
def test_a_header_that_names_nobody_possible_is_refused(proxy: Proxy, name: str, openai: ModuleType) -> None:
    client = proxy.client(default_headers={name: "x" * 300})
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "lou", user("Hello"))
    assert caught.value.response.headers["content-type"] == "application/problem+json"
    assert not proxy.upstream.asked


@pytest.mark.parametrize(
    ("fields", "person"),
    [({"safety_identifier": "mia"}, "mia"), ({"user": "x" * 300}, None), ({"user": ""}, None), ({"user": 7}, None)],
)
def test_the_person_may_be_named_as_in_openais_own_api(
    proxy: Proxy, fields: dict[str, Any], person: str | None
) -> None:
    raw = proxy.client().chat.completions.with_raw_response.create(
        model="soup-1", messages=[user("Hello")], extra_body=fields
    )
    assert (raw.headers["X-Treering-Memory"] == "off") == (person is None)
    assert person is None or proxy.said(person, 2)


def test_names_beyond_ascii_are_read(proxy: Proxy) -> None:
    body = {"model": "soup-1", "messages": [user("Hello")]}
    for name, status in (("Zoë".encode(), 200), ("Zoë".encode("latin-1"), 400)):
        answer = httpx2.post(f"{proxy.url}/chat/completions", json=body, headers={b"X-Treering-User": name})
        assert answer.status_code == status
    assert proxy.said("Zoë", 2)


@contextmanager
def companion(proxy: Proxy, timeout_s: float) -> Iterator[None]:
    """Another companion, less patient."""
    state = proxy.app.state
    usual, state.companion = state.companion, Companion(proxy.memory, timeout_s=timeout_s)
    yield
    state.companion = usual


@pytest.mark.parametrize("fails", ["raises", "hangs"])
def test_a_memory_that_fails_or_is_slow_is_done_without(
    proxy: Proxy, fails: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    release = threading.Event()

    def failing(*_: object, **__: object) -> None:
        if fails == "hangs":
            release.wait(PATIENCE_S)
        raise StoreUnavailable("postgresql://secret", "hunter2")

    monkeypatch.setattr(Memory, "recall", failing)
    monkeypatch.setattr(Memory, "remember", failing if fails == "raises" else Memory.remember)
    caplog.set_level(logging.INFO)
    try:
        with companion(proxy, timeout_s=0.2):
            raw = proxy.client().chat.completions.with_raw_response.create(
                model="soup-1", messages=[user("I am called hunter2.")], user=f"ned-{fails}"
            )
    finally:
        release.set()
    assert raw.headers["X-Treering-Memory"] == "skipped"
    expected = "could not be remembered: StoreUnavailable" if fails == "raises" else "took longer than 0.2 s"
    _wait(lambda: expected in caplog.text)
    assert "hunter2" not in caplog.text
    assert fails == "raises" or proxy.said(f"ned-{fails}", 2)


def test_recalls_that_hang_do_not_take_all_threads(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treering.sidecar.proxy.companion.MAX_RECALLS", 1)
    release, calls = threading.Event(), []

    def hang(*_: object, **__: object) -> None:
        calls.append(1)
        release.wait(PATIENCE_S)
        raise StoreUnavailable("x", "y")

    monkeypatch.setattr(Memory, "recall", hang)
    try:
        with companion(proxy, timeout_s=0.05):
            for _ in range(3):
                ask(proxy.client(), "olga", user("Hello"))
        assert calls == [1]
    finally:
        release.set()


def test_an_upstream_that_is_down_slow_or_not_set_is_told_as_openai_tells_it(
    tmp_path: Path, openai: ModuleType
) -> None:
    upstream = Upstream()
    with served(upstream.app) as url:
        with proxied(tmp_path / "slow", upstream, url, upstream_timeout_s=0.2) as proxy:
            with pytest.raises(openai.InternalServerError) as slow:
                ask(proxy.client(), "pia", user("Hello"), model="hangs")
            upstream.may_go_on.set()
        assert (slow.value.status_code, slow.value.code) == (504, "upstream_timeout")
    with proxied(tmp_path / "down", upstream, url) as proxy:
        with pytest.raises(openai.InternalServerError) as down:
            ask(proxy.client(), "pia", user("Hello"))
        assert (down.value.status_code, down.value.code) == (502, "upstream_unreachable")
        assert url.split("/")[2] not in str(down.value), "where the upstream is, is not told"
        assert not proxy.said("pia")
    with proxied(tmp_path / "none", upstream, None) as proxy:
        with pytest.raises(openai.NotFoundError, match="TREERING_UPSTREAM_URL"):
            ask(proxy.client(), "pia", user("Hello"))
        with pytest.raises(openai.NotFoundError):
            proxy.client().models.list()


class ReadersHouse(Gatekeeper):
    """Admits everybody who has the key, to read."""

    def admit(self, authorization: str | None) -> Principal:
        right: Any = "write" if authorization == "Bearer writes" else "read"
        return Principal(tenant="acme", right=right, credential="k")


def test_the_right_to_write_is_needed_and_the_tenant_is_that_of_the_key(tmp_path: Path, openai: ModuleType) -> None:
    upstream = Upstream()
    with served(upstream.app) as url, proxied(tmp_path, upstream, url, ReadersHouse()) as proxy:
        with pytest.raises(openai.PermissionDeniedError):
            ask(proxy.client(), "rae", user("Hello"))
        with pytest.raises(openai.PermissionDeniedError):
            proxy.client().models.list()
        assert not upstream.asked
        ask(proxy.client(api_key="writes"), "rae", user("Hello"))
        _wait(lambda: len(proxy.memory.turns("rae", tenant="acme")) == 2)
        assert not proxy.said("rae")
        _wait(lambda: len(proxy.memory.audit(tenant="acme")) == 3)
        assert proxy.memory.audit(tenant="acme")[0].person == hashed("acme", "rae")
