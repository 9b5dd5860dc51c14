"""`treering bench listen` on the screen: its progress while it runs, its tables, and what to look at."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rich.markup import escape

from treering.bench.listen import listen, read_talks
from treering.bench.listen import results as perma_results
from treering.bench.listen_adversarial import attack
from treering.bench.listen_adversarial import results as adversarial_results
from treering.bench.listen_persona import CLOSE, keep
from treering.bench.listen_persona import results as persona_results
from treering.bench.suites.adversarial import read_adversarial
from treering.bench.suites.personamem import read_personamem
from treering.cli.bars import counting
from treering.cli.listening_tables import adversarial_table, perma_table, persona_table
from treering.cli.options import screen
from treering.errors import InvalidInput
from treering.memory.models.choose import make_embedder
from treering.memory.models.remembering import RememberingEmbedder
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from treering.bench.listen import Listened
    from treering.bench.listen_adversarial import Outcome
    from treering.bench.listen_persona import Kept
    from treering.bench.results import Results


VECTORS_KEPT = 50_000
"""Vectors remembered between the clean and the noisy dialogs: 77 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for."""

    data: Path | None
    """The file or folder of the suite; None: it ships."""
    listener: str
    """`local` or `model`."""
    people: Sequence[str] | None
    """Names of people (perma); None: all."""
    noisy: bool | None
    """Only the noisy dialogs, or only the clean ones (perma); None: the clean ones, and what is lost on the noisy."""
    kinds: Sequence[str] | None
    """Kinds of cases (adversarial); None: all."""
    limit: int | None
    """Most histories (personamem); None: all."""
    show: tuple[str, int] | None
    """What to list, and how many of it."""


def measure_listening(suite: str, wishes: Wishes) -> Results:
    """Measure a listener, print the table, and what is to be looked at, if that is asked for.

    Raises:
        InvalidInput: The suite, a file, a person, the listener or what is to be shown is not what it should be.
    """
    if suite not in _SUITES:
        raise InvalidInput("--suite", f"{suite!r} is none; known are {', '.join(_SUITES)}")
    measure, shown = _SUITES[suite]
    if wishes.show and wishes.show[0] not in shown:
        raise InvalidInput("--show", f"{wishes.show[0]!r} is none of this suite; it has {', '.join(shown)}")
    return measure(wishes)


def _perma(wishes: Wishes) -> Results:
    kinds = [False, True] if wishes.noisy is None else [wishes.noisy]
    talks = [read_talks(_data(wishes), wishes.people, noisy=kind) for kind in kinds]
    settings = Settings.read(os.environ)
    # most of what is said in the noisy dialogs is said in the clean ones: their vectors are made once
    embedder = RememberingEmbedder(make_embedder(settings.embedder, settings.cache_dir), texts_kept=VECTORS_KEPT)
    runs: list[Listened] = []
    with counting("turns") as bars:
        for one in talks:
            bar = bars.add_task(f"{wishes.listener}, {'noisy' if one.is_noisy else 'clean'}", total=one.turns)
            runs.append(listen(one, wishes.listener, embedder, partial(bars.advance, bar)))
    score = runs[0].score
    _list(
        wishes.show,
        {
            "missed": (
                f"{one.person} {one.session}  {escape(one.triple)}\n    [dim]{escape(one.said)}" for one in score.missed
            ),
            "wrong": (
                f"{one.person} {one.claim.session}  {escape(one.claim.text)}  [cyan]{one.claim.path}[/]\n"
                f"    [dim]{escape(one.why)}; said: {escape(' … '.join(one.claim.quotes))}"
                for one in score.wrong
            ),
        },
    )
    screen().print(perma_table(runs))
    return perma_results(runs)


def _personamem(wishes: Wishes) -> Results:
    histories = read_personamem(_data(wishes), wishes.limit)
    settings = Settings.read(os.environ)
    embedder = make_embedder(settings.embedder, settings.cache_dir)
    with counting("turns") as bars:
        bar = bars.add_task(wishes.listener, total=sum(len(one.turns) for one in histories))
        kept = keep(histories, wishes.listener, embedder, partial(bars.advance, bar))
    _list(
        wishes.show,
        {
            "contradicting": _contradicting(kept),
            "foreign": (
                f"{one.role}{' (confirmed)' * one.is_confirmed}: {escape(one.text)}\n    [dim]{escape(one.quote)}"
                for one in kept.foreign
            ),
        },
    )
    screen().print(persona_table(kept, wishes.listener))
    return persona_results(kept, wishes.listener, embedder.fingerprint)


def _contradicting(kept: Kept) -> Iterable[str]:
    some = sorted((one for one in kept.pairs if one.contradicts), key=lambda pair: -pair.closeness)
    for one in some:
        if one.closeness >= CLOSE[0]:
            yield f"{one.closeness:.2f}  [cyan]{one.path}[/]\n    {escape(one.one)}\n    {escape(one.other)}"


def _adversarial(wishes: Wishes) -> Results:
    cases = read_adversarial(wishes.kinds)
    with counting("cases") as bars:
        bar = bars.add_task(wishes.listener, total=len(cases))
        outcomes, cost = attack(cases, wishes.listener, None, partial(bars.advance, bar))
    _list(
        wishes.show,
        {
            "leaks": (
                _case(one, (*one.leaks, *(f"lost: {lost}" for lost in one.losses)))
                for one in outcomes
                if one.leaks or one.losses
            ),
            "alarms": (_case(one, (one.alarm,)) for one in outcomes if one.alarm),
        },
    )
    screen().print(adversarial_table(outcomes, cost, wishes.listener))
    return adversarial_results(outcomes, cost, wishes.listener)


def _case(outcome: Outcome, found: Iterable[str]) -> str:
    said = " / ".join(repr(text) for _, text in outcome.case.turns)
    return f"{outcome.case.id}  {escape('; '.join(found))}\n    [dim]{escape(said)}"


def _data(wishes: Wishes) -> Path:
    if wishes.data is None:
        raise InvalidInput("--data", "is missing: name the folder of the suite, as its authors publish it")
    return wishes.data


def _list(show: tuple[str, int] | None, kinds: Mapping[str, Iterable[str]]) -> None:
    """So many of one kind, evenly spread over all of them, so that every person and topic has its share."""
    if show is None:
        return
    what, count = show
    some = list(kinds[what])
    out = screen()
    out.print(f"[bold]{what}: {min(count, len(some))} of {len(some)}")
    for line in some[:: max(1, len(some) // max(1, count))][:count]:
        out.print(line)


_SUITES: Mapping[str, tuple[Callable[[Wishes], Results], tuple[str, ...]]] = {
    "perma": (_perma, ("missed", "wrong")),
    "personamem": (_personamem, ("contradicting", "foreign")),
    "adversarial": (_adversarial, ("leaks", "alarms")),
}
"""How each suite is measured, and what of it can be listed."""
