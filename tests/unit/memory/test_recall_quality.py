"""How well recall finds what matters for a question, and keeps the rest out: the bundled model, the core trunk.

`python tests/unit/memory/test_recall_quality.py` prints the figures and every miss.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from treering.composition import Choices, compose
from treering.memory.asking import Question
from treering.memory.engine import Engine
from treering.own_yaml import load_yaml
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope
from treering.schemas.operations import Add, Batch
from treering.settings import Settings
from treering.testing import ManualClock

CASES = load_yaml((Path(__file__).parent / "recall_cases.yaml").read_text(encoding="utf-8"))
NOW = datetime(2024, 11, 1, 12, 0, tzinfo=UTC)
CALIBRATED_ON = ("nora", "viktor")
HELD_OUT = ("yusuf",)
OF_SEVERAL_THINGS = ("odile",)

pytestmark = pytest.mark.slow


@dataclass
class Figures:
    """Counts over questions."""

    wanted: int = 0
    found: int = 0
    wrong: int = 0
    unrelated: int = 0
    stale: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.wanted

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from filled(tmp_path_factory.mktemp("recall"))


def filled(folder: Path) -> Iterator[Engine]:
    """An engine that knows the three people."""
    engine = compose(Settings(home=folder), Choices(clock=ManualClock(NOW)), lambda _event: None)
    for user, person in CASES["people"].items():
        scope = Scope(user=f"{user}-1")
        claims = tuple(Add(claim=claim_of(user, *fields)) for fields in person["claims"].values())
        with engine.store.begin() as unit:
            batch = Batch(id=f"import:{user}", operations=claims, recorded_at=NOW, author="manual")
            unit.ledger.commit(scope, batch, expected_version=0)
            unit.jobs.enqueue(scope, "index", NOW)
            job = unit.jobs.claim(NOW + timedelta(seconds=1), lease_s=60, scope=scope)
        assert job is not None
        engine.run(job, last_try=True)
    yield engine
    engine.store.close()


def claim_of(user: str, path: str, text: str, since: date, until: date | None = None) -> Claim:
    return Claim(
        id=hashlib.sha256(f"{user} {path} {text}".encode()).hexdigest()[:24],
        path=path,
        text=text,
        valid_from=datetime.combine(since, time(12), UTC),
        valid_to=datetime.combine(until, time(12), UTC) if until else None,
        recorded_at=NOW,
        origin="manual",
    )


def shown(engine: Engine, user: str, question: str) -> dict[str, str]:
    """The lines for a question, by the id that the claim has in the cases."""
    ids = {claim_of(user, *fields).id: name for name, fields in CASES["people"][user]["claims"].items()}
    recall = engine.recall(Scope(user=f"{user}-1"), Question(text=question))
    return {ids[line.ref]: line.text for line in recall.lines}


def always(user: str) -> set[str]:
    return {name for name, fields in CASES["people"][user]["claims"].items() if fields[0] == "boundaries.never_mention"}


def measure(engine: Engine, *users: str) -> Figures:
    figures = Figures()
    for user in users:
        for question, wanted, allowed in CASES["people"][user]["questions"]:
            lines = shown(engine, user, question)
            found = set(lines) - always(user)
            figures.wanted += len(wanted)
            figures.found += len(found & set(wanted))
            wrong = found - set(wanted) - set(allowed)
            figures.wrong += len(wrong)
            if "chang" not in question and "still" not in question:
                figures.stale += [text for text in lines.values() if re.search(r"\d to \d", text)]
            if wrong or set(wanted) - found:
                figures.misses.append(f"{question} missed {sorted(set(wanted) - found)} wrong {sorted(wrong)}")
        for question in CASES["unrelated"]:
            extra = set(shown(engine, user, question)) - always(user)
            figures.unrelated += len(extra)
            figures.misses += [f"{question} brought {sorted(extra)}"] if extra else []
    return figures


def test_what_matters_comes_and_little_else(engine: Engine) -> None:
    figures = measure(engine, *CALIBRATED_ON)
    assert figures.recall >= 0.90, figures.misses
    assert figures.precision >= 0.90, figures.misses
    assert figures.stale == []


def test_so_it_does_for_somebody_on_whom_nothing_was_calibrated(engine: Engine) -> None:
    figures = measure(engine, *HELD_OUT)
    assert figures.recall >= 0.80, figures.misses
    assert figures.precision >= 0.80, figures.misses
    assert figures.stale == []


def test_so_it_does_for_questions_about_several_things_and_whole_areas(engine: Engine) -> None:
    figures = measure(engine, *OF_SEVERAL_THINGS)
    assert figures.recall >= 0.85, figures.misses
    assert figures.precision >= 0.90, figures.misses
    assert figures.stale == []


def test_unrelated_requests_recall_nothing(engine: Engine) -> None:
    figures = measure(engine, *CASES["people"])
    assert len(CASES["unrelated"]) >= 15
    assert figures.unrelated == 0, figures.misses


def test_all_that_is_known_of_somebody_is_not_what_is_special(engine: Engine) -> None:
    assert not {"asthma", "inhaler", "rent", "loan"} & set(shown(engine, "odile", "What do you know about me?"))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where should I take Nora for dinner?", {"peanut", "vegan", "mushrooms", "coriander"}),
        ("What does she do for work, and what is she aiming at?", {"job", "course"}),
        ("How did her taste in music change?", {"jazz", "techno"}),
        ("What's her name?", {"name"}),
    ],
)
def test_the_questions_of_the_front_page_are_answered(engine: Engine, question: str, expected: set[str]) -> None:
    assert expected <= set(shown(engine, "nora", question))


def test_what_is_no_longer_so_is_shown_with_its_end(engine: Engine) -> None:
    lines = shown(engine, "nora", "How did her taste in music change?")
    assert lines["jazz"].endswith("loves jazz (preferences.music, 2023-01-25 to 2023-11-10)")
    assert lines["techno"].endswith("listens to techno all the time (preferences.music, 2023-11-10)")


def test_a_boundary_stands_in_every_context(engine: Engine) -> None:
    for question in ("What is 17 times 23?", "Who is he married to?"):
        assert "divorce" in shown(engine, "viktor", question)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for one in filled(Path(name)):
            for users in (CALIBRATED_ON, HELD_OUT, OF_SEVERAL_THINGS):
                reached = measure(one, *users)
                sys.stdout.write(
                    f"{', '.join(users)}: recall {reached.recall:.2f}, precision {reached.precision:.2f}, "
                    f"lines for {len(CASES['unrelated']) * len(users)} unrelated requests {reached.unrelated}\n"
                )
                sys.stdout.writelines(f"  {miss}\n" for miss in (*reached.misses, *reached.stale))
