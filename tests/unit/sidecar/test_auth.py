"""Who is let in: by a key, by a token, or not at all."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from treering import Memory
from treering.errors import Forbidden, InvalidInput, Unauthenticated
from treering.settings import Settings
from treering.sidecar.access import IssuerUnavailable, OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.auth import CACHE_S, MAX_CACHED, Gates, KeyGate, check_exposure, gatekeeper_of
from treering.sidecar.readiness import Readying
from treering.sidecar.tokens import JwtGate
from treering.testing import ManualClock

ISSUER, AUDIENCE = "https://login.example", "treering"

MALFORMED = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Bearer tr_",
    "Bearer tr__",
    "Bearer a.b.c",
    "Bearer ..",
    "Bearer \x00",
    "Bearer ä.ö.ü",
    "Bearer " + "x" * 100_000,
    "Bearer tr_0123456789ab_" + "0" * 64,
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer bnVsbA.bnVsbA.bnVsbA",
    "Bearer W10.W10.W10",
]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "home", embedder="hash", background=False) as memory:
        yield memory


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@pytest.fixture
def jwks(tmp_path: Path, private: rsa.RSAPrivateKey) -> str:
    """A file with the issuer's public keys."""
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    keys = [
        json.loads(RSAAlgorithm.to_jwk(private.public_key())) | {"kid": "k1", "alg": "RS256", "use": "sig"},
        json.loads(ECAlgorithm.to_jwk(elliptic)) | {"kid": "k2", "alg": "ES256", "use": "sig"},
    ]
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": keys}))
    return str(path)


def gate_of(jwks: str) -> JwtGate:
    return JwtGate(issuer=ISSUER, audience=AUDIENCE, jwks=jwks, tenant_claim="org", right_claim="right")


Sign = Callable[..., str]


@pytest.fixture
def sign(private: rsa.RSAPrivateKey) -> Sign:
    """The header with a good token, but for what is changed; None takes a claim away."""

    def sign(*, key: Any = private, algorithm: str = "RS256", kid: str | None = "k1", **changed: object) -> str:  # noqa: ANN401
        good = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "service",
            "exp": int(time.time()) + 600,
            "org": "acme",
            "right": "write",
        }
        claims = {name: value for name, value in (good | changed).items() if value is not None}
        headers = {} if kid is None else {"kid": kid}
        return f"Bearer {jwt.encode(claims, key, algorithm, headers=headers)}"

    return sign


def test_a_key_says_whose_memories_it_opens(memory: Memory) -> None:
    made = memory.create_key("read", tenant="acme")
    found = KeyGate(memory).admit(f"bearer  {made.secret} ")
    assert (found.tenant, found.right, found.credential) == ("acme", "read", made.key.id)


@pytest.mark.parametrize("given", MALFORMED)
def test_what_is_no_credential_is_refused_alike(memory: Memory, jwks: str, given: str | None) -> None:
    for gate in (KeyGate(memory), Gates(KeyGate(memory)), Gates(KeyGate(memory), gate_of(jwks)), gate_of(jwks)):
        with pytest.raises(Unauthenticated) as refused:
            gate.admit(given)
        assert str(refused.value) == str(Unauthenticated())


def test_a_revoked_key_opens_nothing_after_some_seconds(memory: Memory) -> None:
    clock = Clock()
    gate, made = KeyGate(memory, clock=clock), memory.create_key()
    gate.admit(f"Bearer {made.secret}")
    memory.revoke_key(made.key.id)
    clock.now = CACHE_S
    with pytest.raises(Unauthenticated):
        gate.admit(f"Bearer {made.secret}")


