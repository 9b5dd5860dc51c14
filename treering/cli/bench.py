"""`treering bench`: measurements that anyone can repeat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bench_listen import listen, listen_tokens
from treering.cli.bench_results import JsonFile, show_results, write_results
from treering.cli.bench_run import compare, export_prompts, run, schema, score_answers
from treering.cli.options import screen
from treering.cli.scale import scale
from treering.cli.serve_load import serve
from treering.cli.soak import soak
from treering.cli.start import start

if TYPE_CHECKING:
    from treering.bench.replaying import History

app = typer.Typer(help="Measurements that anyone can repeat, each beside its baseline.", no_args_is_help=True)
app.command()(listen)
app.command(name="listen-tokens")(listen_tokens)
app.command()(serve)
app.command()(soak)
app.command()(start)
app.command()(scale)
app.command()(run)
app.command()(export_prompts)
app.command()(score_answers)
app.command()(compare)
app.command()(schema)


@app.command()
def ops(
    *,
    operations: Annotated[int, typer.Option(help="Length of the ledger that is folded.", min=1)] = 100_000,
    turns: Annotated[int, typer.Option(help="Turns that are listened to.", min=1)] = 200,
    data: Annotated[
        Path | None, typer.Option(help="A PersonaMem file to listen to, instead of generated small talk.")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """The write path: folding a long ledger, acknowledging a turn, listening without a model.

    \b
    treering bench ops --json ops.json
    """
    from treering.bench.ops import Wishes, bench_ops

    console = screen(errors=True)
    wishes = Wishes(operations=operations, history=_history(data, turns), listen_turns=turns)
    with console.status("measuring …") as status:
        results = bench_ops(wishes, lambda step: status.update(f"measuring: {step} …"))
    show_results(results, json_file)


@app.command()
def ledger(
    *,
    operations: Annotated[
        list[int] | None, typer.Option(help="Length of a ledger; repeat for several (1000, 10000, 100000).", min=100)
    ] = None,
    postgres: Annotated[
        str | None,
        typer.Option(
            help="A scratch PostgreSQL database to measure too; people with random names are left in it.", metavar="URL"
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Long ledgers: reading the past, undo, retraction, forgetting, export and import.

    \b
    treering bench ledger --json ledger.json
    treering bench ledger --operations 1000 --operations 10000 --postgres postgresql://postgres@localhost/scratch
    """
    from treering.bench.ledger import bench_ledger

    console = screen(errors=True)
    with console.status("measuring …") as status:
        results = bench_ledger(
            operations or [1_000, 10_000, 100_000], postgres, lambda step: status.update(f"measuring: {step} …")
        )
    show_results(results, json_file)


@app.command()
def workers(
    *,
    turns: Annotated[int, typer.Option(help="Turns that are listened to in each run.", min=20)] = 600,
    broker: Annotated[str, typer.Option(help="redis or rabbitmq.")] = "redis",
    pairs: Annotated[int, typer.Option(help="Runs of one worker, each beside one of the engine by hand.", min=1)] = 3,
    backlog: Annotated[int, typer.Option(help="People who wait while `remember` is measured.", min=1)] = 2_000,
    json_file: JsonFile = None,
) -> None:
    """Real workers on PostgreSQL and a broker, which are started for it.

    Turns a second; what the queue costs beside the engine called by hand; what `remember` costs while much waits; how
    long a tenant waits beside a noisy one.

    \b
    treering bench workers --json workers.json
    treering bench workers --broker rabbitmq
    """
    from treering.bench.workers import WorkerWishes, bench_workers
    from treering.errors import InvalidInput

    if broker not in ("redis", "rabbitmq"):
        raise InvalidInput("--broker", "must be redis or rabbitmq")
    console = screen(errors=True)
    wishes = WorkerWishes(turns=turns, broker=broker, pairs=pairs, backlog=backlog)
    with console.status("measuring …") as status:
        results = bench_workers(wishes, lambda step: status.update(f"measuring: {step} …"))
    show_results(results, json_file)


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Where the suite is written; it is made.")],
    *,
    level: Annotated[str, typer.Option(help="easy, medium or hard: what the other options begin from.")] = "medium",
    seed: Annotated[int | None, typer.Option(help="Decides everything that is left to chance.", min=0)] = None,
    groups: Annotated[int | None, typer.Option(help="Fours of people.", min=1)] = None,
    rounds: Annotated[int | None, typer.Option(help="Questions of each type, 1 or 2.")] = None,
    sessions: Annotated[int | None, typer.Option(help="Conversations of a person, 10 to 300.")] = None,
    talk: Annotated[int | None, typer.Option(help="Exchanges in them that do not matter, on average.")] = None,
    echoes: Annotated[int | None, typer.Option(help="How often wrong answers are said of others.")] = None,
    noise: Annotated[int | None, typer.Option(help="How people type: 0 like a book, 3 without punctuation.")] = None,
) -> None:
    """Make a Quartet suite by seed: people in fours, asked the same, with options of which each is right for one.

    Who answers without memory is right once in four, whatever the rule. Only the scorer reads gold.jsonl.

    \b
    treering bench make quartet/
    treering bench make --level hard --groups 25 --seed 7 quartet-hard/
    """
    from treering.cli.making import make_quartet

    wishes = {"seed": seed, "groups": groups, "rounds": rounds, "sessions": sessions, "talk": talk, "echoes": echoes}
    make_quartet(folder, level, wishes | {"noise": noise})


