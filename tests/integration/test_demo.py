"""The demo, as a story: what a year of one person must leave in the tree, without any chat model."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from treering import Memory
from treering.cli.app import app
from treering.cli.play import Play
from treering.cli.stage import LiveStage, fits_live
from treering.cli.story import Story, load_story
from treering.schemas.operations import Add, Delete, Update

STORY = load_story()
OTHER = "other.db"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Memory]:
    """What the demo prints, and the store that it leaves behind, where the environment names another one."""
    folder = tmp_path_factory.mktemp("demo")
    others = {"TREERING_DATABASE_URL": f"sqlite:///{folder / OTHER}", "TREERING_MODEL": "nobody:nothing"}
    environment = {**others, "TREERING_EMBEDDER": "hash", "COLUMNS": "200"}
    result = CliRunner().invoke(app, ["demo", "--plain", "--keep", str(folder)], env=environment)
    assert result.exit_code == 0, result.output
    memory = Memory(folder, background=False)
    return result.output, memory


def current(memory: Memory, path: str) -> list[str]:
    return [claim.text for claim in memory.tree(STORY.user, as_of=STORY.ends_at)[path]]


def test_the_move_supersedes_the_former_city(told: tuple[str, Memory]) -> None:
    _, memory = told
    [city] = current(memory, "home.city")
    assert "Lisbon" in city
    kinds = [entry.operation.kind for entry in memory.history(STORY.user, "home.city")]
    assert kinds == ["ADD", "UPDATE"]


def test_in_february_she_still_lived_in_leipzig(told: tuple[str, Memory]) -> None:
    _, memory = told
    february = STORY.sessions[0].at + timedelta(days=20)
    [city] = memory.tree(STORY.user, as_of=february)["home.city"]
    assert "Leipzig" in city.text


def test_the_diet_begins_and_ends(told: tuple[str, Memory]) -> None:
    _, memory = told
    operations = [entry.operation for entry in memory.history(STORY.user, "health.diet")]
    assert [type(operation) for operation in operations] == [Add, Delete]
    assert current(memory, "health.diet") == []


def test_the_taste_flips_as_an_update(told: tuple[str, Memory]) -> None:
    _, memory = told
    operations = [entry.operation for entry in memory.history(STORY.user, "preferences.music")]
    assert [type(operation) for operation in operations] == [Add, Update]
    assert not any("loves jazz" in text for text in current(memory, "preferences.music"))


def test_the_new_job_replaces_the_old_one(told: tuple[str, Memory]) -> None:
    _, memory = told
    [job] = current(memory, "work.job")
    assert "school nurse" in job


def test_the_dog_has_a_name_and_the_boundary_is_kept(told: tuple[str, Memory]) -> None:
    _, memory = told
    assert any("Biscuit" in text for text in current(memory, "home.pets"))
    assert any("smoking" in text for text in current(memory, "boundaries.never_do"))


def test_what_she_asked_to_forget_is_gone_down_to_the_bytes(told: tuple[str, Memory]) -> None:
    _, memory = told
    assert current(memory, "relationships.partner") == []
    forgotten = [e.operation for e in memory.history(STORY.user) if isinstance(e.operation, Delete)]
    assert [operation.reason for operation in forgotten].count("forgotten") == 1
    for file in memory.settings.home.iterdir():
        assert b"Tomas" not in file.read_bytes(), file.name


def test_what_was_only_imagined_is_no_claim(told: tuple[str, Memory]) -> None:
    _, memory = told
    assert not any("boat" in claim.text for claim in memory.tree(STORY.user).claims)


def test_the_questions_recall_what_matters_with_reasons(told: tuple[str, Memory]) -> None:
    output, memory = told
    dinner, music, work = (
        memory.recall(STORY.user, question, as_of=STORY.ends_at, budget_tokens=300).context
        for question in STORY.questions
    )
    assert "peanuts" in dinner
    assert "sardines" in dinner
    assert "loves jazz" in music
    assert "can't stand jazz" in music
    assert "school nurse" in work
    assert "midwifery" in work
    assert len(re.findall(r"found by", output)) == 3


def test_the_demo_leaves_the_database_and_the_model_of_the_environment_alone(told: tuple[str, Memory]) -> None:
    output, memory = told
    assert "16 current claims" in output
    assert not (memory.settings.home / OTHER).exists()


def played_live(tmp_path: Path, story: Story, *, width: int, height: int) -> str:
    console = Console(
        force_terminal=True, width=width, height=height, record=True, legacy_windows=False, file=io.StringIO()
    )
    play = Play(console=console, stage=LiveStage(console), story=story)
    with Memory(tmp_path, observe=play.hear, background=False) as memory, play.stage.open():
        play.talk(memory)
    return console.export_text()


def test_in_a_terminal_the_demo_is_a_live_picture(tmp_path: Path) -> None:
    shown = played_live(tmp_path, STORY.model_copy(update={"sessions": STORY.sessions[:1]}), width=160, height=50)
    assert "what is said" in shown
    assert "is allergic to peanuts" in shown


def test_a_small_screen_folds_what_did_not_change_and_shows_what_did(tmp_path: Path) -> None:
    shown = played_live(tmp_path, STORY, width=80, height=24)
    last = shown[shown.rindex("what is said") :]
    assert "achievements" in last
    assert "health … 2" in last
    assert len(last.splitlines()) == 24


def test_a_screen_too_small_for_two_columns_gets_plain_lines() -> None:
    assert not fits_live(Console(force_terminal=True, width=60, height=24, file=io.StringIO()))
    assert fits_live(Console(force_terminal=True, width=80, height=24, file=io.StringIO()))
    assert not fits_live(Console(width=200, height=50, file=io.StringIO()))