def test_a_key_that_is_known_asks_the_store_nothing(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    gate, made = KeyGate(memory, clock=clock), memory.create_key()
    assert Gates(gate).known(f"Bearer {made.secret}") is None
    first = gate.admit(f"Bearer {made.secret}")
    monkeypatch.setattr(memory, "check_key", lambda _: pytest.fail("it was known"))
    clock.now = CACHE_S - 0.1
    assert gate.admit(f"Bearer {made.secret}") == first
    assert Gates(gate).known(f"Bearer {made.secret}") == first
    clock.now = CACHE_S
    assert Gates(gate).known(f"Bearer {made.secret}") is None


def test_neither_guesses_nor_many_keys_fill_the_memory(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, made = KeyGate(memory), memory.create_key()
    monkeypatch.setattr(memory, "check_key", lambda secret: made.key if secret.startswith("tr_good") else None)
    for number in range(MAX_CACHED + 10):
        gate.admit(f"Bearer tr_good{number}")
        with pytest.raises(Unauthenticated):
            gate.admit(f"Bearer tr_bad{number}")
    assert len(gate._known) == 10


def test_a_token_says_whose_memories_it_opens(jwks: str, sign: Sign) -> None:
    found = gate_of(jwks).admit(sign())
    assert (found.tenant, found.right) == ("acme", "write")
    assert "service" not in found.credential
    assert found.credential == gate_of(jwks).admit(sign(right="read")).credential
    assert found.credential != gate_of(jwks).admit(sign(sub="another")).credential


@pytest.mark.parametrize(
    ("claim", "right"), [("read", "read"), ("openid read write", "write"), (["admin", 7, None], "admin")]
)
def test_a_token_has_the_most_that_its_claim_names(jwks: str, sign: Sign, claim: object, right: str) -> None:
    assert gate_of(jwks).admit(sign(right=claim)).right == right


@pytest.mark.parametrize("claim", [None, "", "owner", ["x"], 7, {"admin": True}, "administrator"])
def test_a_token_without_a_right_is_forbidden(jwks: str, sign: Sign, claim: object) -> None:
    with pytest.raises(Forbidden):
        gate_of(jwks).admit(sign(right=claim))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [7]},
        {"exp": 1_000},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": -1},
        {"exp": [10**11]},
        {"nbf": 10**11},
        {"nbf": "x"},
        {"iat": 10**11},
        {"iat": "x"},
        {"aud": {"treering": 1}},
        {"sub": 7},
        {"sub": ["service"]},
        {"right": "admin", "kid": "../../etc/passwd"},
        {"kid": "k1' OR '1'='1"},
        {"kid": "k1\x00"},
        {"sub": None},
        {"org": None},
        {"org": ""},
        {"org": "a\nb"},
        {"org": ["acme"]},
        {"org": "x" * 300},
        {"kid": None},
        {"kid": "k9"},
        {"kid": "k2"},
    ],
    ids=str,
)
def test_a_token_for_another_time_place_or_nobody_is_refused(jwks: str, sign: Sign, changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        gate_of(jwks).admit(sign(**changed))


def test_a_token_of_another_signer_is_refused(jwks: str, sign: Sign, private: rsa.RSAPrivateKey) -> None:
    gate, other = gate_of(jwks), rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    public = private.public_key().public_numbers().n.to_bytes(256, "big")
    for forged in (
        sign(key=other),
        sign(key=public, algorithm="HS256"),
        sign(key=None, algorithm="none"),
        sign(algorithm="RS512"),
        sign()[:-8] + "AAAAAAAA",
    ):
        with pytest.raises(Unauthenticated):
            gate.admit(forged)


def test_a_token_brings_no_key_of_its_own(jwks: str, private: rsa.RSAPrivateKey) -> None:
    """Headers that name a key, or where one is, are a stranger's to write."""
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "s",
        "exp": int(time.time()) + 600,
        "org": "acme",
        "right": "admin",
    }
    own = json.loads(RSAAlgorithm.to_jwk(other.public_key()))
    for headers in (
        {"jwk": own, "kid": "k1"},
        {"jku": "http://127.0.0.1:1/jwks.json", "kid": "k1"},
        {"x5u": "http://127.0.0.1:1/x.pem", "kid": "k1"},
        {"jwk": own},
    ):
        with pytest.raises(Unauthenticated):
            gate_of(jwks).admit(f"Bearer {jwt.encode(claims, other, 'RS256', headers=headers)}")
    for headers in ({"kid": 7}, {"kid": ["k1"]}, {"kid": "k1", "crit": ["exp"], "exp": 1}, {"kid": "k1", "b64": False}):
        header = {"alg": "RS256", "typ": "JWT", **headers}
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
        signature = private.sign(b".".join(parts), padding.PKCS1v15(), hashes.SHA256())
        token = b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()
        with pytest.raises(Unauthenticated):
            gate_of(jwks).admit(f"Bearer {token}")


def test_a_key_that_is_over_is_refused_as_one_that_never_was(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2024, 3, 1, tzinfo=UTC))
    with Memory(tmp_path, embedder="hash", background=False, clock=clock) as memory:
        gone, over = memory.create_key("admin"), memory.create_key("admin", expires_in=timedelta(days=1))
        memory.revoke_key(gone.key.id)
        clock.advance(timedelta(days=1))
        never = over.secret[:-8] + "0" * 8
        with TestClient(create_app(memory, KeyGate(memory), Readying({}), CollectorRegistry())) as client:
            said = {"messages": [{"content": "x"}]}
            answers = [
                client.post("/v1/messages?user=ana", json=said, headers={"Authorization": f"Bearer {secret}"})
                for secret in (gone.secret, over.secret, never)
            ]
            assert {(one.status_code, one.json()["type"], one.json()["detail"]) for one in answers} == {
                (401, "urn:treering:problem:unauthenticated", str(Unauthenticated()))
            }
            assert memory.people() == []


def test_where_the_issuer_is_away_it_says_so(sign: Sign) -> None:
    with pytest.raises(IssuerUnavailable):
        gate_of("http://127.0.0.1:1/jwks.json").admit(sign())


