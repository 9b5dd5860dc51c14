"""Stores of growing size are written once, and measured; what so many people need follows from it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from treering.bench.filling import WRITTEN, Filling, kept_folder, person, written
from treering.bench.results import Results, manifest
from treering.bench.scale import UNITS, bench_scale, exponents
from treering.bench.scale_plan import Assumed, assumptions, planned
from treering.bench.scale_stores import Sizes, sized_stores, steps, write_stores
from treering.bench.scale_units import Amounts
from treering.errors import InvalidInput
from treering.testing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable

TINY = Sizes(people=9, passages=180, deep=3, operations=3)


class KilledError(Exception):
    """Stands for the end of a process."""


def silent(step: str, done: int, whole: int) -> None:
    del step, done, whole


def killed_after(number: int) -> Callable[[int], None]:
    """What is told of each person, and ends everything with the one of this number."""
    people = iter(range(number))

    def tell(turns: int) -> None:
        del turns
        if next(people, None) is None:
            raise KilledError

    return tell


@pytest.mark.parametrize("forgets", [False, True], ids=["after somebody", "before somebody was noted"])
def test_a_killed_filling_goes_on_and_writes_nobody_twice(tmp_path: Path, *, forgets: bool) -> None:
    people = {person(number): 5 for number in range(4)}
    with Filling(tmp_path, HashEmbedder()) as filling, pytest.raises(KilledError):
        filling.write(people, killed_after(2))
    file = tmp_path / WRITTEN
    if forgets:
        *lines, _ = file.read_text().splitlines()
        file.write_text("\n".join(lines) + '\n{"person": "per')
    with Filling(tmp_path, HashEmbedder()) as filling:
        filling.write(people)
        assert sorted(one.person for one in written(tmp_path)) == sorted(people)
        for name in people:
            turns = filling.memory.export(name).turns
            assert [turn.message_id for turn in turns] == [f"m{number}" for number in range(5)]
        said = [filling.memory.export(name).turns[0].content for name in people]
    assert len(set(said)) == len(people)


def test_a_killed_run_keeps_the_stores_that_are_whole(tmp_path: Path) -> None:
    def killed(step: str, done: int, whole: int) -> None:
        if step == "write people-9x20" and done > whole // 2:
            raise KilledError

    with pytest.raises(KilledError):
        write_stores(tmp_path, TINY, HashEmbedder(), killed)
    assert {one.name for one in tmp_path.iterdir()} == {"empty", "people-3x20", "people-9x20.part"}
    before = (tmp_path / "people-3x20" / WRITTEN).stat().st_mtime_ns
    stores = write_stores(tmp_path, TINY, HashEmbedder(), silent)
    assert (tmp_path / "people-3x20" / WRITTEN).stat().st_mtime_ns == before
    assert [one.home for one in stores] == [one.home for one in sized_stores(tmp_path, TINY)]
    assert all(one.home.is_dir() for one in stores)
    assert [len(written(one.home)) for one in stores if one.axis == "people"] == [3, 9]


def test_a_folder_is_of_one_embedder(tmp_path: Path) -> None:
    with kept_folder(tmp_path / "kept", "one") as folder:
        assert folder.is_dir()
    with pytest.raises(InvalidInput, match=r"written for one.*name another"), kept_folder(tmp_path / "kept", "other"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="name another"), kept_folder(tmp_path / "file", "one"):
        pass


@pytest.mark.parametrize("largest", [3, 7, 100, 10_000, 123_456])
def test_sizes_grow_by_about_the_same_up_to_the_largest(largest: int) -> None:
    sizes = steps(largest)
    assert sizes[-1] == largest
    assert 1 <= len(sizes) <= 5
    assert all(2.5 < larger / smaller < 4 for smaller, larger in pairwise(sizes))


def test_nobody_is_asked_who_opened_the_store(tmp_path: Path) -> None:
    for one in sized_stores(tmp_path, Sizes(people=316)):
        asked = one.asked(21)
        assert len(asked) == 21
        assert person(0) not in asked
        assert one.axis != "people" or len(set(asked)) == min(21, one.size - 1)


def test_a_tiny_run_measures_every_size_of_every_axis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    results = bench_scale(
        TINY,
        folder=tmp_path,
        repeats=1,
        database_url=None,
        progress=silent,
        amounts=Amounts(exchanges=1, questions=1),
        apart=lambda: ThreadPoolExecutor(1),
    )
    sizes = {"people 3", "people 9", "passages 3", "operations 3"}
    rows = {name: row for name, row in results.systems.items() if name in sizes}
    assert rows.keys() == sizes
    for row in rows.values():
        assert min(row[name] for name in ("first_ms", "hybrid_ms", "tree_ms", "first_cpu_ms", "opened_bytes")) > 0
    assert rows["people 9"]["disk_bytes"] > rows["people 3"]["disk_bytes"] > 0
    assert rows["people 9"]["write_cpu_ms"] > 0
    assert results.systems[UNITS]["turn_cpu_ms"] > 0
    from treering.bench.report.growth import growth  # noqa: PLC0415 - Matplotlib, which most processes need not import

    drawn = ET.fromstring(growth(results))  # noqa: S314 - drawn here
    assert drawn.tag.endswith("svg")
    assert "first, by people" in "".join(drawn.itertext())


def test_exponents_are_of_the_costs_that_the_rows_have() -> None:
    rows = [{"people": size, "disk_bytes": 7 * size, "tree_ms": 5.0} for size in (10.0, 100.0, 1_000.0)]
    found = exponents(rows, "people")
    assert found["disk_bytes"] == 1
    assert found["disk_bytes_at_1"] == 7
    assert found["tree_ms"] == 0
    assert "hybrid_ms" not in found


UNIT_COSTS = {
    "question_cpu_ms": 5.0,
    "dimension": 384.0,
    "export_bytes": 1_000.0,
    "postgres_bytes": 4_000.0,
    "postgres_log_bytes": 5_000.0,
    "postgres_transactions": 20.0,
    "postgres_turn_cpu_ms": 30.0,
}
LAWS = {"first_cpu_ms": 0.5, "hybrid_cpu_ms": 0.2, "memory_bytes": 1.0}


def measured(units: dict[str, float] = UNIT_COSTS) -> Results:
    over = {key: value for name, law in LAWS.items() for key, value in laid_out(name, law).items()}
    return Results(
        bench="scale", suite="", systems={UNITS: units, "exponents over passages": over}, manifest=manifest({})
    )


def laid_out(name: str, exponent: float) -> dict[str, float]:
    return {name: exponent, f"{name}_se": 0.0, f"{name}_at_1": 10.0}


def test_a_plan_is_what_one_costs_times_people() -> None:
    assumed = Assumed()
    plan = planned(measured(), 1_000_000, assumed)
    by_name = {need.name: need for need in plan.needs}
    turns_s = assumed.active * assumed.turns_a_day * assumed.peak / 86_400
    cores = by_name["machine of workers, cores"]
    assert cores.holds * turns_s * 0.030 == pytest.approx(assumed.cores * assumed.busy)
    disk = by_name["PostgreSQL, disk"]
    assert disk.holds * assumed.hot * assumed.passages * 4_000 == pytest.approx(assumed.disk_tb * 1e12 * assumed.busy)
    assert disk.count(disk.holds) == assumed.copies
    assert plan.totals["turns a second, busiest hour"] == pytest.approx(1e6 * turns_s)
    assert [need.holds for need in plan.needs] == sorted(need.holds for need in plan.needs)
    assert plan.people_a_store == min(need.holds for need in plan.needs if need.is_of_store)
    assert plan.stores * plan.people_a_store >= plan.people


@pytest.mark.parametrize(
    ("assumption", "name"),
    [
        ("turns_a_day=40", "machine of workers, cores"),
        ("passages=4000", "PostgreSQL, disk"),
        ("code_bytes=2", "Qdrant, memory"),
        ("sessions_a_day=4", "sweep of idle sessions"),
        ("upkeep_days=0.5", "round of the upkeep"),
    ],
)
def test_twice_the_load_halves_whom_one_serves(assumption: str, name: str) -> None:
    one, other = (planned(measured(), 1, assumptions(given)) for given in ([], [assumption]))
    [before], [after] = ([need.holds for need in plan.needs if need.name == name] for plan in (one, other))
    assert after == pytest.approx(before / 2)


@pytest.mark.parametrize("given", ["turns_a_day=none", "turns=4", "hot=2", "hot", "peak=-1"])
def test_an_assumption_that_cannot_be_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match=r"--assume.*known are active"):
        assumptions([given])


def test_a_run_without_postgres_bears_no_plan() -> None:
    units = {name: value for name, value in UNIT_COSTS.items() if not name.startswith("postgres")}
    with pytest.raises(InvalidInput, match=r"--from.*--database-url"):
        planned(measured(units), 1, Assumed())
