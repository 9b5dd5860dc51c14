"""Each finding is planted, found, told without the person's words, and mended where that loses nothing."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from treering import Memory, Settings
from treering.memory.doctor.examining import CHECKS
from treering.schemas.dialogue import Scope
from treering.schemas.health import HealthReport
from treering.testing import ManualClock

ANA = Scope(user="ana")
SAID = "I moved to Lisbon and I am allergic to peanuts."


class Patient:
    """A memory with something in it, whose file can be tampered with."""

    def __init__(self, home: Path, clock: ManualClock) -> None:
        self.home = home
        self.clock = clock

    def open(self) -> Memory:
        return Memory(self.home, embedder="hash", clock=self.clock, background=False)

    def execute(self, statement: str, *values: object) -> None:
        """Change the file behind everybody's back."""
        with sqlite3.connect(self.home / "treering.db") as connection:
            assert connection.execute(statement, values).rowcount > 0
        connection.close()

    def examine(self, *, repair: bool = False) -> HealthReport:
        with self.open() as memory:
            report = memory.doctor(repair=repair)
            if repair:
                memory.flush()
            return report


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one in whom nothing is found."""
    patient = Patient(tmp_path_factory.mktemp("healthy"), ManualClock())
    with patient.open() as memory:
        memory.remember("ana", SAID, session="s1")
        memory.remember("ana", "My sister Ines lives in Porto.", session="s2")
        memory.end_session("ana")
        memory.flush()
        assert memory.tree("ana").claims
    assert patient.examine().findings == ()
    return patient.home


@pytest.fixture
def patient(healthy: Path, tmp_path: Path) -> Patient:
    """Each test has a copy."""
    return Patient(copytree(healthy, tmp_path / "home"), ManualClock())


def drop_a_claim(patient: Patient) -> None:
    patient.execute("DELETE FROM claims WHERE seq = (SELECT min(seq) FROM claims)")


def move_the_head(patient: Patient) -> None:
    patient.execute("UPDATE heads SET version = version - 1")


def beyond_the_end(patient: Patient) -> None:
    patient.execute("UPDATE heads SET heard_seq = 99")
    patient.execute("UPDATE index_marks SET seq = 99")


def miscount(patient: Patient) -> None:
    patient.execute("UPDATE sessions SET turns = 7 WHERE session = 's1'")


def lose_a_session(patient: Patient) -> None:
    patient.execute("DELETE FROM sessions WHERE session = 's1'")


def lose_a_vector(patient: Patient) -> None:
    patient.execute("DELETE FROM vectors WHERE entry_id LIKE 'claim:%'")


def leave_a_vector(patient: Patient) -> None:
    patient.execute("UPDATE vectors SET entry_id = 'turn:nobody' WHERE id = (SELECT min(id) FROM vectors)")


def lose_a_summary(patient: Patient) -> None:
    patient.execute("DELETE FROM passages WHERE level = 1 AND passage LIKE '%\"s2\"%'")


def leave_a_summary(patient: Patient) -> None:
    with patient.open() as memory, memory._engine.store.begin() as unit:
        [first, *_] = unit.passages.level(ANA, 0)
        unit.passages.put(ANA, [first.model_copy(update={"id": "left over"})])


def lose_the_vector_of_an_episode(patient: Patient) -> None:
    patient.execute(
        "DELETE FROM vectors WHERE entry_id = (SELECT 'summary:' || min(passage_id) FROM passages WHERE level = 0)"
    )


def lose_the_vector_of_the_root(patient: Patient) -> None:
    patient.execute(
        "DELETE FROM vectors WHERE entry_id = (SELECT 'summary:' || passage_id FROM passages WHERE level = 3)"
    )


def doctor_the_past(patient: Patient) -> None:
    patient.execute("INSERT INTO snapshots SELECT scope_id, version, seq, '[[1,null]]' FROM heads")


def lose_the_job(patient: Patient) -> None:
    patient.execute("UPDATE index_marks SET version = 0")


def lose_the_job_for_turns(patient: Patient) -> None:
    patient.execute("UPDATE index_marks SET seq = seq - 1")


def lose_the_job_that_listens(patient: Patient) -> None:
    with patient.open() as memory:
        memory.remember("ana", "I like figs.", session="s3")
        memory.end_session("ana")
    patient.execute("DELETE FROM jobs WHERE state = 'queued' AND kind = 'listen'")


def strand_a_job(patient: Patient) -> None:
    past = (patient.clock.now() - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
    patient.execute(
        "UPDATE jobs SET state = 'running', lease_until = ?, fence = (SELECT fence FROM heads) "
        "WHERE id = (SELECT max(id) FROM jobs)",
        past,
    )


def leave_forgotten_words(patient: Patient) -> None:
    with sqlite3.connect(patient.home / "treering.db") as connection:
        words = connection.execute("SELECT * FROM operation_words").fetchall()
    connection.close()
    with patient.open() as memory:
        memory.forget("ana", claims=[memory.tree("ana").claims[0].id])
        memory.flush()
    left = {row[1] for row in words}
    with sqlite3.connect(patient.home / "treering.db") as connection:
        left -= {seq for (seq,) in connection.execute("SELECT seq FROM operation_words")}
        connection.executemany("INSERT INTO operation_words VALUES (?, ?, ?, ?)", [w for w in words if w[1] in left])
    connection.close()


@pytest.mark.parametrize(
    ("check", "plant"),
    [
        ("fold", drop_a_claim),
        ("fold", move_the_head),
        ("marks", beyond_the_end),
        ("sessions", miscount),
        ("sessions", lose_a_session),
        ("vectors", lose_a_vector),
        ("vectors", leave_a_vector),
        ("vectors", lose_the_vector_of_an_episode),
        ("vectors", lose_the_vector_of_the_root),
        ("summaries", lose_a_summary),
        ("summaries", leave_a_summary),
        ("snapshots", doctor_the_past),
        ("index job", lose_the_job),
        ("index job", lose_the_job_for_turns),
        ("listen job", lose_the_job_that_listens),
        ("leases", strand_a_job),
        ("forgotten words", leave_forgotten_words),
    ],
)
def test_what_can_be_made_anew_is_found_and_mended(
    patient: Patient, check: str, plant: Callable[[Patient], None]
) -> None:
    plant(patient)
    found = patient.examine()
    assert found.findings[0].check == check  # what follows from it may be found too
    assert not found.is_sound
    assert all(finding.repairable and finding.scope == ANA for finding in found.findings)
    assert patient.examine().findings, "looking mends nothing"
    assert patient.examine(repair=True).is_sound
    assert patient.examine().findings == ()
    with patient.open() as memory:
        assert {entry.batch_id for entry in memory.history("ana")}


def change_a_word(patient: Patient) -> None:
    patient.execute("UPDATE operation_words SET words = replace(words, 'Lisbon', 'Madrid') WHERE words LIKE '%Lisbon%'")


def change_a_fact(patient: Patient) -> None:
    patient.execute("UPDATE operations SET body = replace(body, 'home.city', 'home.country') WHERE body LIKE '%home%'")


def change_what_was_said(patient: Patient) -> None:
    patient.execute("UPDATE turns SET content = 'I like soup.' WHERE content LIKE '%Lisbon%'")


def lose_what_was_said(patient: Patient) -> None:
    patient.execute("UPDATE turns SET message_id = 'other' WHERE content LIKE '%Lisbon%'")


@pytest.mark.parametrize(
    ("check", "plant"),
    [
        ("chain", change_a_word),
        ("chain", change_a_fact),
        ("evidence", change_what_was_said),
        ("evidence", lose_what_was_said),
    ],
)
def test_what_only_a_person_knows_is_found_and_left(
    patient: Patient, check: str, plant: Callable[[Patient], None]
) -> None:
    plant(patient)
    [finding] = [one for one in patient.examine(repair=True).findings if one.check == check]
    assert not finding.repairable
    assert not finding.repaired
    assert finding.advice
    assert not patient.examine().is_sound


def test_a_damaged_row_is_a_finding_and_no_crash(patient: Patient) -> None:
    patient.execute("UPDATE claims SET claim = '{' WHERE seq = (SELECT min(seq) FROM claims)")
    report = patient.examine()
    assert any("cannot be looked at" in finding.what for finding in report.findings)
    assert "Lisbon" not in report.model_dump_json()


def test_a_memory_whose_key_is_gone_is_one_finding(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    sealed = Settings(home=tmp_path, embedder="hash", master_key=key)
    with Memory(settings=sealed, background=False) as memory:
        memory.remember("ana", SAID)
        memory.flush()
        assert memory.doctor().findings == ()
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        connection.execute("DELETE FROM keyring_keys")
    connection.close()
    with Memory(settings=sealed, background=False) as memory:
        [finding] = memory.doctor(repair=True).findings
    assert (finding.check, finding.repaired) == ("access", False)
    assert "TREERING_KEYS_URL" in finding.advice


def test_jobs_that_only_a_newer_version_knows_are_told_of_and_left_to_it(patient: Patient) -> None:
    patient.execute("UPDATE jobs SET kind = 'rewind', state = 'queued' WHERE id = (SELECT max(id) FROM jobs)")
    [finding] = patient.examine(repair=True).findings
    assert (finding.check, finding.count, finding.repairable) == ("job kinds", 1, False)
    assert "rewind" in finding.what
    assert patient.examine(repair=True).findings == (finding,), "nobody touched it"


def test_every_person_and_every_check_is_looked_at(patient: Patient) -> None:
    seen: list[tuple[int, int]] = []
    with patient.open() as memory:
        memory.remember("bo", "I like tea.", tenant="other")
        memory.flush()
        report = memory.doctor(progress=lambda done, total: seen.append((done, total)))
        assert memory.doctor(tenant="other").scopes == 1
    assert report.scopes == 2
    assert seen == [(1, 2), (2, 2)]
    assert report.checks == tuple(check.name for check in CHECKS)