@pytest.fixture
def published(jwks: str) -> Iterator[list[bytes]]:
    """What the issuer answers at `PUBLISHED`; tests change it."""
    answers = [Path(jwks).read_bytes()]

    class Issuer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if answers[-1] else 500)
            self.end_headers()
            self.wfile.write(answers[-1])

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        answers.insert(0, f"http://127.0.0.1:{server.server_port}/jwks.json".encode())
        yield answers
        server.shutdown()
        thread.join()


def test_keys_that_an_issuer_publishes_are_fetched_once(published: list[bytes], sign: Sign) -> None:
    gate = gate_of(published[0].decode())
    assert gate.admit(sign()).tenant == "acme"
    published.append(b"")
    assert gate.admit(sign()).tenant == "acme"
    with pytest.raises(Unauthenticated):
        gate.admit(sign(kid="k9"))


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"keys": []}', b'{"keys": 7}', b"\xff\xfe", b"null"])
def test_where_the_issuer_publishes_no_keys_it_says_so(published: list[bytes], sign: Sign, answer: bytes) -> None:
    published.append(answer)
    with pytest.raises(IssuerUnavailable):
        gate_of(published[0].decode()).admit(sign())


def test_keys_and_tokens_go_through_one_gate(memory: Memory, jwks: str, sign: Sign) -> None:
    made = memory.create_key("read", tenant="other")
    gate = Gates(KeyGate(memory), gate_of(jwks))
    assert gate.admit(f"Bearer {made.secret}").tenant == "other"
    assert gate.admit(sign()).tenant == "acme"


def settings_with(tmp_path: Path, **fields: str) -> Settings:
    return Settings(home=tmp_path, embedder="hash", **fields)  # type: ignore[arg-type]


def test_the_gate_follows_the_settings(memory: Memory, tmp_path: Path, jwks: str, sign: Sign) -> None:
    assert isinstance(gatekeeper_of(settings_with(tmp_path), memory), OpenHouse)
    with pytest.raises(Unauthenticated):
        gatekeeper_of(settings_with(tmp_path, auth="keys"), memory).admit(sign())
    token = {"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE, "jwt_jwks": jwks, "jwt_tenant_claim": "org"}
    assert gatekeeper_of(settings_with(tmp_path, auth="keys", **token), memory).admit(sign()).tenant == "acme"
    with pytest.raises(InvalidInput, match="TREERING_AUTH"):
        gatekeeper_of(settings_with(tmp_path, **token), memory)
    with pytest.raises(InvalidInput, match="TREERING_JWT_AUDIENCE: is missing"):
        gatekeeper_of(settings_with(tmp_path, auth="keys", **(token | {"jwt_audience": ""})), memory)
    with pytest.raises(InvalidInput, match="TREERING_JWT_JWKS"):
        gatekeeper_of(settings_with(tmp_path, auth="keys", **(token | {"jwt_jwks": "/nowhere"})), memory)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "db.internal", "127.0.0.1.evil.example", ""])  # noqa: S104
def test_without_a_login_only_this_machine_is_served(tmp_path: Path, host: str) -> None:
    with pytest.raises(InvalidInput, match=r"treering keys create.*TREERING_AUTH=keys"):
        check_exposure(settings_with(tmp_path), host)
    check_exposure(settings_with(tmp_path, auth="keys"), host)
    for loopback in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        check_exposure(settings_with(tmp_path), loopback)


@pytest.fixture
def local(memory: Memory) -> Iterator[TestClient]:
    app = create_app(memory, OpenHouse(), Readying({}), CollectorRegistry(), is_local_only=True)
    with TestClient(app, base_url="http://127.0.0.1:8377") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8377", "[::1]:8377", "LOCALHOST"])
def test_programs_of_this_machine_are_served(local: TestClient, host: str) -> None:
    assert local.get("/version", headers={"Host": host}).status_code == 200
    assert local.get("/version", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8377", "Origin": "http://evil.example:8377"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "user@evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": ""},
    ],
    ids=str,
)
def test_pages_of_elsewhere_are_refused(local: TestClient, headers: dict[str, str]) -> None:
    answer = local.get("/version", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "evil" not in answer.text


def test_with_keys_any_name_is_served(memory: Memory) -> None:
    app = create_app(memory, KeyGate(memory), Readying({}), CollectorRegistry())
    with TestClient(app, base_url="https://memory.example") as client:
        assert client.get("/version", headers={"Origin": "https://app.example"}).status_code == 200


def test_a_refused_credential_gets_a_challenge(memory: Memory) -> None:
    app = create_app(memory, KeyGate(memory), Readying({}), CollectorRegistry())
    made = memory.create_key(expires_in=timedelta(days=1))
    with TestClient(app) as client:
        for given in MALFORMED:
            headers = {} if given is None else {"Authorization": given.encode("latin-1", "replace")}
            answer = client.get("/v1/sessions?user=ana", headers=headers)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert client.get("/v1/sessions?user=ana", headers={"Authorization": f"Bearer {made.secret}"}).is_success
