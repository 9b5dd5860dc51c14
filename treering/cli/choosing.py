"""`treering bench run` on the screen: its progress while it runs, and its tables."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from treering.bench.choice.answerers import Elsewhere, ModelAnswerer, SharedWords
from treering.bench.choice.answering import answer
from treering.bench.choice.catalogue import read_choice_suite
from treering.bench.choice.folder import Answered, RunFolder, about
from treering.bench.choice.hearing import CONTROL, LENGTH_RULE
from treering.bench.choice.running import answerer_of, exported, prompts
from treering.bench.choice.scoring import numbers, score
from treering.bench.choice.spending import spending
from treering.bench.gold.choices import RightChoice
from treering.bench.quartet.dial import LEVELS
from treering.bench.quartet.making import make
from treering.bench.quartet.writing import write
from treering.bench.results import Results, manifest
from treering.bench.suites.files import read_lines
from treering.bench.systems.catalogue import check_systems
from treering.cli.options import screen
from treering.cli.run_manifest import circumstances
from treering.cli.run_progress import answer_all, hear_all
from treering.cli.run_tables import print_run
from treering.composition import load_chat_model
from treering.errors import InvalidInput, MissingExtra
from treering.memory.models.chat import LangChainChatModel
from treering.memory.models.choose import make_embedder
from treering.memory.models.price import Price
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.catalogue import ChoiceSuite

SYSTEMS = (
    "treering",
    "treering-tree",
    "linear",
    "rrf",
    "dense",
    "bm25",
    "last-turns",
    "full-context",
    CONTROL,
    LENGTH_RULE,
)
"""What is measured where nothing is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be run."""

    suite: str
    data: Path | None
    """None: Quartet, made in the folder of the run."""
    folder: Path
    systems: tuple[str, ...]
    answerer: str
    """`none`, `words`, or `provider:model`."""
    limit: int | None
    """Most conversations."""
    parallel: int
    """Prompts that are answered at the same time, at most."""
    workers: int
    """Processes that hear conversations at the same time, at most."""
    shuffle: int | None
    """The seed by which options are shuffled; None: they stand as their authors put them."""
    price: Price | None
    """What the answerer costs; None: no cost is told."""


def run(wishes: Wishes) -> Results:
    """Run what is left of a run, and print what came of it.

    Raises:
        InvalidInput: Something is not what it should be; nothing was begun.
        MissingExtra: A system or the model is not installed.
        ModelUnavailable: The model does not answer; what it answered is kept.
    """
    check_systems([one for one in wishes.systems if one != LENGTH_RULE])
    who = _answerer(wishes.answerer)
    settings = Settings.read(os.environ)
    suite, folder = _opened(wishes, settings.embedder)
    embedder = partial(make_embedder, settings.embedder, settings.cache_dir)
    hear_all(folder, wishes.systems, suite.conversations, embedder, workers=wishes.workers)
    if who is not None:
        answer_all(folder, wishes.systems, suite.conversations, who, parallel=wishes.parallel, price=wishes.price)
    return show(wishes.systems, suite, folder, who, wishes.price)


def show(
    systems: Sequence[str], suite: ChoiceSuite, folder: RunFolder, who: Answerer | None, price: Price | None = None
) -> Results:
    """Score what is in a folder, and print it."""
    key = {at: right for at, right in suite.key.items() if isinstance(right, RightChoice)}
    scored = score(folder, systems, suite.conversations, key, who)
    control = next((one for one in scored if one.system == CONTROL), None)
    rows = {one.system: numbers(one, control) for one in scored}
    if who is not None:
        rows = {name: row | spending(folder, name, suite.conversations, who, price) for name, row in rows.items()}
    title = f"{suite.name}: {suite.questions} questions on {len(suite.conversations)} histories"
    answered = "nobody answered" if who is None else f"answered by {who.name}"
    if suite.left_out:
        screen().print(f"{suite.left_out} questions are left out: two of their options are the same.")
    told = circumstances(systems, suite, folder, who, price)
    results = Results(bench="run", suite=suite.name, systems=rows, manifest=manifest(told))
    print_run(results, title, f"{answered}; ± standard error, clustered by history")
    return results


def write_page(results: Results, file: Path) -> None:
    """Write the page of a run.

    Raises:
        MissingExtra: What draws it is not installed.
        InvalidInput: The file cannot be written.
    """
    try:
        from treering.bench.report.page import page
    except ImportError as error:
        raise MissingExtra("a page with pictures", "report") from error
    try:
        file.write_text(page(results, CONTROL), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(str(file), f"cannot be written ({type(error).__name__})") from error
    screen().print(f"page: {file}", markup=False)


def export(run_folder: Path, file: Path) -> int:
    """Write every prompt of a run to a file, a JSON document a line; returns how many.

    Raises:
        InvalidInput: There is no such run, or nothing was heard in it, or the file cannot be written.
    """
    suite, folder = _reopened(run_folder)
    lines = [json.dumps(one) + "\n" for one in exported(folder, folder.systems, suite.conversations)]
    if not lines:
        raise InvalidInput(str(run_folder), "has no prompts yet; `treering bench run --answerer none` makes them")
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(str(file), f"cannot be written ({type(error).__name__})") from error
    return len(lines)


def take_answers(run_folder: Path, file: Path, name: str) -> Results:
    """Keep replies that were given elsewhere, and print what they come to.

    Raises:
        InvalidInput: There is no such run, or a line is no reply, or of a prompt that the run has not; none is kept.
    """
    suite, folder = _reopened(run_folder)
    known = {one["id"] for one in exported(folder, folder.systems, suite.conversations)}
    replies = [_reply(line, number, known, file) for number, line in enumerate(read_lines(file), start=1)]
    for prompt, reply in replies:
        if folder.reply(name, prompt) is None:
            folder.keep_reply(Answered(answerer=name, prompt=prompt, reply=reply))
    who = Elsewhere(name)
    if LENGTH_RULE in folder.systems:
        rule = [
            (answerer_of(system, who), prompt)
            for system, _, _, prompt in prompts(folder, [LENGTH_RULE], suite.conversations)
        ]
        answer(folder, rule, lambda _: None, parallel=1)
    return show(folder.systems, suite, folder, who)


def _reply(line: str, number: int, known: set[str], file: Path) -> tuple[str, str]:
    try:
        given = json.loads(line)
        prompt, reply = given["id"], given["reply"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{file}, line {number}", 'is not like {"id": …, "reply": …}') from error
    if not isinstance(reply, str) or prompt not in known:
        raise InvalidInput(f"{file}, line {number}", "is no reply to a prompt of this run")
    return prompt, reply


def _reopened(folder: Path) -> tuple[ChoiceSuite, RunFolder]:
    found = about(folder)
    suite = read_choice_suite(found.suite, Path(found.data), found.conversations, shuffle=found.shuffle)
    return suite, RunFolder(folder, suite.about(found.embedder, found.conversations))


def _opened(wishes: Wishes, embedder: str) -> tuple[ChoiceSuite, RunFolder]:
    data = wishes.data
    if data is None:
        if wishes.suite != "quartet":
            raise InvalidInput("--data", f"is missing: name the folder of {wishes.suite}; only quartet needs none")
        data = wishes.folder / "suite"
        if not (data / "manifest.json").exists():
            write(make(LEVELS["medium"]), LEVELS["medium"], data)
    suite = read_choice_suite(wishes.suite, data, wishes.limit, shuffle=wishes.shuffle)
    return suite, RunFolder(wishes.folder, suite.about(embedder, wishes.limit))


def _answerer(name: str) -> Answerer | None:
    if name == "none":
        return None
    return SharedWords() if name == "words" else ModelAnswerer(LangChainChatModel(load_chat_model(name), name=name))


def price_of(given: str | None) -> Price | None:
    """A price as it is written on the command line.

    Raises:
        InvalidInput: It is written in another way.
    """
    if given is None:
        return None
    try:
        read = Settings.read({"TREERING_MODEL_PRICE": given.replace(",", "/")}).model_price
    except InvalidInput as error:
        raise InvalidInput("--price", "should be sent/answered, such as 0.40/1.60") from error
    return Price(*read) if read else None
