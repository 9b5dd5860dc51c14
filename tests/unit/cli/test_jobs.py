"""`treering jobs` from the outside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from treering import Drained, Job, Memory
from treering.cli.jobs_drawing import draw_gates, span
from treering.errors import InvalidInput
from treering.schemas.gates import Gate
from treering.workers.runner import Runner

Run = Callable[..., Result]

REPLY = "Well \x1b[2J, [bold]I think[/bold]:\nnothing."


def change(home: Path, statement: str, *values: object) -> None:
    """Change the file behind everybody's back."""
    with sqlite3.connect(home / "treering.db") as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def say(home: Path, user: str = "ana", *, tenant: str = "default") -> int:
    """Something that waits to be heard; returns the job's id."""
    with Memory(home, embedder="hash", background=False) as memory:
        memory.remember(user, "I live in Porto.", tenant=tenant)
        return memory.jobs(user, tenant=tenant)[-1].id


def die(home: Path, job_id: int) -> None:
    change(home, "UPDATE jobs SET state = 'dead', error = 'cannot be read', raw_reply = ? WHERE id = ?", REPLY, job_id)


def test_nothing_waits_at_first(command: Run) -> None:
    assert "No work is waiting." in command("jobs").output
    assert json.loads(command("jobs", "--json").output) == []
    assert "No such work." in command("jobs", "--state", "dead").output


def test_list_need_not_be_named(command: Run, home: Path) -> None:
    job_id = say(home)
    for arguments in ((), ("ana",), ("list",), ("list", "ana"), ("--state", "queued"), ("--tenant", "default")):
        output = command("jobs", *arguments).output
        assert f"{job_id}" in output
        assert "default/ana" in output
    assert "Usage" in command("jobs", "--help").output
    [listed] = json.loads(command("jobs", "ana", "--json").output)
    assert Job.model_validate(listed).id == job_id


def test_a_list_begins_with_a_count_and_tells_tenants_apart(command: Run, home: Path) -> None:
    say(home)
    output = command("jobs").output
    assert [line.split()[:2] for line in output.splitlines()[:2]] == [["kind", "queued"], ["listen", "1"]]
    assert "acme" not in output
    say(home, tenant="acme")
    output = command("jobs").output
    assert output.splitlines()[1].split()[:2] == ["listen", "2"]
    assert "acme/ana" in output
    assert "default/ana" in output
    output = command("jobs", "--tenant", "acme").output
    assert "default" not in output
    assert output.splitlines()[1].split()[:2] == ["listen", "1"]


def test_states_kinds_and_limit_narrow_a_list(command: Run, home: Path) -> None:
    first, second = say(home), say(home, "bo")
    die(home, first)

    def ids(*arguments: str) -> list[int]:
        return [job["id"] for job in json.loads(command("jobs", "list", "--json", *arguments).output)]

    assert ids() == [first, second]
    assert ids("--state", "dead") == [first]
    assert ids("--state", "dead", "--state", "queued") == [first, second]
    assert ids("--kind", "index") == []
    assert ids("--limit", "1") == [first]
    with pytest.raises(InvalidInput, match="states"):
        command("jobs", "--state", "asleep")
    with pytest.raises(InvalidInput, match="kinds"):
        command("jobs", "--kind", "dream")


def test_one_job_is_shown_with_what_the_model_said_and_what_to_do(command: Run, home: Path) -> None:
    job_id = say(home)
    assert "jobs drain ana" in command("jobs", "show", str(job_id)).output
    die(home, job_id)
    output = command("jobs", "show", str(job_id)).output
    assert "cannot be read" in output
    assert "\x1b" not in output
    assert r"Well \x1b[2J, [bold]I think[/bold]:" in output
    assert f"jobs retry {job_id}" in output
    assert " ago" in output
    assert Job.model_validate_json(command("jobs", "show", str(job_id), "--json").output).raw_reply == REPLY


def test_what_waits_for_its_time_says_when_it_comes(command: Run, home: Path) -> None:
    job_id = say(home)
    later = (datetime.now(UTC) + timedelta(hours=3)).replace(tzinfo=None).isoformat(sep=" ")
    change(home, "UPDATE jobs SET run_after = ?", later)
    assert "It is tried in 2 h 59 min." in command("jobs", "show", str(job_id)).output
    assert "in 2 h 59 min" in " ".join(command("jobs").output.split())
    output = command("jobs", "drain").output
    assert "Nothing was due" in output
    assert "Left: 1 job; due 20" in output
    assert "in 2 h 59 min." in output


