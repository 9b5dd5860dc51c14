"""Exports and imports from the outside: `Memory`, `AsyncMemory` and the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from treering import AsyncMemory, Memory
from treering.cli.app import command_table
from treering.errors import InvalidExport, InvalidInput, ScopeNotEmpty, TreeringError, UnknownPath, UnknownUser
from treering.schemas.export import Export
from treering.testing import ManualClock

Run = Callable[..., Result]
NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)

MEM0 = {
    "results": [
        {"id": "1", "memory": "Is allergic to peanuts", "created_at": "2024-01-05T10:00:00Z", "categories": ["health"]},
        {"id": "2", "memory": "Lives in Porto", "created_at": "2024-01-06T10:00:00Z"},
        {"id": "3", "memory": "The build failed on the server", "created_at": "2024-01-07T10:00:00Z"},
        {"id": "4", "memory": ""},
    ]
}
CHAT = [
    {
        "id": "c1",
        "current_node": "b",
        "mapping": {
            "a": {
                "id": "a",
                "parent": None,
                "message": {
                    "id": "a",
                    "author": {"role": "user"},
                    "create_time": 1706745600,
                    "content": {"content_type": "text", "parts": ["I am allergic to kiwis. What can I cook?"]},
                },
            },
            "b": {
                "id": "b",
                "parent": "a",
                "message": {
                    "id": "b",
                    "author": {"role": "assistant"},
                    "create_time": 1706745601,
                    "content": {"content_type": "text", "parts": ["Soup."]},
                },
            },
        },
    }
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path / "home", embedder="hash", clock=clock, background=False) as memory:
        yield sdk(memory)


@pytest.fixture
def lived(memory: Memory, clock: ManualClock) -> Memory:
    """A person of whom something of everything is stored."""
    memory.remember("ana", {"content": "I live in Porto and I am allergic to peanuts.", "id": "m1"}, session="s1")
    memory.flush()
    clock.advance(timedelta(days=30))
    memory.remember("ana", {"content": "I moved to Lisbon. My sister Ines is a nurse.", "id": "m2"}, session="s2")
    memory.remember("ana", {"content": "I love jazz.", "id": "m3"}, session="s2")
    memory.flush()
    clock.advance(timedelta(days=1))
    memory.amend("ana", "m3", "I love fado.")
    memory.retract("ana", "m2")
    memory.undo("ana")
    memory.forget("ana", about="peanuts")
    memory.flush()
    memory.remember("ana", {"content": "I have a cat.", "id": "m4"}, session="s3")
    return memory


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a store of the test's own."""
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "cli"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.delenv("TREERING_MODEL", raising=False)
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def invoke(*arguments: str) -> Result:
        result = runner.invoke(command_table(arguments[0]), list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_everything_that_can_be_asked_is_as_it_was(lived: Memory, tmp_path: Path, clock: ManualClock) -> None:
    export = lived.export("ana")
    assert min(export.counts[name] for name in ("turns", "former_texts", "operations", "tombstones", "receipts")) > 0
    jsonschema.validate(export.model_dump(mode="json"), Export.model_json_schema())
    with Memory(tmp_path / "other", embedder="hash", clock=clock, background=False) as other:
        summary = other.restore("ana", export)
        assert (summary.digest, summary.version) == (export.head.digest, export.head.version)
        assert other.export("ana") == export
        for user in (lived, other):
            user.flush("ana")  # the last turn is heard by both
        assert other.history("ana") != lived.history("ana"), "salts of what is heard since differ"
        assert [one.operation for one in other.history("ana")] == [one.operation for one in lived.history("ana")]
        for moment in (NOON - timedelta(days=1), NOON, NOON + timedelta(days=30, hours=1), None):
            now, then = (one.tree("ana", known_at=moment) for one in (other, lived))
            assert now == then
        assert other.versions("ana") == lived.versions("ana")
        assert other.diff("ana", 1) == lived.diff("ana", 1)
        assert other.receipts("ana") == lived.receipts("ana")
        assert other.sessions("ana") == lived.sessions("ana")
        assert other.quarantine("ana") == lived.quarantine("ana")
        assert not other.doctor("ana").findings
        question = "What music does Ana love?"
        assert other.recall("ana", question).context == lived.recall("ana", question).context


def test_what_was_forgotten_stays_forgotten(lived: Memory, tmp_path: Path) -> None:
    text = lived.export("ana").model_dump_json()
    assert "peanut" not in text
    lived.restore("bo", lived.export("ana"))
    receipt = lived.remember("bo", {"content": "I live in Porto and I am allergic to peanuts.", "id": "again"})
    assert receipt.forgotten == ("again",)
    kept = [{"id": "1", "memory": "is allergic to peanuts", "categories": ["health.allergies"]}]
    assert [one.outcome for one in lived.import_from("bo", kept).placements] == ["forgotten"]


def test_the_last_change_can_still_be_undone(lived: Memory) -> None:
    lived.restore("bo", lived.export("ana"))
    before = lived.tree("bo").digest
    lived.flush("bo")
    lived.undo("bo")
    assert lived.tree("bo").digest == before


def test_a_file_is_whole_or_not_there(lived: Memory, tmp_path: Path) -> None:
    file = tmp_path / "ana.json"
    told: list[tuple[int, int]] = []
    summary = lived.export_to("ana", file, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (sum(summary.counts.values()),) * 2
    assert file.stat().st_mode & 0o077 == 0, "others may read it"
    assert Export.model_validate_json(file.read_text("utf-8")) == lived.export("ana")
    assert lived.restore("bo", file).digest == summary.digest
    with pytest.raises(UnknownUser):
        lived.export_to("nobody", tmp_path / "nobody.json")
    with pytest.raises(InvalidInput, match="cannot be written"):
        lived.export_to("ana", tmp_path / "no" / "folder.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ana.json", "home"]


def test_what_cannot_be_a_source_is_refused(memory: Memory) -> None:
    with pytest.raises(InvalidInput, match="give an Export"):
        memory.restore("bo", 7)  # type: ignore[arg-type]


async def test_event_loops_export_and_import_too(lived: Memory, tmp_path: Path) -> None:
    memory = AsyncMemory(lived)
    export = await memory.export("ana")
    assert (await memory.export_to("ana", tmp_path / "a.json")).sha256 == export.sha256
    assert (await memory.restore("bo", export)).digest == export.head.digest
    assert (await memory.import_from("kim", MEM0, dry_run=True)).is_dry_run
    assert (await memory.persona_tree("ana"))["home"]


def test_facts_of_another_memory_are_placed_held_or_named(memory: Memory) -> None:
    report = memory.import_from("ana", MEM0, paths={"health": "health.allergies"})
    assert report.format == "mem0"
    assert (report.placements[0].outcome, report.placements[0].rule) == ("placed", "mapped")
    assert [one.why for one in report.left_out] == ["has no text"]
    [claim] = memory.tree("ana")["health.allergies"]
    assert (claim.origin, claim.evidence, claim.valid_from) == ("imported", (), datetime(2024, 1, 5, 10, tzinfo=UTC))
    held = memory.quarantine("ana")
    assert {one.verdict.draft.text for one in held} == {one.text for one in report.placements if one.outcome == "held"}
    before = memory.tree("ana").digest
    again = memory.import_from("ana", MEM0, paths={"health": "health.allergies"})
    assert memory.tree("ana").digest == before
    assert again.version == report.version
    assert memory.quarantine("ana") == held


def test_a_person_decides_about_what_waits(memory: Memory) -> None:
    kept = [{"id": "1", "memory": "The build failed on the server"}, {"id": "2", "memory": "Order 17 was shipped"}]
    memory.import_from("ana", kept)
    first, second = memory.quarantine("ana")
    memory.release("ana", first.id)
    memory.drop("ana", second.id)
    assert [claim.text for claim in memory.tree("ana").claims] == [first.verdict.draft.text]
    again = memory.import_from("ana", kept)
    assert {(one.outcome, one.rule) for one in again.placements} <= {("known", "nearest"), ("known", "decided-before")}
    assert memory.quarantine("ana") == []


def test_a_dry_run_tells_the_same_and_stores_nothing(memory: Memory) -> None:
    planned = memory.import_from("ana", MEM0, dry_run=True)
    assert memory._engine.store.scopes() == []
    done = memory.import_from("ana", MEM0)
    assert (planned.placements, planned.left_out) == (done.placements, done.left_out)
    chat = memory.import_from("ana", CHAT, dry_run=True)
    assert (chat.stored, chat.known) == (2, 0)
    assert memory.sessions("ana") == []


def test_conversations_are_listened_to(memory: Memory) -> None:
    report = memory.import_from("ana", CHAT)
    assert (report.format, report.stored) == ("chatgpt", 2)
    memory.flush("ana")
    [claim] = memory.tree("ana")["health.allergies"]
    assert claim.evidence[0].message_id == "a"
    assert claim.valid_from == datetime(2024, 2, 1, tzinfo=UTC)
    again = memory.import_from("ana", CHAT)
    assert (again.stored, again.known) == (0, 2)


def test_messages_that_cannot_be_stored_are_named(memory: Memory) -> None:
    episodes = [
        {"uuid": "1", "content": "Hello!", "role": "user", "created_at": "2031-01-01T00:00:00Z"},
        {"uuid": "2", "content": "I live in Faro.", "role": "user", "created_at": "2024-01-01T00:00:00Z"},
        {"uuid": "2", "content": "I live in Porto.", "role": "user", "created_at": "2024-01-01T00:00:00Z"},
        {"content": "x" * 300_000, "role": "user", "uuid": "3"},
    ]
    report = memory.import_from("ana", {"episodes": episodes})
    assert report.stored == 1
    assert sorted(one.why.split(",")[0] for one in report.left_out) == [
        "content has 300",
        "is dated in the future",
        "its id is stored already",
    ]


def test_messages_without_an_id_are_known_again(memory: Memory) -> None:
    said = [{"role": "user", "content": "Hello!"}, {"role": "user", "content": "Hello!"}]
    old = {"agent_type": "x", "core_memory": [], "messages": said}
    assert memory.import_from("ana", old).stored == 2
    assert memory.import_from("ana", old).known == 2


def test_what_a_client_returns_can_be_handed_over_as_it_is(memory: Memory) -> None:
    class Item:
        def dict(self) -> dict[str, Any]:
            value = {"content": "Lives in Porto"}
            return {"namespace": ("ana",), "key": "k", "value": value, "created_at": NOON, "updated_at": NOON}

    [placed] = memory.import_from("ana", [Item()], paths={"ana": "home.city"}).placements
    assert (placed.path, placed.outcome) == ("home.city", "placed")
    with pytest.raises(InvalidExport, match="holds a object"):
        memory.import_from("ana", [object()])


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "cut off, or no JSON"),
        (b'{"results": [', "cut off, or no JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"a":1,"a":2}', "stands twice"),
        (b"[NaN]", "NaN is no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{}", "its format is not known"),
    ],
)
def test_a_bad_foreign_document_is_refused(memory: Memory, document: bytes, why: str) -> None:
    with pytest.raises(InvalidExport, match=why):
        memory.import_from("ana", document)
    assert memory._engine.store.scopes() == []


