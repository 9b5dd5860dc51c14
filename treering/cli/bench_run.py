"""Commands of `treering bench` about answered questions: a run, its prompts and replies, and comparing two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bench_results import JsonFile, write_results

if TYPE_CHECKING:
    from treering.bench.results import Results

Suite = Annotated[str, typer.Option(help="quartet (made by seed), or another that `treering bench suites` lists.")]
Data = Annotated[Path | None, typer.Option(help="Folder of the suite, as its authors publish it; quartet needs none.")]
Systems = Annotated[str | None, typer.Option(help="Names with commas between them.")]
Limit = Annotated[int | None, typer.Option(help="Most histories.", min=1)]


def run(
    *,
    suite: Suite = "quartet",
    data: Data = None,
    systems: Systems = None,
    answerer: Annotated[
        str, typer.Option(help="none, words (compares words; weak), or a chat model as provider:model.")
    ] = "words",
    judge: Annotated[
        str,
        typer.Option(help="Who judges free answers: none (their words are compared), or a model as provider:model."),
    ] = "none",
    folder: Annotated[
        Path | None, typer.Option(help="Where the run is kept; by default treering-runs/SUITE. It goes on from there.")
    ] = None,
    limit: Limit = None,
    parallel: Annotated[int, typer.Option(help="Prompts that are answered at the same time.", min=1, max=64)] = 4,
    workers: Annotated[int, typer.Option(help="Processes that hear histories at the same time.", min=1, max=64)] = 1,
    shuffle: Annotated[
        int | None, typer.Option(help="Put the options of each question in an order that this seed decides.")
    ] = None,
    price: Annotated[
        str | None, typer.Option(help="US dollars for a million tokens of the answerer, sent/answered: 0.40/1.60.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="The system that the others are compared with; by default the best of others.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what it would take: prompts, tokens, cost, time.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Also write a page with pictures; needs treering[report].")] = None,
    json_file: JsonFile = None,
) -> None:
    """What each system puts before a model, and how often one answerer is right with it, with options or freely.

    Every system hears each history up to the question and no further; the same answerer answers for all of them. Beside
    the accuracies stand no memory, the whole history, and the rule that takes the longest option. A run that is killed
    goes on where it was, and other systems or answerers can be added to it.

    \b
    treering bench run
    treering bench run --suite personamem --data personamem/ --systems treering,hybrid,full-context,none,length-rule
    treering bench run --answerer openai:gpt-4.1-mini --price 0.40/1.60 --dry-run
    treering bench run --answerer openai:gpt-4.1-mini --price 0.40/1.60 --parallel 8 --json run.json
    """
    from treering.cli.choosing import SYSTEMS, Wishes, price_of
    from treering.cli.choosing import run as run_choices

    names = tuple(systems.split(",")) if systems else SYSTEMS
    wishes = Wishes(
        suite=suite,
        data=data,
        folder=folder or Path("treering-runs") / suite,
        systems=names,
        answerer=answerer,
        judge=judge,
        limit=limit,
        parallel=parallel,
        workers=workers,
        shuffle=shuffle,
        price=price_of(price),
        baseline=baseline,
    )
    if dry_run:
        from treering.cli.run_dry import dry_run as foresee

        _write(foresee(wishes), json_file, None)
    else:
        _write(run_choices(wishes), json_file, html)


def export_prompts(
    run_folder: Annotated[Path, typer.Argument(help="The folder of a run.")],
    file: Annotated[Path, typer.Argument(help="Where the prompts are written, a JSON document a line.")],
    *,
    judge_answers_of: Annotated[
        str | None, typer.Option(help="What a judge is asked about the free answers of this answerer, instead.")
    ] = None,
) -> None:
    """Write every different prompt of a run to a file, so that any model anywhere can answer it.

    A line is {"id": ..., "prompt": ...}. Give the replies back as {"id": ..., "reply": ...} to `score-answers`. What a
    judge is asked holds the right answers: let no answerer read it.

    \b
    treering bench run --answerer none
    treering bench export-prompts treering-runs/quartet prompts.jsonl
    treering bench export-prompts treering-runs/locomo judge.jsonl --judge-answers-of my-model
    """
    from treering.cli.options import screen
    from treering.cli.run_elsewhere import export

    count = export(run_folder, file, judge_answers_of=judge_answers_of)
    screen().print(f"{count:,} prompts in {file}", markup=False)


def score_answers(
    run_folder: Annotated[Path, typer.Argument(help="The folder of the run.")],
    file: Annotated[Path, typer.Argument(help="The replies, a JSON document a line.")],
    *,
    answerer: Annotated[str, typer.Option(help="Who answered, for the report.")] = "elsewhere",
    judge: Annotated[
        str, typer.Option(help="Who judges free answers: none, or provider:model; with --verdicts, who gave them.")
    ] = "none",
    verdicts: Annotated[
        Path | None, typer.Option(help="Replies to what `export-prompts --judge-answers-of` wrote.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page with pictures; needs treering[report].")] = None,
    json_file: JsonFile = None,
) -> None:
    """Score replies that were given elsewhere, and keep them in the folder of the run.

    \b
    treering bench score-answers treering-runs/quartet replies.jsonl --answerer my-model
    treering bench score-answers treering-runs/locomo replies.jsonl --answerer my-model --verdicts verdicts.jsonl
    """
    from treering.cli.run_elsewhere import take_answers

    _write(take_answers(run_folder, file, answerer, judge=judge, judged=verdicts), json_file, html)


def compare(
    before: Annotated[Path, typer.Argument(help="A file that --json wrote.")],
    after: Annotated[Path, typer.Argument(help="Another one, of the same benchmark and suite.")],
) -> None:
    """What differs between the numbers of two runs, of any benchmark.

    \b
    treering bench compare before.json after.json
    """
    from treering.cli.comparing import compare as compare_files

    compare_files(before, after)


def schema() -> None:
    """The JSON Schema of what `--json` writes: systems, metrics, differences, the marks of questions, circumstances.

    \b
    treering bench schema > results.schema.json
    """
    import json

    from treering.bench.results import Results

    typer.echo(json.dumps(Results.model_json_schema(), indent=2))


def _write(results: Results, json_file: Path | None, html: Path | None) -> None:
    """Write what was asked for beside the tables."""
    write_results(results, json_file)
    if html is not None:
        from treering.cli.report import write_page

        write_page(results, html)
