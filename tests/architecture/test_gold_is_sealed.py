"""An import that would let a system or an answerer see what is right breaks the contract, wherever it is planted."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from importlinter import configuration
from importlinter.contracts.forbidden import ForbiddenContract

import treering

#: What opens the answer key, or calls what does; everything else of a run must be under the contract.
SCORING = ("catalogue", "judging", "metrics", "scoring")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("treering", exclude_type_checking_imports=True, cache_dir=None)


@pytest.fixture(scope="module")
def contract() -> ForbiddenContract:
    configuration.configure()
    file = Path(treering.__file__).parents[1] / "pyproject.toml"
    contracts = tomllib.loads(file.read_text())["tool"]["importlinter"]["contracts"]
    [options] = [one for one in contracts if one["name"] == "Gold is opened by the scorer alone"]
    return ForbiddenContract(options["name"], {"root_packages": ["treering"]}, options)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("treering.bench.choice.side_by_side", "treering.bench.gold.choices"),
        ("treering.bench.choice.answerers", "treering.bench.choice.catalogue"),
        ("treering.bench.systems.plain", "treering.bench.gold.quartet"),
        ("treering.bench.suites.quartet", "treering.bench.quartet.making"),
        ("treering.bench.asking", "treering.bench.choice.scoring"),
    ],
)
def test_a_planted_import_breaks_the_contract(
    graph: grimp.ImportGraph, contract: ForbiddenContract, importer: str, imported: str
) -> None:
    planted = deepcopy(graph)
    planted.add_import(importer=importer, imported=imported)
    assert not contract.check(planted, verbose=False).kept


def test_every_module_of_a_run_is_under_the_contract_or_scores(
    graph: grimp.ImportGraph, contract: ForbiddenContract
) -> None:
    assert contract.check(deepcopy(graph), verbose=False).kept
    sealed = {str(one) for one in contract.source_modules}  # type: ignore[attr-defined]
    of_a_run = graph.find_children("treering.bench.choice")
    scoring = {f"treering.bench.choice.{one}" for one in SCORING}
    assert of_a_run - scoring <= sealed
