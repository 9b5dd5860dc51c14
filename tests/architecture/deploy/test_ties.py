"""What deploy/ says of the code is so: settings, commands, options, ports, and the query that workers scale by."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy import create_engine, insert, select, text, update

from treering import Memory
from treering.cli.app import app
from treering.memory.stores.tables import jobs
from treering.settings import PREFIX, Settings

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
FILES = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix not in (".pyc", ".json")]
PAGE = ROOT / "docs" / "deploy.md"
PORT = "8377"


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", [*FILES, PAGE], ids=name_of)
def test_every_variable_is_a_setting(file: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"TREERING_[A-Z]+(?:_[A-Z]+)*", file.read_text("utf-8")))
    assert {name for name in named if name not in known and name.removesuffix("_FILE") not in known} == set()


def commands() -> dict[str, set[str]]:
    """Long options of each command, by the words that call it."""
    found: dict[str, set[str]] = {}
    waiting = [("treering", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        waiting += [(f"{name} {word}", one) for word, one in getattr(command, "commands", {}).items()]
        found[name] = {word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts)}
    return found


NOT_YET = {"treering serve"}
"""Commands that deploy/ starts and that may still be to come."""


def test_every_command_that_is_started_exists_with_its_options() -> None:
    known = commands()
    lines = [line.split() for line in re.findall(r"exec (treering .*?)(?: ;;)?$", _role_script(), re.MULTILINE)]
    lines.append(["treering", "worker", *_options_of_the_chart("worker.yaml")])
    started: dict[str, set[str]] = {}
    for words in lines:
        started.setdefault(" ".join(words[: _first_option(words)]), set()).update(words)
    assert set(started) == {"treering serve", "treering worker", "treering db upgrade"}
    for name, words in started.items():
        if name in known or name not in NOT_YET:
            assert {word for word in words if word.startswith("--")} <= known[name], name


def test_roles_are_the_same_everywhere() -> None:
    roles = set(re.findall(r"^    ([a-z]+)\)", _role_script(), re.MULTILINE))
    assert roles == {"api", "worker", "beat", "migrate", "health"}


def test_the_port_is_the_same_everywhere() -> None:
    expected = {
        "role.sh": "${API_PORT:-8377}",
        "health.py": "'API_PORT', '8377'",
        "Dockerfile": "EXPOSE 8377",
        "compose.yaml": ":8377",
        "helm/treering/templates/api.yaml": '"containerPort" 8377',
        "helm/treering/values.yaml": "port: 8377",
    }
    for name, shown in expected.items():
        assert shown in (DEPLOY / name).read_text(), name
    told = {port for file in FILES for port in re.findall(r"\b8\d{3}\b", file.read_text("utf-8"))}
    assert told == {PORT}


@pytest.fixture
def queue(postgres_url: str, tmp_path: Path) -> Memory:
    """A store with a job for each of two people, queued at this moment."""
    memory = Memory(settings=Settings(home=tmp_path, database_url=postgres_url, embedder="hash"), background=False)
    for person in ("ana", "bo"):
        memory.remember(person, "I live in Porto.")
    return memory


@pytest.mark.services
def test_the_query_of_the_autoscaler_tells_how_long_the_oldest_job_has_been_due(
    queue: Memory, postgres_url: str
) -> None:
    query = (DEPLOY / "helm" / "treering" / "files" / "queue-age.sql").read_text()
    engine = create_engine(postgres_url)
    now = datetime.now(UTC)
    [first, second] = [job.id for job in queue.jobs() + queue.jobs("bo") if job.kind == "listen"][:2]

    def age(*, busy_until: datetime | None = None, **changed: dict[str, object]) -> int:
        """In a transaction that is rolled back, with these values of the first and the second job.

        With `busy_until`, another job of the first one's person runs under a lease until then.
        """
        with engine.connect() as connection:
            connection.execute(update(jobs).values(state="done"))
            for job, values in zip((first, second), (changed.get("first", {}), changed.get("second", {})), strict=True):
                connection.execute(update(jobs).where(jobs.c.id == job).values(state="queued", **values))
            if busy_until is not None:
                row = dict(connection.execute(select(jobs).where(jobs.c.id == first)).one()._mapping)
                del row["id"]
                connection.execute(insert(jobs).values(**{**row, "state": "running", "lease_until": busy_until}))
            found = connection.execute(text(query)).scalar_one()
            connection.rollback()
        assert isinstance(found, int)
        return found

    minute = timedelta(minutes=1)
    long_due = {"queued_at": now - 10 * minute, "run_after": now - 10 * minute}
    due = {"queued_at": now - 2 * minute, "run_after": now - 2 * minute}
    postponed = {"queued_at": now - 10 * minute, "run_after": now + minute}
    tried_again = {"queued_at": now - 10 * minute, "run_after": now - minute}
    done = {"state": "done"}
    assert age(first=long_due, second=due) in range(600, 660)
    assert age(first=postponed, second=due) in range(120, 180)
    assert age(first=tried_again, second=postponed) in range(60, 120)
    assert age(first=postponed, second=postponed) == 0
    assert age(first=long_due, second=due, busy_until=now + minute) in range(120, 180)
    assert age(first=long_due, second=due, busy_until=now - minute) in range(600, 660)
    with engine.connect() as connection:
        connection.execute(update(jobs).values(done))
        assert connection.execute(text(query)).scalar_one() == 0
        connection.rollback()
    engine.dispose()
    queue.close()


def _role_script() -> str:
    return (DEPLOY / "role.sh").read_text()


def _options_of_the_chart(template: str) -> list[str]:
    return re.findall(r'"(--[a-z-]+)"', (DEPLOY / "helm" / "treering" / "templates" / template).read_text())


def _first_option(words: list[str]) -> int:
    return next(number for number, word in enumerate(words) if not word.isalpha())
