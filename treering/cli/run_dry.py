"""`treering bench run --dry-run` on the screen: what a run would take, with no model asked and nothing written."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.table import Table

from treering.bench.choice.foreseeing import Foreseen, foresee
from treering.bench.choice.hearing import LENGTH_RULE
from treering.bench.listening_tokens import listening_tokens
from treering.bench.results import Results, manifest
from treering.bench.systems.catalogue import check_systems, entry_of
from treering.cli.choosing import opened_suite
from treering.cli.options import screen
from treering.memory.models.choose import make_embedder
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from treering.bench.choice.catalogue import ChoiceSuite
    from treering.bench.samples import Conversation
    from treering.cli.choosing import Wishes
    from treering.memory.models.price import Price
    from treering.memory.ports import Embedder

LISTENING = ("treering", "treering-tree", "treering-agentic")
"""Systems whose listener is the chat model of the settings, where one is named."""

_CAVEATS = (
    "Nothing was kept, and no model was asked. Prompts are what a chat model would be asked as the answerer, sent and "
    "back its tokens by our own count, with short replies and no thinking aloud; ≤: every context taken to be full. "
    "Verdicts are what a judge would be asked for; what is right is not read for it, so its tokens are not known. "
    "Calls are those of a chat model that listens. Hearing is the time of one process, drawn out from the first turns "
    "of the first history; ?: it was not tried, since that asks a model or a server."
)

_LOCAL = ("minilm", "hash", "sentence-transformers")
"""Embedders that nobody is asked for."""


def dry_run(wishes: Wishes) -> Results:
    """Tell what a run would take.

    Raises:
        InvalidInput: Something is not what it should be.
        MissingExtra: A system is not installed.
    """
    check_systems([one for one in wishes.systems if one != LENGTH_RULE])
    settings = Settings.read(os.environ)
    with TemporaryDirectory(prefix="treering-bench-") as scratch:
        suite = opened_suite(wishes, Path(scratch))
        foreseen = {
            name: foresee(
                name,
                suite.conversations,
                embedder=_embedder(name, settings),
                listening=_listening(name, settings),
            )
            for name in wishes.systems
        }
    _print(foreseen, suite, wishes)
    rows = {name: _numbers(one, wishes.price) for name, one in foreseen.items()}
    told: dict[str, str | int | float] = {"answerer": wishes.answerer, "workers": wishes.workers}
    return Results(bench="dry-run", suite=suite.name, systems=rows, manifest=manifest(told))


def _embedder(system: str, settings: Settings) -> Callable[[], Embedder] | None:
    """What a system is tried with; None where trying it would ask a model or a server."""
    entry = None if system == LENGTH_RULE else entry_of(system)
    asks_model = settings.model is not None and system in LISTENING
    asks_embedder = entry is not None and entry.embedder == "of the run" and not settings.embedder.startswith(_LOCAL)
    if asks_model or asks_embedder or (entry is not None and entry.variables):
        return None
    return partial(make_embedder, settings.embedder, settings.cache_dir)


def _listening(system: str, settings: Settings) -> Callable[[Conversation], tuple[int, int]] | None:
    """What counts the calls of the chat model that listens, where one does."""
    if settings.model is None or system not in LISTENING or not settings.embedder.startswith(_LOCAL):
        return None
    embedder = make_embedder(settings.embedder, settings.cache_dir)
    return partial(listening_tokens, trunk_name=settings.trunk, embedder=embedder, cache_dir=settings.cache_dir)


def _numbers(one: Foreseen, price: Price | None) -> dict[str, float]:
    """As they are written to a file; what was not tried, or has no price, is left out."""
    cost = _cost(one, price)
    return {
        "turns": one.turns,
        "contexts": one.contexts,
        "prompts": one.prompts,
        "answer_input_tokens": one.input_tokens,
        "answer_output_tokens": one.output_tokens,
        "free_answers": one.free_answers,
        "listening_calls": one.listening_calls,
        "listening_tokens": one.listening_tokens,
        **({} if cost is None else {"answer_cost": round(cost, 6)}),
        **({} if one.hearing_s is None else {"hearing_s": round(one.hearing_s, 1)}),
    }


def _cost(one: Foreseen, price: Price | None) -> float | None:
    return None if price is None else price.of(tokens_in=one.input_tokens, tokens_out=one.output_tokens)


def _print(foreseen: Mapping[str, Foreseen], suite: ChoiceSuite, wishes: Wishes) -> None:
    rows = {**foreseen, "all": _together(foreseen.values())}
    turns = max(one.turns for one in foreseen.values())
    histories = len(suite.conversations)
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title=f"{suite.name}: {histories} histories, {turns:,} turns, {suite.questions:,} contexts a system",
    )
    table.add_column("", no_wrap=True)
    cells = {system: _cells(one, wishes.price, is_judged=wishes.judge != "none") for system, one in rows.items()}
    names = [name for name in cells["all"] if any(row[name] for row in cells.values())]
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for system, row in cells.items():
        table.add_row(system, *(row[name] for name in names))
    screen().print(table)
    screen().print(_CAVEATS, soft_wrap=True)


def _cells(one: Foreseen, price: Price | None, *, is_judged: bool) -> dict[str, str]:
    """What stands in a row, by the names of the columns."""
    most = "" if one.is_exact else "≤"
    cost = _cost(one, price)
    return {
        "prompts": f"{most}{one.prompts:,}",
        "sent": f"{most}{one.input_tokens:,}",
        "back": f"{one.output_tokens:,}",
        "$": "" if cost is None else f"{most}{cost:,.2f}",
        "verdicts": f"{most}{one.free_answers:,}" if one.free_answers and is_judged else "",
        "calls": f"{one.listening_calls:,}" if one.listening_calls else "",
        "to listen": f"{one.listening_tokens:,}" if one.listening_calls else "",
        "hearing": "?" if one.hearing_s is None else f"{timedelta(seconds=round(one.hearing_s))}",
    }


def _together(some: Collection[Foreseen]) -> Foreseen:
    hearing = [one.hearing_s for one in some if one.hearing_s is not None]
    return Foreseen(
        turns=sum(one.turns for one in some),
        contexts=sum(one.contexts for one in some),
        prompts=sum(one.prompts for one in some),
        input_tokens=sum(one.input_tokens for one in some),
        output_tokens=sum(one.output_tokens for one in some),
        free_answers=sum(one.free_answers for one in some),
        is_exact=all(one.is_exact for one in some),
        listening_calls=sum(one.listening_calls for one in some),
        listening_tokens=sum(one.listening_tokens for one in some),
        hearing_s=sum(hearing) if len(hearing) == len(some) else None,
    )
