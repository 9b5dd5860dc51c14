"""`treering bench listen` and `listen-tokens`: what a listener keeps, and what it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treering.cli.bench_results import JsonFile, show_results, write_results
from treering.cli.options import screen


def listen(
    *,
    suite: Annotated[str, typer.Option(help="perma, personamem or adversarial (which ships).")],
    data: Annotated[Path | None, typer.Option(help="File or folder of the suite, as its authors publish it.")] = None,
    listener: Annotated[str, typer.Option(help="local, or model (the chat model of TREERING_MODEL).")] = "local",
    users: Annotated[str | None, typer.Option(help="perma: people, with commas between them; by default all.")] = None,
    clean: Annotated[bool, typer.Option("--clean", help="perma: only the clean dialogs; by default both.")] = False,
    noisy: Annotated[bool, typer.Option("--noisy", help="perma: only the noisy dialogs; by default both.")] = False,
    kinds: Annotated[str | None, typer.Option(help="adversarial: kinds of cases, with commas between them.")] = None,
    limit: Annotated[int | None, typer.Option(help="personamem: most histories.", min=1)] = None,
    show: Annotated[
        tuple[str, int] | None,
        typer.Option(
            help="Also list so many: missed, wrong (perma); contradicting, foreign (personamem); leaks, alarms "
            "(adversarial).",
            metavar="WHAT N",
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Is what a listener keeps worth keeping, and right? Beside taking every sentence for a claim, same scorer.

    \b
    treering bench listen --suite perma --data perma/ --json listen.json
    treering bench listen --suite perma --data perma/ --users user108 --clean --show missed 40
    treering bench listen --suite personamem --data personamem/
    treering bench listen --suite adversarial --show leaks 40
    """
    from treering.cli.listening import Wishes, measure_listening

    wishes = Wishes(
        data=data,
        listener=listener,
        people=users.split(",") if users else None,
        noisy=None if clean == noisy else noisy,
        kinds=kinds.split(",") if kinds else None,
        limit=limit,
        show=show,
    )
    results = measure_listening(suite, wishes)
    write_results(results, json_file)


def listen_tokens(
    *,
    suite: Annotated[str, typer.Option(help="personamem, perma or talk (generated).")] = "talk",
    data: Annotated[Path | None, typer.Option(help="File or folder of the suite, as its authors publish it.")] = None,
    trunk: Annotated[str, typer.Option(help="A shipped trunk's name, or a YAML file.")] = "core",
    limit: Annotated[int | None, typer.Option(help="Most histories or people.", min=1)] = None,
    json_file: JsonFile = None,
) -> None:
    """The tokens that a listening model is sent for a window, beside one prompt with the whole trunk. Asks no model.

    \b
    treering bench listen-tokens
    treering bench listen-tokens --suite personamem --data personamem/ --json tokens.json
    """
    import os

    from treering.bench.listening_tokens import bench_listening_tokens
    from treering.memory.models.choose import make_embedder
    from treering.settings import Settings

    settings = Settings.read(os.environ)
    with screen(errors=True).status("listening …") as status:
        results = bench_listening_tokens(
            suite,
            data,
            trunk_name=trunk,
            limit=limit,
            embedder=make_embedder(settings.embedder, settings.cache_dir),
            cache_dir=settings.cache_dir,
            progress=lambda step: status.update(f"listening: {step} …"),
        )
    show_results(results, json_file)
