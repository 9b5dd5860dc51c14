"""Every prompt is answered once, again after a failure, and what came and was paid for is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from treering.bench.choice.answering import ATTEMPTS, answer
from treering.bench.choice.folder import About, Answered, RunFolder
from treering.bench.choice.prompts import Prompt
from treering.errors import ModelUnavailable
from treering.memory.ports import ModelAnswer

ABOUT = About(suite="s", data="d", sha256={}, conversations=None, embedder="hash", treering="0")


class Scripted:
    """Answers by a rule, from the question and how often it was asked already."""

    def __init__(self, rule: Callable[[str, int], ModelAnswer], name: str = "scripted") -> None:
        self.name = name
        self.asked: list[str] = []
        self._rule = rule

    def answer(self, prompt: Prompt) -> ModelAnswer:
        self.asked.append(prompt.question)
        return self._rule(prompt.question, self.asked.count(prompt.question))


def prompt(question: str) -> Prompt:
    return Prompt(memory="", question=question, options=("tea", "milk"), day="2024-03-01")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run", ABOUT)


def ask(folder: RunFolder, who: Scripted, questions: str, parallel: int = 1) -> tuple[list[Answered], list[float]]:
    """What was told, and the pauses."""
    told: list[Answered] = []
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    answer(folder, [(who, prompt(one)) for one in questions], told.append, parallel=parallel, pause=pause)
    return told, pauses


def replies(folder: RunFolder, who: Scripted, questions: str) -> list[str | None]:
    again = RunFolder(folder.folder, ABOUT)
    return [again.reply(who.name, prompt(one).id) for one in questions]


def test_tokens_are_kept_with_each_reply_and_told_again_from_what_is_kept(folder: RunFolder) -> None:
    who = Scripted(lambda question, _: ModelAnswer(text=question, tokens_in=7, tokens_out=2))
    told, _ = ask(folder, who, "abab")
    assert sorted(who.asked) == ["a", "b"]
    again, _ = ask(RunFolder(folder.folder, ABOUT), who, "abc")
    assert len(who.asked) == 3
    assert sum(one.input_tokens for one in told) == 14
    assert {(one.reply, one.input_tokens, one.output_tokens) for one in again} == {(one, 7, 2) for one in "abc"}


def test_a_reply_without_tokens_of_an_older_run_is_read(folder: RunFolder) -> None:
    line = f'{{"answerer": "old", "prompt": "{prompt("a").id}", "reply": "(a)"}}\n'
    (folder.folder / "answers.jsonl").write_text(line)
    kept = RunFolder(folder.folder, ABOUT).answered("old", prompt("a").id)
    assert kept is not None
    assert (kept.reply, kept.input_tokens, kept.refused) == ("(a)", 0, "")


def test_a_model_that_fails_is_asked_again_after_longer_and_longer_or_when_it_says(folder: RunFolder) -> None:
    def rule(_: str, times: int) -> ModelAnswer:
        if times < ATTEMPTS:
            raise ModelUnavailable("m", "status 429", retry_after_s=30 if times == 2 else None)
        return ModelAnswer(text="(a)")

    who = Scripted(rule)
    _, pauses = ask(folder, who, "a")
    assert replies(folder, who, "a") == ["(a)"]
    assert pauses == [1, 30, 4, 8]


def test_a_model_that_stays_away_ends_the_run_and_what_was_under_way_is_kept(folder: RunFolder) -> None:
    is_asked, is_gone = threading.Event(), threading.Event()

    def rule(question: str, times: int) -> ModelAnswer:
        if question == "a":
            assert is_asked.wait(5)
            if times == ATTEMPTS:
                is_gone.set()
            raise ModelUnavailable("m", "down")
        is_asked.set()
        assert is_gone.wait(5)
        return ModelAnswer(text="(b)")

    who = Scripted(rule)
    with pytest.raises(ModelUnavailable, match="down"):
        ask(folder, who, "abc", parallel=2)
    assert replies(folder, who, "ab") == [None, "(b)"]


def test_a_prompt_that_is_refused_is_wrong_and_the_run_goes_on(folder: RunFolder) -> None:
    def rule(question: str, _: int) -> ModelAnswer:
        if question == "a":
            raise ModelUnavailable("m", "status 400", is_about_prompt=True)
        return ModelAnswer(text="(b)")

    who = Scripted(rule)
    told, pauses = ask(folder, who, "ab")
    assert replies(folder, who, "ab") == ["", "(b)"]
    assert not pauses
    assert {one.refused for one in told} == {"", "status 400"}
    ask(RunFolder(folder.folder, ABOUT), who, "ab")
    assert len(who.asked) == 2


def test_a_model_that_refuses_everything_has_answered_nothing(folder: RunFolder) -> None:
    def rule(_: str, __: int) -> ModelAnswer:
        raise ModelUnavailable("m", "status 400", is_about_prompt=True)

    who = Scripted(rule)
    with pytest.raises(ModelUnavailable, match="every prompt was refused: status 400"):
        ask(folder, who, "ab")
    assert replies(folder, who, "ab") == [None, None]


def test_no_more_is_asked_at_the_same_time_than_is_allowed(folder: RunFolder) -> None:
    together = threading.Barrier(3)

    def rule(_: str, __: int) -> ModelAnswer:
        together.wait(5)  # three are there at once, or it breaks
        assert together.n_waiting < 3
        return ModelAnswer(text="(a)")

    who = Scripted(rule)
    ask(folder, who, "abcdef", parallel=3)
    assert replies(folder, who, "abcdef") == ["(a)"] * 6
