"""The trunks that ship are complete and well worded, and a faulty file is refused with its place."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from treering.errors import InvalidTrunk, UnknownTrunk
from treering.schemas import trunks
from treering.schemas.trunk import Slot, Trunk
from treering.schemas.trunks import MAX_TRUNK_BYTES, load_trunk, shipped_trunks
from treering.schemas.trunks.reading import read_trunk

CORE_BRANCHES = {
    "identity", "home", "possessions", "health", "psychology", "personality", "beliefs", "goals", "habits",
    "preferences", "education", "work", "finances", "relationships", "schedule", "experiences", "skills", "boundaries",
}  # fmt: skip
CORE_DOMAINS = {
    "food", "restaurants", "drinks", "music", "film_and_tv", "books", "news_and_podcasts", "games",
    "sports_and_fitness", "nature", "travel", "transport", "lodging", "fashion", "home_and_design", "technology",
    "art_and_culture", "events", "making", "subjects", "learning", "work_style", "socialising", "communication",
    "reminders", "answers", "shopping", "services", "investing", "celebrations",
}  # fmt: skip
ONE_VALUED = {
    "identity.name", "identity.form_of_address", "identity.gender_and_pronouns", "identity.age", "identity.birthday",
    "identity.sexuality", "home.city", "home.dwelling", "psychology.mood", "work.job", "relationships.partner",
}  # fmt: skip
SPECIAL = {
    "identity.ethnicity", "identity.sexuality", "beliefs.religion", "beliefs.politics", "health.conditions",
    "health.mental_health", "health.treatment", "health.symptoms", "health.reproduction", "health.substances",
    "finances.income", "finances.savings", "finances.debts", "finances.spending",
}  # fmt: skip
LIKES = re.compile(r"\b(loves?|likes?|enjoys?|prefers?|wants|fan of|fond of|supports|fascinated|favourite|joy|best)\b")
DISLIKES = re.compile(r"\b(dislikes?|hates?|avoids?|finds .*(boring|dull|confusing|distracting|repetitive))\b")

HEAD = "name: mine\nversion: 1\ndescription: For tests.\n"


@pytest.fixture(scope="module")
def core() -> Trunk:
    return load_trunk("core")


@pytest.mark.parametrize("name", shipped_trunks())
def test_every_shipped_trunk_is_valid_under_its_name(name: str) -> None:
    trunk = load_trunk(name)
    assert trunk.name == name
    assert trunk.version >= 1


@pytest.mark.parametrize("name", shipped_trunks())
def test_no_description_or_example_of_a_trunk_is_there_twice(name: str) -> None:
    trunk = load_trunk(name)
    texts = Counter(
        chain((b.description for b in trunk.branches), *((s.description, *s.examples) for s in trunk.slots))
    )
    assert [text for text, count in texts.items() if count > 1] == []


@pytest.mark.parametrize("name", shipped_trunks())
def test_examples_are_short_claims_in_the_third_person(name: str) -> None:
    for slot in load_trunk(name).slots:
        assert slot.examples, slot.path
        for example in slot.examples:
            assert len(example) <= 120, example
            assert not re.search(r"\b(I|I'm|my|me|we|our|you|your)\b", example), example
            assert not example.endswith("."), example


@pytest.mark.parametrize("name", shipped_trunks())
def test_descriptions_are_sentences(name: str) -> None:
    trunk = load_trunk(name)
    for part in (*trunk.branches, *trunk.slots):
        assert part.description[0].isupper(), part.path
        assert part.description.endswith("."), part.path


def test_core_is_the_default(core: Trunk) -> None:
    assert load_trunk() is core


def test_core_has_its_areas_and_a_size_that_a_prompt_can_hold(core: Trunk) -> None:
    assert {b.path for b in core.branches} == CORE_BRANCHES
    assert 80 <= len(core.slots) <= 130
    assert {p.rpartition(".")[2] for p in core.by_path if p.startswith("preferences.")} == CORE_DOMAINS
    assert {"schedule.deadlines", "schedule.anniversaries", "experiences.milestones"} <= core.by_path.keys()


def test_the_page_about_trunks_counts_the_slots_of_core(core: Trunk) -> None:
    page = Path(__file__).parents[3] / "docs" / "trunks.md"
    counted = re.findall(r"^\| `(\w+)` \| (\d+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: int(number) for name, number in counted} == Counter(path.split(".")[0] for path in core.by_path)


def test_core_slots_have_three_to_six_examples(core: Trunk) -> None:
    assert [slot.path for slot in core.slots if not 3 <= len(slot.examples) <= 6] == []


def test_only_what_a_person_has_one_of_is_one_valued(core: Trunk) -> None:
    assert {slot.path for slot in core.slots if slot.cardinality == "one"} == ONE_VALUED


def test_special_categories_are_special_and_what_a_meal_needs_is_not(core: Trunk) -> None:
    special = {slot.path for slot in core.slots if slot.sensitivity == "special"}
    assert special >= SPECIAL
    for path in ("health.allergies", "health.diet"):
        assert core.by_path[path].sensitivity == "personal"
        assert all(word in core.by_path[path].description for word in ("meals", "restaurants", "cooking"))


def test_a_preference_slot_shows_both_polarities_fades_in_years_and_holds_many(core: Trunk) -> None:
    for slot in preferences_of(core):
        assert any(LIKES.search(e) and not DISLIKES.search(e) for e in slot.examples), slot.path
        assert any(DISLIKES.search(e) for e in slot.examples), slot.path
        assert slot.cardinality == "many"
        assert (slot.half_life_days or 0) >= 365


def preferences_of(trunk: Trunk) -> Iterator[Slot]:
    return (slot for slot in trunk.slots if slot.path.startswith("preferences."))


def test_facts_fade_by_their_kind(core: Trunk) -> None:
    def half_life(path: str) -> float:
        return core.by_path[path].half_life_days or float("inf")

    assert half_life("psychology.mood") < half_life("schedule.plans") < half_life("preferences.food")
    assert half_life("preferences.food") < half_life("identity.name") == float("inf")


def test_boundaries_stand_in_every_context(core: Trunk) -> None:
    assert core.by_path["boundaries.never_mention"].always
    assert core.by_path["boundaries.never_do"].always
    assert not core.by_path["preferences.food"].always


@pytest.fixture(scope="module")
def paper() -> Trunk:
    return load_trunk("biopsychosocial")


def test_biopsychosocial_has_five_roots_and_305_leaves(paper: Trunk) -> None:
    roots = [branch.path for branch in paper.branches if "." not in branch.path]
    assert [root[:2] for root in roots] == ["1_", "2_", "3_", "4_", "5_"]
    assert len(paper.slots) == 305
    assert not any(slot.path.count(".") < 1 for slot in paper.slots)


def test_biopsychosocial_keeps_the_special_categories_apart(paper: Trunk) -> None:
    def sensitivity(leaf: str) -> str:
        return next(slot.sensitivity for slot in paper.slots if slot.path.endswith(f".{leaf}"))

    for leaf in ("Faith", "Political_Stance", "Ethnicity", "Psychological_Disorders", "Income_Level", "Health_Status"):
        assert sensitivity(leaf) == "special", leaf
    allergies = next(slot for slot in paper.slots if "is allergic to peanuts" in slot.examples)
    assert allergies.sensitivity == "personal"
    assert "meals" in allergies.description


@pytest.mark.skipif("TREERING_DATA" not in os.environ, reason="needs TREERING_DATA, the folder of the public data")
def test_biopsychosocial_has_the_very_paths_of_the_paper(paper: Trunk) -> None:
    file = Path(os.environ["TREERING_DATA"], "inside_out", "human_tree_en.json")
    names = json.loads(file.read_text(encoding="utf-8"))
    assert [slot.path for slot in paper.slots] == list(leaf_paths(names))


def leaf_paths(names: dict[str, Any] | str, above: str = "") -> Iterator[str]:
    if not isinstance(names, dict):
        yield above
        return
    for name, below in names.items():
        yield from leaf_paths(below, f"{above}.{name}" if above else name)


def test_importing_the_loader_parses_no_yaml() -> None:
    program = "import sys, treering.schemas.trunks; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_ones_own_loads_by_path_or_by_string(tmp_path: Path) -> None:
    path = write(
        tmp_path, f"{HEAD}tree: {{home: {{description: Home., children: {{city: {{description: City.}}}}}}}}\n"
    )
    trunk = load_trunk(path)
    assert list(trunk.by_path) == ["home.city"]
    assert load_trunk(str(path)) is trunk


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}tree: {{a: {{description: One.}}}}\n")
    before = load_trunk(path)
    write(tmp_path, f"{HEAD}tree: {{a: {{description: Another.}}}}\n")
    assert load_trunk(path).digest != before.digest


def test_slots_named_like_yaml_words_keep_their_names() -> None:
    trunk = read_trunk(f"{HEAD}tree: {{no: {{description: 'No.'}}, 2024: {{description: on}}}}\n", "mine")
    assert list(trunk.by_path) == ["no", "2024"]
    assert trunk.by_path["2024"].description == "on"


def test_null_is_the_same_as_absent() -> None:
    trunk = read_trunk(f"{HEAD}tree: {{a: {{description: A., half_life_days: null, cardinality: }}}}\n", "mine")
    assert trunk.slots[0] == Slot(path="a", description="A.")


def test_null_in_quotes_is_a_text() -> None:
    trunk = read_trunk(f"{HEAD}tree: {{a: {{description: 'null', examples: ['~']}}}}\n", "mine")
    assert trunk.slots[0] == Slot(path="a", description="null", examples=("~",))


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "is empty"),
        ("# nothing but a remark\n", 1, "is empty"),
        ("a: [", 2, "is not valid YAML"),
        (f"{HEAD}tree:\n\ta: b", 5, "is not valid YAML"),
        ("\x07", 1, "is not valid YAML"),
        ("- a list", 1, "at the top: expected `key: value` pairs, found a list"),
        ("just words", 1, "at the top: expected `key: value` pairs, found the text 'just words'"),
        (f"{HEAD}", 1, "at the top: `tree` is missing"),
        (f"{HEAD}tree:\n", 4, "at tree: expected `key: value` pairs, found nothing"),
        (f"{HEAD}tree: {{}}", 4, "at tree: has no children"),
        (f"{HEAD}leaves: {{}}\ntree: {{}}", 4, "at the top: unknown key 'leaves'"),
        (f"{HEAD}name: other\ntree: {{}}", 4, "at the top: the key 'name' is there twice"),
        ("version: 1\ndescription: d\ntree: {a: {description: x}}", 1, "at the top: `name` is missing"),
        ("name: My Own\nversion: 1\ndescription: d\ntree: {a: {description: x}}", 1, "at the top: `name`: .*'My Own'"),
        ("name: t\nversion: 0\ndescription: d\ntree: {a: {description: x}}", 1, "at the top: `version`: .*'0'"),
        (f"{HEAD}tree:\n  a:\n    description: x\n    description: y", 7, "at a: the key 'description' is there twice"),
        (f"{HEAD}tree:\n  a: {{description: x}}\n  a: {{description: y}}", 6, "at tree: the key 'a' is there twice"),
        (f"{HEAD}tree:\n  a:\n    descripton: x", 6, "at a: unknown key 'descripton'"),
        (f"{HEAD}tree:\n  a:\n    description: x\n    b:\n      description: y", 8, "unknown key 'b' .* `children`"),
        (
            f"{HEAD}tree: {{a: {{description: x, cardinality: one, children: {{b: {{}}}}}}}}",
            4,
            "key 'cardinality' .*branch",
        ),
        (f"{HEAD}tree: {{a: {{description: x, children: {{}}}}}}", 4, "at a: has no children"),
        (f"{HEAD}tree: {{a: {{children: {{b: {{description: x}}}}}}}}", 4, "at a: `description` is missing"),
        (f"{HEAD}tree: {{a: {{cardinality: one}}}}", 4, "at a: `description` is missing"),
        (f"{HEAD}tree: {{a: {{description: ' '}}}}", 4, "at a: `description`: is empty"),
        (f'{HEAD}tree: {{a: {{description: "\\0"}}}}', 4, "at a: `description`: contains a NUL byte"),
        (
            f"{HEAD}tree: {{a: {{description: x, cardinality: two}}}}",
            4,
            "at a: `cardinality`: .*'one' or 'many'.*'two'",
        ),
        (f"{HEAD}tree: {{a: {{description: x, half_life_days: -1}}}}", 4, "at a: `half_life_days`: .*'-1'"),
        (f"{HEAD}tree: {{a: {{description: x, half_life_days: inf}}}}", 4, "at a: `half_life_days`: .*'inf'"),
        (f"{HEAD}tree: {{a: {{description: x, sensitivity: secret}}}}", 4, "at a: `sensitivity`: .*'secret'"),
        (f"{HEAD}tree: {{a: {{description: x, examples: one}}}}", 4, "at a: `examples`: .*'one'"),
        (f"{HEAD}tree: {{a: {{description: x, examples: [b: c]}}}}", 4, "at a, `examples`: expected a text, .*quotes"),
        (f"{HEAD}tree: {{a: {{description: [x]}}}}", 4, "at a: `description`: .*\\['x'\\]"),
        (f"{HEAD}tree: {{a b: {{description: x}}}}", 4, "at a b: the name 'a b'"),
        (f"{HEAD}tree: {{a.b: {{description: x}}}}", 4, "at a.b: the name 'a.b'"),
        (f"{HEAD}tree: {{{'a' * 241}: {{description: x}}}}", 4, "at most 240 characters"),
        (f"{HEAD}tree: {{a: &x {{description: x}}, b: *x}}", 4, "anchors and aliases"),
        (f"{HEAD}tree: {{a: &x {{description: x}}}}", 4, "anchors and aliases"),
        (f"{HEAD}tree: {{a: {{description: !!int 3}}}}", 4, "the tag tag:yaml.org,2002:int is not read"),
        (f"{HEAD}tree: {{a: {{description: x}}}}\n---\nname: t", 5, "a second document"),
        pytest.param("[" * 100_000 + "]" * 100_000, 1, "nested more than 100 levels", id="deep brackets"),
        pytest.param("- " * 100_000, 1, "nested more than 100 levels", id="deep lists"),
    ],
)
def test_a_faulty_text_is_refused_with_its_line_and_place(text: str, line: int, why: str) -> None:
    with pytest.raises(InvalidTrunk, match=why) as caught:
        read_trunk(text, "mine.yaml")
    assert caught.value.source == f"mine.yaml:{line}"


def test_a_message_stays_short_whatever_is_in_the_file() -> None:
    with pytest.raises(InvalidTrunk) as caught:
        read_trunk(f"{HEAD}tree: {{a: {{description: x, cardinality: {'long' * 10_000}}}}}", "mine.yaml")
    assert len(str(caught.value)) < 300


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownTrunk, match="core") as caught:
        load_trunk("kore")
    assert caught.value.known == shipped_trunks()


@pytest.mark.parametrize("as_path", [Path, str])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, as_path: type) -> None:
    with pytest.raises(InvalidTrunk, match="there is no such file; check the path"):
        load_trunk(as_path(tmp_path / "nowhere.yaml"))


def test_a_folder_is_no_trunk(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrunk, match="directory"):
        load_trunk(tmp_path)


def test_a_path_with_a_nul_byte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrunk, match="cannot be read"):
        load_trunk(f"{tmp_path}/a\0.yaml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin1.yaml"
    path.write_bytes("description: Café".encode("latin-1"))
    with pytest.raises(InvalidTrunk, match="is not UTF-8"):
        load_trunk(path)


def test_a_file_of_a_megabyte_is_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path, "#" * (MAX_TRUNK_BYTES + 1))
    with pytest.raises(InvalidTrunk, match="over the limit"):
        load_trunk(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, f"\ufeff{HEAD}tree: {{a: {{description: One.}}}}\n")
    assert load_trunk(path).name == "mine"


def test_a_pure_python_yaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(trunks.__file__).parent / "core.yaml").read_text(encoding="utf-8")
    monkeypatch.setattr("treering.schemas.trunks.nodes.LOADER", yaml.SafeLoader)
    assert read_trunk(text, "core") == load_trunk("core")


def test_a_parsed_trunk_is_kept_as_json_and_a_damaged_cache_is_no_harm(tmp_path: Path) -> None:
    parsed = load_trunk("core")
    cache = tmp_path / "cache"
    assert load_trunk("core", cache_dir=cache) == parsed
    [file] = cache.iterdir()
    trunks._load.cache_clear()
    assert load_trunk("core", cache_dir=cache) == parsed
    file.write_text('{"half": ')
    trunks._load.cache_clear()
    assert load_trunk("core", cache_dir=cache) == parsed
    assert [entry.name for entry in cache.iterdir()] == [file.name]
    assert file.read_text() == parsed.model_dump_json()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    trunks._load.cache_clear()
    assert load_trunk("core", cache_dir=tmp_path / "file" / "cache") == load_trunk("core")
