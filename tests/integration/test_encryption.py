"""Encryption at rest through the whole product: no byte says anything, and forgetting reaches into old backups."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from treering import Memory, Message, Settings
from treering.cli.app import command_table
from treering.errors import InvalidInput, KeyUnavailable
from treering.memory.retrieval.vector import Vector
from treering.testing.embedder import HashEmbedder

KEY = base64.b64encode(bytes(range(32))).decode()
WORD = "drizzleplum"  # of this file alone: tests without encryption share the server's log
OTHER = "flimwort"
SAID = f"I am allergic to {WORD} jam."


def settings(folder: Path, **more: object) -> Settings:
    values = {"home": folder / "home", "master_key": KEY, "keys_url": f"sqlite:///{folder}/safe/keys.db"}
    return Settings.model_validate({**values, "embedder": "hash", **more})


def open_memory(folder: Path, **more: object) -> Memory:
    return Memory(settings=settings(folder, **more), background=False)


def live(memory: Memory) -> None:
    """A life with everything that a memory does with words."""
    name = WORD.capitalize()
    memory.remember("ana", Message(content=SAID, id="m1", speaker=name, metadata={WORD: WORD}), session="s1")
    memory.remember("ana", Message(content=f"I love {OTHER} soup.", id="m2"), session="s1")
    memory.remember("ana", f"My sister {name} lives in Porto.", session="s1")
    memory.remember("ana", f"Please forget that I love {WORD} cake.", session="s2")
    memory.flush()
    memory.end_session("ana")
    memory.recall("ana", f"Does Ana like {WORD}?", explain=True)
    memory.amend("ana", "m2", f"I love {OTHER} soup with {WORD}.")
    memory.flush()
    memory.undo("ana")
    memory.redo("ana")
    memory.flush()


def bytes_under(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with open_memory(tmp_path) as memory:
        yield memory


def test_without_encryption_the_scan_finds_the_words(tmp_path: Path) -> None:
    with open_memory(tmp_path, master_key=None) as memory:
        live(memory)
    assert WORD.encode() in bytes_under(tmp_path)


def test_no_word_is_in_any_byte_while_the_store_is_used_and_afterwards(memory: Memory, tmp_path: Path) -> None:
    live(memory)
    assert WORD in memory.recall("ana", "What is Ana allergic to?").context
    vectors = [HashEmbedder().embed([text])[0] for text in (SAID, f"is allergic to {WORD} jam")]
    for content in (bytes_under(tmp_path), memory.close() or bytes_under(tmp_path)):
        for word in (WORD, WORD.capitalize(), OTHER):
            assert word.encode() not in content
        assert not any(_part(vector) in content for vector in vectors)


def _part(vector: Vector) -> bytes:
    """A stretch of a vector with numbers in it that are not zero."""
    start = int(abs(vector).argmax())
    return vector[max(start - 3, 0) : start + 3].astype("<f4").tobytes()


@pytest.mark.services
def test_no_word_is_in_any_byte_of_the_servers_files(tmp_path: Path, postgres_url: str) -> None:
    started = time.time() - 2
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        [where] = connection.execute("SHOW data_directory").fetchone() or ("",)
        [database] = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone() or (0,)
    try:
        files = [Path(where) / "pg_wal", Path(where) / "base" / str(database)]
        assert all(any(folder.iterdir()) for folder in files)
    except OSError as error:
        pytest.skip(f"the server's files cannot be read here: {error}")
    plain = f"{OTHER}{tmp_path.name}"
    with open_memory(tmp_path, database_url=postgres_url) as memory:
        live(memory)
        memory.forget("ana", about=WORD)
        memory.remember("ana", Message(content="And later.", id=plain))
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    found = {plain: 0, WORD: 0}
    for folder in files:
        for file in folder.iterdir():
            if file.is_file() and file.stat().st_mtime >= started:
                content = file.read_bytes()
                for word in found:
                    found[word] += content.count(word.encode())
    assert found[plain] > 0  # an id, which is not sealed: the scan looks at the right files
    assert found[WORD] == 0


FORGET: dict[str, Callable[[Memory], object]] = {
    "a part": lambda memory: memory.forget("ana", messages=["m1"]),
    "everything": lambda memory: memory.forget("ana"),
}


@pytest.mark.parametrize("forget", FORGET.values(), ids=FORGET.keys())
def test_a_backup_from_before_cannot_be_opened_after_forgetting(
    tmp_path: Path, forget: Callable[[Memory], object]
) -> None:
    backup = tmp_path / "backup"
    with open_memory(tmp_path) as memory:
        live(memory)
        memory.remember("bo", "I love hiking.")
        memory.flush()
    shutil.copytree(tmp_path / "home", backup)
    with open_memory(tmp_path, home=backup) as old:
        assert WORD in old.recall("ana", "What is Ana allergic to?").context
    with open_memory(tmp_path) as memory:
        forget(memory)
        memory.flush()
    with open_memory(tmp_path, home=backup) as old:
        for read in (
            lambda: old.tree("ana"),
            lambda: old.recall("ana", "What is Ana allergic to?"),
            lambda: old.history("ana"),
            lambda: old.export("ana"),
        ):
            with pytest.raises(KeyUnavailable, match="has no key"):
                read()
        assert "hiking" in old.recall("bo", "What does Bo love?").context  # whose key is as it was
    with open_memory(tmp_path) as memory:  # the present store goes on
        memory.remember("ana", "I live in Lisbon.")
        memory.flush()
        assert "Lisbon" in memory.recall("ana", "Where does Ana live?").context
        assert WORD not in memory.recall("ana", "What is Ana allergic to?").context
        assert memory.doctor().is_sound


def test_what_was_forgotten_is_not_taken_in_again_under_the_new_key(tmp_path: Path) -> None:
    with open_memory(tmp_path) as memory:
        live(memory)
        memory.forget("ana")
    with open_memory(tmp_path) as memory:
        receipt = memory.remember("ana", Message(content=SAID, id="again"))
        assert receipt.forgotten == ("again",)
        memory.flush()
        assert not memory.tree("ana").claims


def test_an_export_carries_the_memory_to_another_key_and_to_none(tmp_path: Path) -> None:
    with open_memory(tmp_path) as memory:
        live(memory)
        exported = memory.export("ana")
    again = {}
    for name, key in (("sealed", KEY), ("plain", None)):
        with open_memory(tmp_path / name, master_key=key) as other:
            other.restore("ana", exported)
            again[name] = other.export("ana")
    assert again["sealed"].model_dump() == again["plain"].model_dump() == exported.model_dump()


def test_a_memory_without_its_master_key_says_what_to_set(tmp_path: Path) -> None:
    with open_memory(tmp_path) as memory:
        live(memory)
    with (
        open_memory(tmp_path, master_key=None) as memory,
        pytest.raises(KeyUnavailable, match="TREERING_MASTER_KEY"),
    ):
        memory.tree("ana")


# -- the commands


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command on a store of the test's own, with the master key that a file holds."""
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    for name in ("MODEL", "MASTER_KEY", "KEYS_URL", "DATABASE_URL"):
        monkeypatch.delenv(f"TREERING_{name}", raising=False)

    def invoke(*arguments: str, key: Path | None = None) -> Result:
        environment = {"TREERING_MASTER_KEY_FILE": str(key)} if key else {}
        result = CliRunner().invoke(command_table(arguments[0]), list(arguments), env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def new_key(run: Callable[..., Result], tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        (tmp_path / name).write_text(run("db", "new-key").stdout)
        return tmp_path / name

    return make


def test_a_new_key_is_32_random_bytes(run: Callable[..., Result]) -> None:
    first, second = run("db", "new-key").stdout, run("db", "new-key").stdout
    assert first != second
    assert len(base64.b64decode(first, validate=False)) == 32


def test_a_store_is_encrypted_rewrapped_and_decrypted_from_the_command_line(
    run: Callable[..., Result], new_key: Callable[[str], Path], tmp_path: Path
) -> None:
    run("remember", "ana", f"I love {OTHER} soup.")
    assert OTHER.encode() in bytes_under(tmp_path / "home")
    old, new = new_key("old.key"), new_key("new.key")
    assert "1 plain" in run("db", "keys", key=old).stdout
    assert json.loads(run("db", "encrypt", "--json", key=old).stdout) == {"sealed": 1}
    assert OTHER.encode() not in bytes_under(tmp_path / "home")
    assert json.loads(run("db", "encrypt", "--json", key=old).stdout) == {"sealed": 0}
    assert OTHER in run("tree", "ana", key=old).stdout

    assert json.loads(run("db", "rewrap", str(new), "--json", key=old).stdout) == {"rewrapped": 1, "already": 0}
    standing = run("db", "keys", "--json", key=old)
    assert (json.loads(standing.stdout)["other_master"], standing.exit_code) == (1, 1)
    assert "under another master key" in run("db", "keys", key=old).stdout
    assert OTHER in run("tree", "ana", key=new).stdout
    with pytest.raises(KeyUnavailable):
        run("tree", "ana", key=old)

    assert "people: 1" in run("db", "decrypt", key=new).stdout
    assert OTHER in run("tree", "ana").stdout


@pytest.mark.parametrize("command", [["keys"], ["encrypt"], ["decrypt"]])
def test_commands_about_keys_need_a_master_key(run: Callable[..., Result], command: list[str]) -> None:
    with pytest.raises(InvalidInput, match="new-key"):
        run("db", *command)


def test_a_file_that_holds_no_key_is_named(
    run: Callable[..., Result], new_key: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "no.key").write_text("hunter2")
    for file in ("no.key", "nothing.key"):
        with pytest.raises(InvalidInput, match="FILE") as raised:
            run("db", "rewrap", str(tmp_path / file), key=new_key("m.key"))
        assert "hunter2" not in str(raised.value)
