"""`treering bench start`: what a new process takes until it is done, beside one that imports what it cannot do without.

Programs are started in turn, round by round, so that what else the machine does falls on all of them. Processor time
stands beside the clock, since others on the same cores change it less.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from treering.bench.results import Results, manifest
from treering.bench.timing import p50_ms, ratio_of
from treering.client.memory import Memory
from treering.memory.models.minilm_files import graph_file, packaged_model
from treering.settings import Settings
from treering.testing.processes import environment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.bench.timing import Ratio

ROUNDS = 15
"""Rounds, in each of which every program is started once."""

QUESTION = "Where do I live?"

_MAIN = "from treering.cli import main; main()"
_SDK = f"from treering import Memory\nwith Memory() as memory: memory.recall('bench', {QUESTION!r})"
_LIBRARIES = "import onnxruntime, sqlalchemy, numpy"
_MODEL = """
import sys, time, onnxruntime, sqlalchemy, numpy, tokenizers
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
tokenizer = tokenizers.Tokenizer.from_file(sys.argv[2])
tokenizer.no_padding()
for _ in range(2):
    began = time.perf_counter()
    session.run(["vectors"], {"ids": numpy.array([tokenizer.encode(sys.argv[3]).ids], numpy.int64)})
print(time.perf_counter() - began)
"""
"""The same libraries, and what an embedding needs beside them, with settings of our own; says what a second takes."""


BESIDE = {
    "help": "typer",
    "tree": "libraries",
    "remember": "model",
    "recall": "libraries",
    "recall, with model": "model",
    "sdk recall": "libraries",
    "sdk recall, with model": "model",
}
"""What is told, the program before a comma, and the program that it is measured against."""

MEANINGS = {
    "typer": "import typer",
    "libraries": f"{_LIBRARIES}; of a recall, the time of one embedding is taken off first",
    "model": f"{_LIBRARIES}, load the model and embed a sentence",
}
"""What the programs are that others are measured against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one process took."""

    wall_s: float
    cpu_s: float
    """Of the processor, in the program and in the system, all threads together."""
    said: str
    """What it printed."""


def bench_start(rounds: int, progress: Callable[[str], None]) -> Results:
    """Start all programs in turn, on a warm store.

    Raises:
        MissingExtra: The built-in embedder is not installed.
    """
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        settings = Settings(home=Path(folder, "home"), cache_dir=Settings.read(os.environ).cache_dir)
        progress("a warm store")
        with Memory(settings=settings, background=False) as memory:
            memory.remember("bench", "I live in Porto.")
            memory.flush()
            memory.warm_up()
        programs, environment = programs_on(settings), environment_on(settings, Path(folder, "bytecode"))
        for name, command in programs.items():
            progress(f"{name}, for the first time")
            run(command, environment)  # compiles all of it once, as installing does
        spent: dict[str, list[Spent]] = {name: [] for name in programs}
        for turn in range(rounds):
            progress(f"round {turn + 1} of {rounds}")
            for name in programs if turn % 2 else reversed(programs):
                spent[name].append(run(programs[name], environment))
    systems = {name: numbers(name, spent) for name in BESIDE}
    return Results(bench="start", suite="new processes", systems=systems, manifest=manifest({"rounds": rounds}))


def numbers(name: str, spent: Mapping[str, Sequence[Spent]]) -> dict[str, float]:
    """The times of a program, and how many times those of what it is measured against they are, round by round."""
    program, beside = name.partition(",")[0], BESIDE[name]
    is_free = program.endswith("recall") and beside == "libraries"
    embedding_s = statistics.median(float(one.said) for one in spent["model"]) if is_free else 0.0
    ours, theirs = spent[program], spent[beside]
    pairs = list(zip(ours, theirs, strict=True))
    return {
        "p50_ms": p50_ms([one.wall_s for one in ours]),
        "cpu_p50_ms": p50_ms([one.cpu_s for one in ours]),
        "beside_p50_ms": p50_ms([one.wall_s for one in theirs]),
        "beside_cpu_p50_ms": p50_ms([one.cpu_s for one in theirs]),
        "embedding_ms": round(embedding_s * 1_000, 4),
        **_named("ratio", ratio_of([(mine.wall_s - embedding_s) / yours.wall_s for mine, yours in pairs])),
        **_named("cpu_ratio", ratio_of([(mine.cpu_s - embedding_s) / yours.cpu_s for mine, yours in pairs])),
    }


def _named(name: str, ratio: Ratio) -> dict[str, float]:
    return {name: ratio.median, f"{name}_low": ratio.low, f"{name}_high": ratio.high}


def run(command: Sequence[str], environment: Mapping[str, str]) -> Spent:
    """Start a Python with these arguments, and wait for its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, *command], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    wall_s, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall_s=wall_s, cpu_s=cpu_s, said=done.stdout)


def programs_on(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The arguments of Python for each program; somebody called `bench` lives in the store."""
    model = (str(graph_file(settings.cache_dir)), str(packaged_model() / "tokenizer.json"), QUESTION)
    return {
        "typer": ("-c", "import typer"),
        "libraries": ("-c", _LIBRARIES),
        "model": ("-c", _MODEL, *model),
        "help": ("-c", _MAIN, "--help"),
        "tree": ("-c", _MAIN, "tree", "bench"),
        "remember": ("-c", _MAIN, "remember", "another", "I'm allergic to peanuts."),
        "recall": ("-c", _MAIN, "recall", "bench", QUESTION),
        "sdk recall": ("-c", _SDK),
    }


def environment_on(settings: Settings, bytecode: Path) -> dict[str, str]:
    """What the programs are given: settings, and a folder of compiled modules, where this Python keeps none itself."""
    kept = environment_of(settings)
    if not sys.dont_write_bytecode:
        return kept  # what is not compiled beside its module yet will be by the first start
    return {name: value for name, value in kept.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPYCACHEPREFIX": str(bytecode)
    }
