"""Prompts of a run that are answered elsewhere, by any model anywhere: written to a file, and replies read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from treering.bench.choice.answerers import Elsewhere
from treering.bench.choice.answering import answer
from treering.bench.choice.catalogue import read_choice_suite
from treering.bench.choice.folder import Answered, RunFolder, about
from treering.bench.choice.hearing import LENGTH_RULE
from treering.bench.choice.judging import to_judge
from treering.bench.choice.running import answerer_of, exported, prompts
from treering.bench.suites.files import read_lines
from treering.cli.choosing import judge_of, show
from treering.cli.run_progress import judge_all
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.bench.choice.catalogue import ChoiceSuite
    from treering.bench.results import Results


def export(run_folder: Path, file: Path, *, judge_answers_of: str | None = None) -> int:
    """Write every prompt of a run to a file, a JSON document a line; returns how many.

    Args:
        run_folder: The run.
        file: Where they are written.
        judge_answers_of: Write what a judge is asked about the free answers of this answerer instead.

    Raises:
        InvalidInput: There is no such run, or nothing to ask in it, or the file cannot be written.
    """
    suite, folder = _reopened(run_folder)
    if judge_answers_of is None:
        texts = {one["id"]: one["prompt"] for one in exported(folder, folder.systems, suite.conversations)}
    else:
        texts = _to_judge(suite, folder, judge_answers_of)
    if not texts and judge_answers_of is None:
        raise InvalidInput(str(run_folder), "has no prompts yet; `treering bench run --answerer none` makes them")
    if not texts:
        raise InvalidInput("--judge-answers-of", f"{judge_answers_of!r} has answered nothing freely in {run_folder}")
    lines = (json.dumps({"id": identity, "prompt": text}) + "\n" for identity, text in sorted(texts.items()))
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(str(file), f"cannot be written ({type(error).__name__})") from error
    return len(texts)


def take_answers(
    run_folder: Path, file: Path, name: str, *, judge: str = "none", judged: Path | None = None
) -> Results:
    """Keep replies that were given elsewhere, and print what they come to.

    Args:
        run_folder: The run.
        file: The replies.
        name: Who gave them.
        judge: Who judges free answers: `none`, or a model to be asked; the name of who did, where `judged` is given.
        judged: Verdicts that were given elsewhere.

    Raises:
        InvalidInput: There is no such run, or a line is no reply, or of a prompt that the run has not; of such a file
            nothing is kept.
        ModelUnavailable: The judge does not answer; its verdicts that came are kept.
    """
    suite, folder = _reopened(run_folder)
    asked = {one["id"] for one in exported(folder, folder.systems, suite.conversations)}
    _keep(folder, name, _replies(file, asked))
    who = Elsewhere(name)
    if LENGTH_RULE in folder.systems:
        rule = (
            (answerer_of(system, who), prompt)
            for system, _, _, prompt in prompts(folder, [LENGTH_RULE], suite.conversations)
        )
        answer(folder, rule, lambda _: None, parallel=1)
    if judged is not None:
        by = Elsewhere("elsewhere" if judge == "none" else judge)
        _keep(folder, by.name, _replies(judged, _to_judge(suite, folder, name)))
        return show(folder.systems, suite, folder, who, judge=by)
    by_model = judge_of(judge)
    if by_model is not None:
        judge_all(folder, folder.systems, suite, who, by_model, parallel=1)
    return show(folder.systems, suite, folder, who, judge=by_model)


def _to_judge(suite: ChoiceSuite, folder: RunFolder, answerer: str) -> dict[str, str]:
    """What a judge is asked about the answers of somebody, by id."""
    found = to_judge(folder, folder.systems, suite.conversations, suite.key, Elsewhere(answerer))
    return {one.id: one.text for _, _, one in found}


def _replies(file: Path, known: set[str] | dict[str, str]) -> Mapping[str, str]:
    return dict(_reply(line, f"{file}, line {number}", known) for number, line in enumerate(read_lines(file), start=1))


def _reply(line: str, place: str, known: set[str] | dict[str, str]) -> tuple[str, str]:
    try:
        given = json.loads(line)
        prompt, reply = given["id"], given["reply"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(place, 'is not like {"id": …, "reply": …}') from error
    if not isinstance(reply, str) or prompt not in known:
        raise InvalidInput(place, "is no reply to a prompt of this run")
    return prompt, reply


def _keep(folder: RunFolder, name: str, replies: Mapping[str, str]) -> None:
    """Keep what is new; what was replied before stays."""
    for prompt, reply in replies.items():
        if folder.reply(name, prompt) is None:
            folder.keep_reply(Answered(answerer=name, prompt=prompt, reply=reply))


def _reopened(folder: Path) -> tuple[ChoiceSuite, RunFolder]:
    found = about(folder)
    suite = read_choice_suite(found.suite, Path(found.data), found.conversations, shuffle=found.shuffle)
    return suite, RunFolder(folder, suite.about(found.embedder, found.conversations, model=found.model))
