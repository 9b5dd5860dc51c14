"""What is known of the upstream is told to nobody, and its failures are told as OpenAI's API tells them."""

from __future__ import annotations

import json

import httpx2
import pytest

from treering.errors import InvalidInput
from treering.settings import Settings
from treering.sidecar.proxy.upstream import failure, passed_back, told


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (httpx2.ReadTimeout("hunter2"), 504, "upstream_timeout"),
        (httpx2.PoolTimeout("hunter2"), 504, "upstream_timeout"),
        (httpx2.ConnectTimeout("hunter2"), 502, "upstream_unreachable"),
        (httpx2.ConnectError("hunter2"), 502, "upstream_unreachable"),
        (httpx2.RemoteProtocolError("hunter2"), 502, "upstream_unreachable"),
        (httpx2.DecodingError("hunter2"), 502, "upstream_unreachable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_has_the_form_of_openais_errors(error: httpx2.RequestError, status: int, code: str) -> None:
    answer = told(failure(error))
    assert answer.status_code == status
    body = json.loads(bytes(answer.body))["error"]
    assert (body["code"], body["type"], body["param"]) == (code, code, None)
    assert "hunter2" not in body["message"]


def test_headers_of_an_answer_are_passed_on_by_name() -> None:
    headers = httpx2.Headers(
        {"Content-Type": "a/b", "X-RateLimit-Reset": "1", "Set-Cookie": "x", "Content-Length": "7", "Server": "y"}
    )
    assert {name.lower() for name in passed_back(headers)} == {"content-type", "x-ratelimit-reset"}


def test_the_settings_show_no_key_and_take_no_other_protocol() -> None:
    given = {"TREERING_UPSTREAM_URL": "https://user:hunter2@example.com/v1", "TREERING_UPSTREAM_KEY": "hunter2"}
    settings = Settings.read(given)
    assert settings.upstream_key is not None
    assert settings.upstream_key.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings) + str(settings)
    for wrong in ("ftp://example.com", "example.com", "https://"):
        with pytest.raises(InvalidInput, match="TREERING_UPSTREAM_URL"):
            Settings.read({"TREERING_UPSTREAM_URL": wrong})