def test_a_huge_foreign_file_is_refused_unread(memory: Memory, tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as out:
        out.truncate(257 * 1024 * 1024)
    with pytest.raises(InvalidExport, match="more than 256 MiB"):
        memory.import_from("ana", file)


def test_a_map_to_no_slot_is_refused(memory: Memory) -> None:
    with pytest.raises(UnknownPath, match=r"health\.allergy"):
        memory.import_from("ana", MEM0, paths={"health": "health.allergy"})


def test_the_persona_tree_goes_out_and_in(lived: Memory) -> None:
    tree = lived.persona_tree("ana")
    report = lived.import_from("bo", tree)
    assert report.format == "persona-tree"
    assert {one.outcome for one in report.placements} == {"placed"}
    assert lived.persona_tree("bo") == tree
    with pytest.raises(UnknownUser):
        lived.persona_tree("nobody")


def test_cli_export_and_import(run: Run, tmp_path: Path) -> None:
    run("remember", "ana", "I live in Porto.")
    assert "Exported ana: 1 turn(s)" in run("export", "ana", "-o", "ana.json").output
    printed = run("export", "ana").stdout
    assert printed == Path("ana.json").read_text("utf-8")
    assert json.loads(run("export", "ana", "--out", "b.json", "--json").stdout)["user"] == "ana"
    assert "Imported bo" in run("import", "ana.json", "--as", "bo").output
    assert "lives in Porto" in run("tree", "bo").output
    with pytest.raises(ScopeNotEmpty):
        run("import", "ana.json")
    assert json.loads(run("export", "--schema").stdout)["title"] == "Export"
    assert run("export").exit_code == 2
    assert run("export", "ana", "--format", "xml").exit_code == 2


def test_cli_persona_tree(run: Run) -> None:
    run("remember", "ana", "I live in Porto.")
    assert json.loads(run("export", "ana", "--format", "persona-tree").stdout)["home"]["city"] == "lives in Porto"
    run("export", "ana", "--format", "persona-tree", "-o", "tree.json")
    assert "1 claim(s) placed" in run("import", "tree.json", "--as", "bo").output


def test_cli_import_of_another_memory(run: Run, tmp_path: Path) -> None:
    Path("mem0.json").write_text(json.dumps(MEM0))
    Path("map.yaml").write_text("health: health.allergies\n")
    shown = run("import", "mem0.json", "--as", "ana", "--map", "map.yaml", "--dry-run").output
    assert "+ health.allergies: Is allergic to peanuts (mapped)" in shown
    assert "Would import from mem0" in shown
    assert "left out, 1: has no text" in shown
    assert "nothing is known yet" in run("tree", "ana").output
    assert "Imported from mem0" in run("import", "mem0.json", "--as", "ana", "--map", "map.yaml").output
    report = json.loads(run("import", "mem0.json", "--as", "ana", "--format", "mem0", "--json").stdout)
    assert report["placements"][0]["outcome"] in {"known", "placed"}
    assert "The build failed" in run("forget", "ana").output


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        (("import", "x.json"), '[{"id": "1", "memory": "x"}]'),
        (("import", "x.json", "--as", "ana", "--format", "xml"), "{}"),
        (("import", "x.json", "--dry-run", "--format", "treering"), "{}"),
    ],
)
def test_cli_import_says_what_is_missing(run: Run, arguments: tuple[str, ...], content: str) -> None:
    Path("x.json").write_text(content)
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("name", "content", "arguments"),
    [
        ("x.json", "{", ()),
        ("x.json", "{}", ("--format", "treering")),
        ("x.json", '{"format":"treering-export","number":2,"user":"ana"}', ()),
        ("x.json", '{"format":"treering-export"', ("--format", "treering")),
        ("missing.json", None, ()),
        ("map.json", "[", ("--map", "map.json")),
    ],
)
def test_cli_import_refuses_bad_files(run: Run, name: str, content: str | None, arguments: tuple[str, ...]) -> None:
    if content is not None:
        Path(name).write_text(content)
    with pytest.raises(TreeringError):
        run("import", name, "--as", "ana", *arguments)
    assert "nothing is known yet" in run("tree", "ana").output
