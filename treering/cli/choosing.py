"""`treering bench run` on the screen: its progress while it runs, and its tables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from treering.bench.choice.answerers import ModelAnswerer, SharedWords
from treering.bench.choice.catalogue import read_choice_suite
from treering.bench.choice.folder import RunFolder
from treering.bench.choice.hearing import CONTROL, LENGTH_RULE
from treering.bench.choice.metrics.contexts import CONTEXT_RECALL
from treering.bench.choice.metrics.lengths import BEST_LENGTH_RULE, best_length_rules
from treering.bench.choice.metrics.options import ACCURACY
from treering.bench.choice.scoring import numbers, score
from treering.bench.choice.spending import spending
from treering.bench.gold.answers import RightText
from treering.bench.paired import check_baseline, differences
from treering.bench.quartet.dial import LEVELS
from treering.bench.quartet.making import make
from treering.bench.quartet.writing import write
from treering.bench.results import Results, as_rows, manifest
from treering.bench.systems.catalogue import check_systems
from treering.cli.run_files import left_out, tell_of_files
from treering.cli.run_manifest import circumstances, judged_by
from treering.cli.run_progress import answer_all, hear_all, judge_all
from treering.cli.run_tables import print_run
from treering.composition import load_chat_model
from treering.errors import InvalidInput
from treering.memory.models.chat import LangChainChatModel
from treering.memory.models.choose import make_embedder
from treering.memory.models.price import Price
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.answerers import Answerer, Replies
    from treering.bench.choice.catalogue import ChoiceSuite
    from treering.bench.choice.judging import ToJudge

SYSTEMS = (
    "treering",
    "treering-tree",
    "hybrid",
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
    judge: str
    """Who judges free answers: `none`, or `provider:model`."""
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
    baseline: str | None = None
    """The system that the others are compared with; None: the best that is not Treering."""


def run(wishes: Wishes) -> Results:
    """Run what is left of a run, and print what came of it.

    Raises:
        InvalidInput: Something is not what it should be; nothing was begun.
        MissingExtra: A system or the model is not installed.
        ModelUnavailable: The model does not answer; what it answered is kept.
    """
    check_systems([one for one in wishes.systems if one != LENGTH_RULE])
    check_baseline(wishes.baseline, wishes.systems)
    if wishes.judge != "none" and wishes.answerer == "none":
        raise InvalidInput("--judge", "has nothing to judge where nobody answers; name an --answerer too")
    who, judge = _answerer(wishes.answerer), judge_of(wishes.judge)
    settings = Settings.read(os.environ)
    suite = opened_suite(wishes, wishes.folder)
    folder = RunFolder(wishes.folder, suite.about(settings.embedder, wishes.limit, model=settings.model))
    embedder = partial(make_embedder, settings.embedder, settings.cache_dir)
    hear_all(folder, wishes.systems, suite.conversations, embedder, workers=wishes.workers)
    if who is not None:
        answer_all(folder, wishes.systems, suite.conversations, who, parallel=wishes.parallel, price=wishes.price)
    if who is not None and judge is not None:
        judge_all(folder, wishes.systems, suite, who, judge, parallel=wishes.parallel)
    return show(wishes.systems, suite, folder, who, price=wishes.price, judge=judge, baseline=wishes.baseline)


def show(
    systems: Sequence[str],
    suite: ChoiceSuite,
    folder: RunFolder,
    who: Answerer | None,
    *,
    price: Price | None = None,
    judge: Replies[ToJudge] | None = None,
    baseline: str | None = None,
) -> Results:
    """Score what is in a folder, and print it; differences are to a baseline, or to the best that is not Treering."""
    judged_as = judge.name if judge else None
    scored = score(folder, systems, suite.conversations, suite.key, who, judge=judged_as, changes=suite.changes)
    control = next((one for one in scored if one.system == CONTROL), None)
    rows = {one.system: numbers(one, control) for one in scored}
    if who is not None:
        rows = {name: row | spending(folder, name, suite.conversations, who, price) for name, row in rows.items()}
    if LENGTH_RULE in systems and (given_away := best_length_rules(suite.conversations, suite.key)):
        rows[BEST_LENGTH_RULE] = given_away
    title = f"{suite.name}: {suite.questions} questions on {len(suite.conversations)} histories"
    answered = "nobody answered" if who is None else f"answered by {who.name}"
    tell_of_files(suite, folder)
    told = circumstances(systems, suite, folder, who, price)
    if who is not None and any(isinstance(right, RightText) for right in suite.key.values()):
        told |= judged_by(judge)
        answered += f"; free answers: {told['free answers']}"
    if told["workers"] != 1:
        answered += f"; up to {told['workers']} histories were heard at once, which makes times longer"
    marks = {one.system: one.questions for one in scored}
    results = Results(
        bench="run",
        suite=suite.name,
        systems=rows,
        manifest=manifest(told),
        differences=differences(marks, CONTEXT_RECALL if who is None else ACCURACY, baseline),
        marks={name: as_rows(some) for name, some in marks.items()},
        left_out=left_out(suite),
    )
    print_run(results, title, f"{answered}; ± standard error, clustered by history")
    return results


def opened_suite(wishes: Wishes, folder: Path) -> ChoiceSuite:
    """The suite that is wished for; where no data is named, Quartet is made in a folder.

    Raises:
        InvalidInput: It has none, or its data are not what they should be.
    """
    data = wishes.data
    if data is None:
        if wishes.suite != "quartet":
            raise InvalidInput("--data", f"is missing: name the folder of {wishes.suite}; only quartet needs none")
        data = folder / "suite"
        if not (data / "manifest.json").exists():
            write(make(LEVELS["medium"]), LEVELS["medium"], data)
    return read_choice_suite(wishes.suite, data, wishes.limit, shuffle=wishes.shuffle)


def _answerer(name: str) -> Answerer | None:
    if name == "none":
        return None
    return SharedWords() if name == "words" else ModelAnswerer(LangChainChatModel(load_chat_model(name), name=name))


def judge_of(name: str) -> Replies[ToJudge] | None:
    """Who judges free answers, by what was given on the command line: `none`, or `provider:model`."""
    return None if name == "none" else ModelAnswerer(LangChainChatModel(load_chat_model(name), name=name))


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
