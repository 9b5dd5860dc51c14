"""The image: linted, made of what is there, and run by nobody in particular."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]

BAD = "FROM python:latest\nRUN cd /tmp && apt-get install -y curl\n"


def test_the_dockerfile_is_linted(run: Program, deploy: Path) -> None:
    done = run("hadolint", "--failure-threshold", "style", deploy / "Dockerfile")
    assert done.returncode == 0, done.stdout
    assert run("hadolint", "--failure-threshold", "style", "-", given=BAD).returncode == 1


def test_the_scripts_are_linted(run: Program, deploy: Path) -> None:
    scripts = sorted(deploy.glob("*.sh"))
    done = run("shellcheck", "--enable=all", "--exclude=SC2250,SC2310,SC2312", *scripts)
    assert done.returncode == 0, done.stdout
    assert len(scripts) == 2
    assert run("shellcheck", "-", given="#!/bin/sh\necho $1\n").returncode == 1


def test_what_is_copied_is_there_and_let_in(deploy: Path) -> None:
    let_in = {line[1:] for line in (deploy / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", (deploy / "Dockerfile").read_text(), re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == let_in
    assert all((deploy.parent / source).exists() for source in copied)


def requirements(deploy: Path, extras: str, folder: Path) -> list[str]:
    command = [sys.executable, str(deploy / "requirements.py"), extras]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_image_has_what_its_extras_need_and_no_torch(deploy: Path) -> None:
    [extras] = re.findall(r"^ARG EXTRAS=(.*)$", (deploy / "Dockerfile").read_text(), re.MULTILINE)
    listed = requirements(deploy, extras, deploy.parent)
    names = {re.split(r"[<>=\[]", one)[0] for one in listed}
    assert {"sqlalchemy", "celery", "psycopg", "qdrant-client", "cryptography", "fastapi", "prometheus-client"} <= names
    assert not {"torch", "sentence-transformers", "treering"} & names


def test_an_extra_may_name_another(deploy: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["a>=1"]\n'
        '[project.optional-dependencies]\none = ["b>=2", "x[two,three]"]\ntwo = ["c"]\nthree = ["x[two]", "d"]\n'
    )
    assert requirements(deploy, "one", tmp_path) == ["a>=1", "b>=2", "c", "d"]


def test_the_last_stage_builds_nothing_and_runs_as_a_fixed_user(deploy: Path) -> None:
    *_, last = re.split(r"^FROM ", (deploy / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert "pip" not in last
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["tini", "--", "/opt/treering/role.sh"]' in last
    assert "HEALTHCHECK" in last


@pytest.mark.parametrize(
    "line", ["python -m venv --without-pip", "--constraint constraints.txt", "--only-binary :all:"]
)
def test_the_first_stage_installs_wheels_of_known_versions(line: str, deploy: Path) -> None:
    assert line in (deploy / "Dockerfile").read_text()
