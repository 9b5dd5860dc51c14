"""Check the types of the wheel in dist/ as an application does, with mypy and pyright: `try_types.py PYTHON…`."""  # noqa: INP001 - a script

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from environments import ROOT, TESTED, Environment, built, environment, tell

PROGRAMS = ROOT / "tests" / "typing"

STRICT = {
    "typeCheckingMode": "strict",
    "enableTypeIgnoreComments": False,  # those are mypy's
    "reportUnnecessaryTypeIgnoreComment": "error",
    "exclude": ["venv"],
}
"""How pyright is asked."""

PUBLIC = (
    "treering.bench.choice.catalogue",
    "treering.bench.samples",
    "treering.bench.suites.source",
    "treering.bench.systems.entry",
    "treering.bench.systems.port",
    "treering.client",
    "treering.errors",
    "treering.graph",
    "treering.memory.ports",
    "treering.schemas",
    "treering.settings",
    "treering.testing",
)
"""Modules whose every name has to be known, and `treering` itself."""

THEIRS = {
    "treering.graph.build.ScopedGraph",
    "treering.graph.build.ScopedGraph.over",
    "treering.graph.recall_build.AgenticRecall.graph",
    "treering.graph.recall_build.RecallGraph",
    "treering.graph.recall_build.build_recall_graph",
}
"""What stands on the graph of LangGraph: its folders lack a marker of types, and pyright counts it as unknown."""


def tried(python: str, wheel: Path) -> None:
    """Install the wheel, check the two programs strictly, and look for public names of unknown type."""
    with environment(python) as own:
        own.install(*TESTED, "mypy", f"{wheel}[client,models]")
        for program in PROGRAMS.glob("[!t]*.py"):
            shutil.copy(program, own.folder)
        programs = sorted(program.name for program in own.folder.glob("*.py"))
        Path(own.folder, "pyrightconfig.json").write_text(json.dumps(STRICT))
        own.run(own.program("mypy"), "--strict", "--config-file=", *programs)
        own.run("pyright", "--pythonpath", own.python, ".")
        told = completeness(own)
    ours = [one for one in told["symbols"] if one["name"].startswith(PUBLIC) or one["name"].count(".") == 1]
    known = sum(one["isTypeKnown"] for one in ours)
    tell(f"{python}: {known:,} of {len(ours):,} public names are of known type for pyright")
    unknown = sorted({one["name"] for one in ours if is_at_fault(one)} - THEIRS)
    if unknown:
        sys.exit(f"Of unknown type, or of one that checkers may infer otherwise: {', '.join(unknown)}")


def completeness(own: Environment) -> dict[str, object]:
    """What pyright finds of the installed package; it exits with 1 where anything is unknown."""
    path = f"{own.folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"  # this is how it finds the environment
    asked = ["env", f"PATH={path}", "pyright", "--verifytypes", "treering", "--ignoreexternal", "--outputjson"]
    found = own.run(*asked, stdout=subprocess.PIPE, is_checked=False).stdout
    return json.loads(found)["typeCompleteness"]


def is_at_fault(symbol: dict[str, object]) -> bool:
    """Whether a name is unknown by itself: what only stands on another unknown name is not told again."""
    said = [one["message"] for one in symbol["diagnostics"]]
    return not symbol["isTypeKnown"] and any("partially unknown" not in one or "Unknown]" in one for one in said)


if __name__ == "__main__":
    for version in sys.argv[1:] or [sys.executable]:
        tried(version, built("*.whl"))
