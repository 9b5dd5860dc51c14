"""The files of the inspector: sent under a policy that lets them load nothing else, and nothing beside them is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from starlette.testclient import TestClient

import treering
from treering.sidecar.inspector.pages import HEADERS, POLICY, STATIC

FILES = sorted(file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file())
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

OUTSIDE = [
    "/inspector/../pages.py",
    "/inspector/%2e%2e/pages.py",
    "/inspector/..%2fpages.py",
    "/inspector/%2e%2e%2fpages.py",
    "/inspector/..%5cpages.py",
    "/inspector/views/..%2f..%2fpages.py",
    "/inspector/%252e%252e/pages.py",
    "/inspector//etc/passwd",
    "/inspector/%2fetc%2fpasswd",
    "/inspector/__init__.py",
    "/inspector/static/app.js",
]


def assert_guarded(headers: object) -> None:
    assert {name: headers[name] for name in HEADERS} == HEADERS  # type: ignore[index]


def test_every_file_is_sent_as_what_it_is_under_the_policy(http: TestClient) -> None:
    for file in FILES:
        answer = http.get(f"/inspector/{file}")
        assert answer.status_code == 200, file
        assert answer.content == (STATIC / file).read_bytes()
        assert answer.headers["Content-Type"].split(";")[0] == TYPES[Path(file).suffix]
        assert_guarded(answer.headers)


def test_the_root_leads_to_the_page(http: TestClient) -> None:
    answer = http.get("/")
    assert str(answer.url).endswith("/inspector/")
    assert answer.content == (STATIC / "index.html").read_bytes()
    assert_guarded(answer.headers)
    assert str(http.get("/inspector").url).endswith("/inspector/")


def test_a_file_that_the_browser_has_is_not_sent_again(http: TestClient) -> None:
    etag = http.get("/inspector/app.js").headers["ETag"]
    again = http.get("/inspector/app.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert_guarded(again.headers)


def test_what_is_not_there_is_a_problem_under_the_policy(http: TestClient) -> None:
    answer = http.get("/inspector/nothing.js")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert_guarded(answer.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(http: TestClient, method: str) -> None:
    answer = http.request(method, "/inspector/app.js")
    assert answer.status_code == 405
    assert_guarded(answer.headers)


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_beside_the_files_is_reached(http: TestClient, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 404
    assert "StaticFiles" not in answer.text


def test_the_policy_allows_no_inline_script_no_other_host_and_no_markup_from_text() -> None:
    for source in ("unsafe", "http:", "https:", "*", "data:", "blob:"):
        assert source not in POLICY
    for directive in ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
        assert directive in POLICY


def test_the_files_are_part_of_the_package() -> None:
    root = Path(treering.__file__).parents[1]
    packed = {file.distribution_path for file in WheelBuilder(str(root)).recurse_included_files()}
    assert {f"treering/sidecar/inspector/static/{file}" for file in FILES} <= packed
