"""`treering bench start`: how quick a new process is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bench_results import JsonFile, write_results
from treering.cli.options import screen

if TYPE_CHECKING:
    from treering.bench.results import Results


def start(
    *,
    rounds: Annotated[int, typer.Option(help="How often each program is started.", min=1)] = 15,
    json_file: JsonFile = None,
) -> None:
    """How long new processes take on a warm store, each beside one that imports only what it cannot do without.

    By the clock, and in time of the processor; behind the ratio, the 95 % interval of its median over the rounds.

    \b
    treering bench start
    treering bench start --rounds 31 --json start.json
    """
    from treering.bench.start import bench_start

    with screen(errors=True).status("measuring …") as status:
        results = bench_start(rounds, lambda step: status.update(f"measuring: {step} …"))
    _show(results)
    write_results(results, json_file)


def _show(results: Results) -> None:
    from treering.bench.start import BESIDE, MEANINGS
    from treering.cli.parted import Parted

    rows = []
    for name, metrics in results.systems.items():
        cells = [
            cell
            for kind in ("", "cpu_")
            for cell in (
                f"{metrics[f'{kind}p50_ms']:,.0f}",
                f"{metrics[f'beside_{kind}p50_ms']:,.0f}",
                _interval(metrics, f"{kind}ratio"),
            )
        ]
        rows.append((name, BESIDE[name], *cells))
    screen().print(
        Parted(
            title=f"{results.bench}, {results.suite}, p50",
            caption="\n".join(f"{name}: {meaning}" for name, meaning in MEANINGS.items()),
            corner="what",
            columns=("beside", "ms", "its", "ratio", "CPU ms", "its CPU", "CPU ratio"),
            rows=rows,
        )
    )


def _interval(metrics: dict[str, float], name: str) -> str:
    return f"{metrics[name]:.2f} ({metrics[f'{name}_low']:.2f} to {metrics[f'{name}_high']:.2f})"
