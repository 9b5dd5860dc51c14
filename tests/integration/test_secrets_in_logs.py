"""What is secret, and what people say, stands in no log of a server, at its most talkative."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from treering import Memory
from treering.testing.servers import free_port
from treering.testing.starting import Program

PATIENCE_S = 90.0
UPSTREAM_KEY = "sk-hunter2upstream"
PASSWORD = "hunter2password"  # noqa: S105 - of nothing

#: What people are called and say, and what callers send; each in a word that nothing else has.
WORDS = (
    "zanzibar",
    "quokka",
    "xylophone",
    "ana-at-home",
    "mondaynight",
    "idempotentkey",
    "kazoo",
    "marzipan",
    "ocarina",
)


class Upstream(BaseHTTPRequestHandler):
    """Answers a chat, and then fails with words in what it says."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_well = asked["model"] == "good"
        said = {"choices": [{"message": {"role": "assistant", "content": "I know kazoo."}}]}
        body = json.dumps(said if is_well else {"error": {"message": "kazoo"}}).encode()
        self.send_response(200 if is_well else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-ID", "kazoo")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://kazoo:{PASSWORD}@127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[httpx2.Client]:
    """A server of its own process, whose log is `home/serve.log` when it has ended."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TREERING_")}
    environment = {**inherited, "TREERING_HOME": str(home), "TREERING_EMBEDDER": "hash", **settings}
    words = ["serve", "--port", str(port), "--log-level", "debug"]
    process = Program(words, environment, log=home / "serve.log")
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            end = time.monotonic() + PATIENCE_S
            while True:
                try:
                    client.get("/health/live")
                    break
                except httpx2.TransportError:
                    assert process.poll() is None, (home / "serve.log").read_text()
                    assert time.monotonic() < end
                    time.sleep(0.05)
            yield client
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


def speak(client: httpx2.Client, key: str, token: str) -> set[int]:
    """Every kind of request that carries words or secrets, good ones and bad ones; returns what was answered."""
    ana, good = {"user": "ana-at-home"}, {"Authorization": f"Bearer {key}"}
    said = {
        "messages": [{"content": "I live in Zanzibar, with a quokka.", "id": "m-marzipan"}],
        "session": "mondaynight",
    }
    once = {**good, "Idempotency-Key": "idempotentkey"}
    tool = {"name": "search_history", "arguments": {"query": "xylophone"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": tool}
    chat = {"user": "ana-at-home", "messages": [{"role": "user", "content": "Where does my quokka live?"}]}
    to_mcp = {**good, "X-Treering-User": "ana-at-home", "Accept": "application/json, text/event-stream"}
    answers = [
        client.post("/v1/messages", params=ana, json=said, headers=good),
        client.post("/v1/flush", params=ana, headers=good),
        client.post("/v1/recall", params=ana, json={"query": "Zanzibar?", "explain": True}, headers=good),
        client.post("/v1/search", params=ana, json={"query": "xylophone"}, headers=good),
        client.post("/v1/claims", params=ana, json={"path": "home.city", "text": "lives in Zanzibar"}, headers=once),
        client.post("/v1/claims", params=ana, json={"path": "ocarina.city", "text": "quokka"}, headers=good),
        client.post("/v1/claims", params=ana, json={"path": "home.city", "xylophone": "quokka"}, headers=good),
        client.post("/v1/recall", params=ana, content=b'{"query": "xylophone', headers=good),
        client.post("/v1/forget", params=ana, json={"about": "xylophone"}, headers=good),
        client.get("/v1/ocarina", params={"token": key, "user": "ana-at-home"}, headers=good),
        client.get("/v1/tree", params=ana, headers={"Authorization": f"Bearer {token}"}),
        client.get("/v1/tree", params=ana, headers={"Authorization": f"Bearer {token[:-4]}AAAA"}),
        client.get("/v1/tree", params=ana, headers={"Authorization": f"Bearer {key[:-4]}0000"}),
        client.get("/v1/tree", params=ana, headers={"Authorization": "Basic ocarina", "X-Request-ID": "zanzibar ?"}),
        client.post("/v1/chat/completions", json={**chat, "model": "good"}, headers=good),
        client.post("/v1/chat/completions", json={**chat, "model": "kazoo"}, headers=good),
        client.post("/mcp", json=call, headers=to_mcp),
        client.post("/mcp", json={**call, "params": {**tool, "name": "ocarina"}}, headers=to_mcp),
        client.post("/v1/forget", params=ana, json={"everything": True}, headers=good),
    ]
    return {answer.status_code for answer in answers}


def test_no_key_token_or_word_is_logged(tmp_path: Path, upstream: str) -> None:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    public = json.loads(RSAAlgorithm.to_jwk(private.public_key())) | {"kid": "k1", "alg": "RS256", "use": "sig"}
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [public]}))
    claims = {"iss": "i", "aud": "a", "sub": "ocarina", "exp": int(time.time()) + 600, "tenant": "t", "right": "read"}
    token = jwt.encode(claims, private, "RS256", headers={"kid": "k1"})
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        key = memory.create_key("admin").secret
    settings = {
        "TREERING_AUTH": "keys",
        "TREERING_JWT_ISSUER": "i",
        "TREERING_JWT_AUDIENCE": "a",
        "TREERING_JWT_JWKS": str(tmp_path / "jwks.json"),
        "TREERING_UPSTREAM_URL": upstream,
        "TREERING_UPSTREAM_KEY": UPSTREAM_KEY,
        "TREERING_LOG_KEY": "hunter2logkey",
    }
    with serving(tmp_path, **settings) as client:
        assert speak(client, key, token) >= {200, 400, 401, 404, 422}
    log = (tmp_path / "serve.log").read_text().lower()
    assert "post /v1/chat/completions 200" in log, "it is talkative"
    secrets = (key.rpartition("_")[2], token.rpartition(".")[2], token.split(".")[1], UPSTREAM_KEY, PASSWORD, "hunter2")
    assert [one for one in (*secrets, *WORDS) if one.lower() in log] == []


def test_no_password_of_what_is_away_is_logged(tmp_path: Path) -> None:
    settings = {
        "TREERING_DATABASE_URL": f"postgresql+psycopg://ana:{PASSWORD}@127.0.0.1:1/x",
        "TREERING_BROKER_URL": f"redis://:{PASSWORD}@127.0.0.1:1/0",
        "TREERING_QDRANT_URL": "http://127.0.0.1:1",
        "TREERING_QDRANT_API_KEY": PASSWORD,
    }
    with serving(tmp_path, **settings) as client:
        answers = [
            client.get("/health/ready"),
            client.get("/v1/sessions?user=ana-at-home"),
            client.post("/v1/messages?user=ana-at-home", json={"messages": [{"content": "I live in Zanzibar."}]}),
        ]
        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert all(PASSWORD not in answer.text for answer in answers)
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers[1:])
    log = (tmp_path / "serve.log").read_text()
    assert "/health/ready 503" in log
    assert [one for one in (PASSWORD, *WORDS) if one in log] == []
