"""role.sh and health.py: they become what they are told, take secrets from files, and tell who is well."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import time
from pathlib import Path
from types import ModuleType

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"


def role(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("TREERING_")}
    command = [str(DEPLOY / "role.sh"), *words]
    return subprocess.run(command, env={**bare, **variables}, capture_output=True, text=True, check=False)


def test_secrets_come_from_files_and_leave_no_trace_of_them(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://treering:pässword@db/treering\n")
    (tmp_path / "key").write_text("sk-1")
    done = role(
        "env",
        TREERING_DATABASE_URL_FILE=str(tmp_path / "url"),
        OPENAI_API_KEY_FILE=str(tmp_path / "key"),
        TREERING_MASTER_KEY_FILE=str(tmp_path / "master"),
    )
    given = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert given["TREERING_DATABASE_URL"] == "postgresql://treering:pässword@db/treering"
    assert given["OPENAI_API_KEY"] == "sk-1"
    assert given["TREERING_MASTER_KEY_FILE"] == str(tmp_path / "master")
    assert given["ORT_DISABLE_TELEMETRY"] == "1", "ONNX Runtime reports to its maker unless it is told not to"
    assert not {"TREERING_DATABASE_URL_FILE", "OPENAI_API_KEY_FILE", "TREERING_MASTER_KEY"} & set(given)


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        ((), {}, "say what to start"),
        (("env",), {"TREERING_BROKER_URL_FILE": "/nowhere"}, "/nowhere, which cannot be read"),
        (("env",), {"TREERING_MODEL_FILE": "/dev/null", "TREERING_MODEL": "x"}, "are both set"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], variables: dict[str, str], said: str) -> None:
    done = role(*words, **variables)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.fixture
def health() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deploy_health", DEPLOY / "health.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("tini\0--\0/opt/treering/role.sh\0worker\0--concurrency\x002\0", "worker"),
        ("tini\0--\0/opt/treering/role.sh\0beat\0", "beat"),
        ("bash\0", None),
    ],
)
def test_a_container_knows_its_role_by_its_command(
    command: str, expected: str | None, health: ModuleType, tmp_path: Path
) -> None:
    file = tmp_path / "cmdline"
    file.write_text(command)
    assert health.main_role(str(file)) == expected


def test_beat_is_well_while_it_writes(health: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "schedule"
    monkeypatch.setenv("BEAT_SCHEDULE", str(file))
    with socket.create_server(("127.0.0.1", 0)) as broker:
        monkeypatch.setenv("TREERING_BROKER_URL", f"redis://127.0.0.1:{broker.getsockname()[1]}/0")
        assert health.unwell("beat") == f"{file} is not there"
        (tmp_path / "schedule.dat").write_text("")
        assert health.unwell("beat") is None
        long_ago = time.time() - health.BEAT_SILENCE_S - 60
        os.utime(tmp_path / "schedule.dat", (long_ago, long_ago))
        assert "wrote nothing for 66" in health.unwell("beat")


def test_who_waits_for_a_broker_is_well(health: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREERING_BROKER_URL", "amqp://user:secret@127.0.0.1:1//")
    assert health.unwell("worker") is None
    assert health.unwell("beat") is None
    told = health.unwell("broker")
    assert told == "the broker at 127.0.0.1:1 cannot be reached: Connection refused"


def test_an_api_that_answers_nothing_is_not_well(health: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_PORT", "1")
    assert "Connection refused" in health.unwell("api")
    assert role("health", "wroker").returncode == 1
