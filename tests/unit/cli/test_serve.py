"""`treering serve --demo`: a store with something for each view, and a port that is free."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

import treering.sidecar.serving as server
from treering import Memory
from treering.cli.seeding import CONSENT, is_seeded, seed, steps
from treering.errors import InvalidInput
from treering.settings import Settings
from treering.testing import ManualClock


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    settings = Settings(home=tmp_path_factory.mktemp("demo"), consent=CONSENT)
    clock, said = ManualClock(), []
    with Memory(settings=settings, clock=clock, background=False) as memory:
        seed(memory, clock, lambda: said.append(1))
        assert len(said) == steps()
        yield memory


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        yield port


def test_each_view_has_something_to_show(seeded: Memory) -> None:
    assert seeded.people() == ["mara", "nora", "yusuf"]
    assert {"self", "person:Ines", "agent:assistant"} <= {one.subject for one in seeded.subjects("mara")}
    assert len(seeded.sessions("mara")) == 7
    assert {held.verdict.rule for held in seeded.quarantine("mara")} == {"ask-first", "asked-to-forget"}
    assert len(seeded.receipts("mara")) == 1
    assert not any("Tomas" in turn.content for turn in seeded.turns("mara", last=100))
    authors = {version.author for version in seeded.versions("mara", limit=100)}
    assert len(authors) == 3, "it was learned, vouched for and forgotten"


def test_the_ledger_tells_the_storys_own_time(seeded: Memory) -> None:
    known = seeded.tree("mara", known_at=datetime(2024, 2, 1, tzinfo=UTC))
    assert "home.pets" not in {claim.path for claim in known.claims}
    assert {version.recorded_at.year for version in seeded.versions("mara", limit=100)} == {2024, 2025}


def test_a_store_is_seeded_once_and_never_among_other_people(seeded: Memory, tmp_path: Path) -> None:
    assert is_seeded(seeded)
    with Memory(tmp_path, embedder="hash", background=False) as other:
        assert not is_seeded(other)
        other.remember("ana", "I live in Porto.")
        with pytest.raises(InvalidInput, match="memories of others"):
            is_seeded(other)


def test_it_seeds_before_it_serves_and_says_where_to_look(
    command: Callable[..., Result], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(server, "serve", lambda settings, **_: served.append(settings))
    monkeypatch.setattr("treering.cli.seeding._stories", lambda: iter(()))
    monkeypatch.setattr("treering.cli.serve.check_port", lambda *_: None)
    monkeypatch.setenv("TREERING_DATABASE_URL", "postgresql://nowhere/never")
    monkeypatch.setenv("TREERING_AUTH", "keys")
    result = command("serve", "--demo", "--home", str(home))
    assert "http://127.0.0.1:8377/" in result.output
    [settings] = served
    assert settings.home == home
    assert settings.database_url is None
    assert settings.auth == "open"


def test_without_a_folder_what_it_made_is_thrown_away(
    command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Path] = []

    def serve(settings: Settings, **_: object) -> None:
        assert settings.home.is_dir()
        served.append(settings.home)

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.setattr("treering.cli.seeding._stories", lambda: iter(()))
    monkeypatch.setattr("treering.cli.serve.check_port", lambda *_: None)
    command("serve", "--demo")
    assert not served[0].exists()


def test_a_port_that_is_taken_is_said_before_anything_is_done(taken: int, command: Callable[..., Result]) -> None:
    with pytest.raises(InvalidInput, match=rf"choose another, e\.g\. --port {taken + 1}"):
        command("serve", "--demo", "--port", str(taken))
