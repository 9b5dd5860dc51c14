"""What the tutorial lets a stranger type at a prompt does what it says there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"

MOST_LINES = 15
"""What a developer may have to write until a chatbot remembers."""


def test_the_chatbot_of_the_tutorial_remembers_across_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    [program] = re.findall(r"\n```py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len([line for line in program.splitlines() if line]) < MOST_LINES

    def told(*typed: str) -> str:
        lines = iter([*typed, ""])
        monkeypatch.setattr("builtins.input", lambda _: next(lines))
        exec(compile(program, "chat.py", "exec"), {})  # noqa: S102 - the page's own program
        return capsys.readouterr().out

    assert told("I work as a nurse.") == "bot: I know nothing of you yet.\n"
    assert "as a nurse" in told("What is my work?")