def test_a_model_that_rests_is_told(command: Run, home: Path) -> None:
    say(home)
    now = datetime.now(UTC)
    gates = [
        Gate(name="model:one", at=now, failures=5, shut_until=now + timedelta(hours=2)),
        Gate(name="model:two", at=now, failures=2),
        Gate(name="cost", at=now, level=0.2),
    ]
    lines = [line.plain for line in draw_gates(gates, now)]
    assert lines == ["model:one is asked again in 2 h.", "model:two failed 2 times in a row."]
    assert "model:" not in command("jobs").output


def test_a_dead_job_is_tried_again(command: Run, home: Path) -> None:
    job_id = say(home)
    with pytest.raises(InvalidInput, match="is queued"):
        command("jobs", "retry", str(job_id))
    die(home, job_id)
    assert "it is done" in command("jobs", "retry", str(job_id)).output
    assert "No work is waiting." in command("jobs").output
    assert "lives in Porto" in command("tree", "ana").output
    with pytest.raises(InvalidInput, match="there is no 99"):
        command("jobs", "retry", "99")
    with pytest.raises(InvalidInput, match="--all-dead"):
        command("jobs", "retry")


def test_one_that_fails_once_more_says_so(command: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    job_id = say(home)
    die(home, job_id)
    monkeypatch.setattr("treering.memory.engine.Engine.run", broken)
    done = command("jobs", "retry", str(job_id))
    assert done.exit_code == 1
    assert "it is queued: RuntimeError: broken" in done.output


def test_all_dead_jobs_are_queued_or_those_of_a_tenant(command: Run, home: Path) -> None:
    ids = [say(home, user, tenant=tenant) for user in ("ana", "bo") for tenant in ("default", "acme")]
    for job_id in ids:
        die(home, job_id)
    assert json.loads(command("jobs", "retry", "--all-dead", "--tenant", "acme", "--json").output) == {"queued": 2}
    assert "Queued again: 2 jobs" in command("jobs", "retry", "--all-dead").output
    assert "No job is dead." in command("jobs", "retry", "--all-dead").output


def test_a_cancelled_job_is_not_done_until_the_next_one(command: Run, home: Path) -> None:
    job_id = str(say(home))
    assert "stay unheard until" in command("jobs", "cancel", job_id).output
    assert "Nothing was due" in command("jobs", "drain").output
    assert "No work is waiting." in command("jobs").output
    assert command("jobs", "--state", "cancelled", "--json").output.count('"cancelled"') == 1
    with pytest.raises(InvalidInput, match="nothing to cancel"):
        command("jobs", "cancel", job_id)
    command("remember", "ana", "I have two cats.")
    assert "lives in Porto" in command("tree", "ana").output, "the next listen hears it all"


@pytest.mark.parametrize("verb", ["show", "retry", "cancel"])
def test_another_tenants_job_is_not_there(command: Run, home: Path, verb: str) -> None:
    job_id = say(home, tenant="acme")
    die(home, job_id)
    with pytest.raises(InvalidInput, match="there is no"):
        command("jobs", verb, str(job_id), "--tenant", "other")
    assert command("jobs", "show", str(job_id)).exit_code == 0, "who operates the store sees all"


def test_due_work_is_done_here(command: Run, home: Path) -> None:
    for user in ("ana", "bo"):
        say(home, user)
    output = command("jobs", "drain", "ana").output
    assert "2 done; 1 turn heard." in output
    assert "Nothing is left." in output
    assert [job["scope"]["user"] for job in json.loads(command("jobs", "--json").output)] == ["bo"]
    done = Drained.model_validate_json(command("jobs", "drain", "--limit", "1", "--json").output)
    assert (done.outcomes, done.left) == ({"done": 1}, 1)
    assert "1 done" in command("jobs", "drain").output


def test_ctrl_c_puts_the_job_back_and_says_what_is_left(
    command: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    say(home)
    with monkeypatch.context() as patched:
        patched.setattr(Runner, "_do", stop)
        done = command("jobs", "drain")
    assert done.exit_code == 130
    assert "Left: 1 job" in done.output
    [job] = json.loads(command("jobs", "--json").output)
    assert (job["state"], job["attempts"]) == ("queued", 0)
    assert "2 done" in command("jobs", "drain").output


def test_lengths_of_time_are_told_in_two_units() -> None:
    assert span(timedelta(days=3, hours=0, minutes=5)) == "3 d"
    assert span(timedelta(seconds=-5)) == "0 s"
