"""A migration is read as it is written, and a faulty file is refused with its line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from treering.errors import InvalidMigration
from treering.schemas.migration import Drop, Merge, Portion, Rename, Split, searcher
from treering.schemas.trunks.migrations import MAX_MIGRATION_BYTES, is_migration, load_migration, read_migration

GOOD = """from: bakery/1
to: bakery/2
steps:
  - rename: {from: customer, to: guest}
  - merge: {from: [likes, dislikes], to: tastes}
  - split:
      from: drinks
      to:
        - path: drinks.hot
          when: "coffee|tea"
        - path: drinks.cold
  - drop: pets
"""


def test_all_four_steps_are_read_with_their_lines() -> None:
    migration = read_migration(GOOD, "m.yaml")
    assert migration.name == "bakery/1->bakery/2"
    assert migration.steps == (
        Rename(source="customer", to="guest", where="m.yaml:4"),
        Merge(sources=("likes", "dislikes"), to="tastes", where="m.yaml:5"),
        Split(
            source="drinks",
            to=(Portion(path="drinks.hot", when="coffee|tea"), Portion(path="drinks.cold")),
            where="m.yaml:6",
        ),
        Drop(path="pets", where="m.yaml:12"),
    )


def test_a_migration_without_steps_is_one() -> None:
    assert read_migration("{from: t/1, to: t/2}", "m").steps == ()


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("", "m.yaml:1", "is empty"),
        ("from: t/1", "m.yaml:1", "`to` is missing"),
        ("{from: t/1, to: t/1}", "m.yaml:1", "to itself"),
        ("{from: t/1, to: T/2}", "m.yaml:1", "pattern"),
        ("{from: t/1, to: t/0}", "m.yaml:1", "pattern"),
        ("from: t/1\nto: t/2\nstep: []", "m.yaml:3", "unknown key 'step'"),
        ("from: t/1\nto: t/2\nsteps: {drop: a}", "m.yaml:3", "expected a list"),
        (GOOD.replace("rename:", "move:"), "m.yaml:4", "unknown key 'move'"),
        (GOOD.replace("  - drop", "    drop"), "m.yaml:6", "holds 2 steps"),
        (GOOD.replace("{from: customer, to: guest}", "{from: customer}"), "m.yaml:4", "`to` is missing"),
        (GOOD.replace("{from: customer, to: guest}", "guest"), "m.yaml:4", "pairs"),
        (GOOD.replace("to: guest", "to: the guest"), "m.yaml:4", "pattern"),
        (GOOD.replace("[likes, dislikes]", "likes"), "m.yaml:5", "expected a list"),
        (GOOD.replace("[likes, dislikes]", "[]"), "m.yaml:5", "at least 1"),
        (GOOD.replace('"coffee|tea"', '"(coffee"'), "m.yaml:9", "unclosed group"),
        (GOOD.replace('"coffee|tea"', '"(?=coffee)"'), "m.yaml:9", "look-around"),
        (GOOD.replace('"coffee|tea"', "'(a{999}){999}'"), "m.yaml:9", "size limit"),
        (GOOD.replace("coffee|tea", "x" * 501), "m.yaml:9", "at most 500"),
        (GOOD.replace('          when: "coffee|tea"\n', ""), "m.yaml:7", "every portion but the last"),
        (
            GOOD.replace("- path: drinks.cold", "- {path: drinks.cold, when: ice}"),
            "m.yaml:7",
            "the last takes the rest",
        ),
        (GOOD.replace("drinks.cold", "drinks.hot"), "m.yaml:7", "twice"),
        (GOOD.replace("        - path: drinks.cold\n", ""), "m.yaml:7", "at least 2"),
        (GOOD.replace("pets", "[pets]"), "m.yaml:12", "found a list"),
        (GOOD.replace("when:", "if:"), "m.yaml:10", "unknown key 'if'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, place: str, why: str) -> None:
    with pytest.raises(InvalidMigration) as raised:
        read_migration(text, "m.yaml")
    assert raised.value.source == place
    assert why in raised.value.why


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMigration, match="no such file"):
        load_migration(tmp_path / "none.yaml")
    with pytest.raises(InvalidMigration, match="cannot be read"):
        load_migration(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("from: café".encode("latin-1"))
    with pytest.raises(InvalidMigration, match="not UTF-8"):
        load_migration(tmp_path / "latin.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" * (MAX_MIGRATION_BYTES + 1))
    with pytest.raises(InvalidMigration, match="over the limit"):
        load_migration(tmp_path / "huge.yaml")


def test_a_migration_is_told_from_a_trunk_by_its_keys(tmp_path: Path) -> None:
    texts = {"good": GOOD, "half": "steps: []", "trunk": "name: t\ntree: {}", "list": "- from", "broken": "{"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert [name for name in texts if is_migration(tmp_path / name)] == ["good", "half"]
    assert not is_migration(tmp_path / "none")


def test_expressions_look_anywhere_whatever_the_case() -> None:
    hot = Portion(path="hot", when=r"\b(coffee|tea)\b")
    assert hot.takes("Loves COFFEE in the morning")
    assert not hot.takes("works in a steakhouse")
    assert Portion(path="rest").takes("anything")


def test_no_expression_takes_more_than_linear_time() -> None:
    """With a backtracking engine, this one takes longer than the universe will last."""
    started = time.perf_counter()
    assert not searcher("(a+)+$").isinstance_python("a" * 2_000 + "b")
    assert time.perf_counter() - started < 60