@app.command()
def systems() -> None:
    """What can be measured, those of other packages too, what each needs, and whether it was measured itself.

    \b
    treering bench systems
    """
    from treering.cli.bench_systems import show_systems

    show_systems()


@app.command()
def suites() -> None:
    """What each suite measures, where its files are, under which licence, and on which of them it was tried.

    \b
    treering bench suites
    """
    from treering.cli.bench_suites import show_suites

    show_suites()


@app.command()
def recall(
    *,
    suite: Annotated[str, typer.Option(help="locomo, realmem, precision, or quartet (which is made by seed).")],
    data: Annotated[
        Path | None, typer.Option(help="File or folder of the suite, as its authors publish it; quartet needs none.")
    ] = None,
    systems: Annotated[
        str | None, typer.Option(help="Names with commas between them; by default treering,bm25,dense,rrf.")
    ] = None,
    ablate: Annotated[bool, typer.Option("--ablate", help="Also tell what each list of the ranking is worth.")] = False,
    limit: Annotated[int | None, typer.Option(help="Most questions of a conversation.", min=1)] = None,
    baseline: Annotated[
        str | None, typer.Option(help="The system that the others are compared with; by default the best of others.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page with pictures; needs treering[report].")] = None,
    json_file: JsonFile = None,
) -> None:
    """Does a search find the turns that hold the answer? Beside plain retrievers and mem0, same embedder, same run.

    \b
    treering bench recall --suite locomo --data locomo10.json
    treering bench recall --suite realmem --data realmem/ --systems treering,rrf,mem0 --html recall.html
    treering bench recall --suite precision --data precisionmembench/
    treering bench recall --suite quartet
    """
    from treering.cli.measuring import measure_recall

    names = systems.split(",") if systems else None
    results = measure_recall(suite, data, names, limit=limit, ablates=ablate, baseline=baseline)
    write_results(results, json_file)
    if html is not None:
        from treering.cli.report import write_page

        write_page(results, html)


@app.command()
def index(
    *,
    turns: Annotated[int, typer.Option(help="Turns of a person.", min=1)] = 10_000,
    people: Annotated[int, typer.Option(help="People with so many turns each.", min=1)] = 3,
    points: Annotated[
        int,
        typer.Option(help="Turns of 100 people, to be searched beside Qdrant's local mode; 0 leaves it out.", min=0),
    ] = 100_000,
    folder: Annotated[
        Path | None, typer.Option(help="Where what is written is kept: a run goes on there, or measures again.")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """The read path: recall of a long memory beside the embedding of its question, and search beside Qdrant's.

    \b
    treering bench index --json index.json
    treering bench index --turns 10000 --people 100 --points 0
    """
    from treering.bench.index import Sizes, bench_index

    console = screen(errors=True)
    with console.status("measuring …") as status:
        results = bench_index(
            Sizes(turns=turns, people=people, points=points),
            lambda step: status.update(f"measuring: {step} …"),
            folder,
        )
    show_results(results, json_file)


@app.command()
def proxy(
    *,
    requests: Annotated[int, typer.Option(help="Streams of each kind.", min=1)] = 200,
    turns: Annotated[int, typer.Option(help="What is remembered of the person before.", min=1)] = 200,
    json_file: JsonFile = None,
) -> None:
    """What the proxy of `treering serve` adds to the time until the first token, beside recalling.

    \b
    treering bench proxy --json proxy.json
    """
    from treering.bench.proxy import bench_proxy

    with screen(errors=True).status("measuring …") as status:
        results = bench_proxy(
            requests=requests, turns=turns, progress=lambda step: status.update(f"measuring: {step} …")
        )
    show_results(results, json_file)


def _history(data: Path | None, turns: int) -> History:
    from treering.bench.replaying import read_history
    from treering.bench.talk import small_talk

    return read_history(data, 0) if data is not None else small_talk(turns)
