"""Bad documents: each is refused with its reason, and leaves nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from treering import Memory
from treering.errors import InvalidExport, ScopeNotEmpty
from treering.memory.digest import canonical, chain

Document = dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store that was told something, and a document of it, once for all tests."""
    folder = tmp_path_factory.mktemp("told")
    with Memory(folder, embedder="hash", background=False) as memory:
        memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})
        memory.remember("ana", {"content": "I moved to Lisbon. My sister Ines lives in Faro.", "id": "m2"})
        memory.flush()
        return folder, memory.export("ana").model_dump_json()


@pytest.fixture
def memory(tmp_path: Path, told: tuple[Path, str]) -> Iterator[Memory]:
    """Each test has a copy of the store, and of the document."""
    with Memory(copytree(told[0], tmp_path / "home"), embedder="hash", background=False) as memory:
        yield memory


@pytest.fixture
def document(told: tuple[Path, str]) -> Document:
    found: Document = json.loads(told[1])
    return found


def sealed(document: Document) -> bytes:
    """The document with a checksum that fits it: only what is wrong inside is left to be found."""
    lines = [
        canonical([name, item]) + "\n"
        for name, value in document.items()
        if name != "sha256"
        for item in (value if isinstance(value, list) else [value])
    ]
    whole = {**document, "sha256": hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()}
    return json.dumps(whole).encode()


def rechained(document: Document) -> Document:
    """Digests that fit the bodies."""
    digest = ""
    for operation in document["operations"]:
        digest = operation["digest"] = chain(digest, canonical(operation["body"]), operation["commitment"])
    document["head"]["digest"] = digest
    return document


def drop_last(name: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        del document[name][-1]
        document["counts"][name] -= 1

    return change


def double_last(name: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document[name].append(document[name][-1])
        document["counts"][name] += 1

    return change


def set_in(*path: str | int, to: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        *above, last = path
        inner: Any = document
        for part in above:
            inner = inner[part]
        inner[last] = to

    return change


def sort_members(document: Document) -> None:
    items = sorted(document.items())
    document.clear()
    document.update(items)


CHANGES: dict[str, tuple[Callable[[Document], None], str]] = {
    "from a newer version": (set_in("number", to=2), "it has format 2, this Treering reads up to 1"),
    "another program's": (set_in("format", to="other"), "no Treering export"),
    "without a person": (lambda document: document.pop("user"), "the member 'user' is missing"),
    "with a member that nobody knows": (set_in("more", to=1), "unknown member 'more'"),
    "in another order": (sort_members, "in another order"),
    "a turn too few": (drop_last("turns"), "the heard_seq differs"),
    "a turn twice": (double_last("turns"), "stands there twice"),
    "another count": (set_in("counts", "turns", to=7), "it has 2 turns, and says that there are 7"),
    "a count too small": (set_in("counts", "turns", to=1), "it has more turns than it says, 1"),
    "an operation too few": (drop_last("operations"), "its ledger has not"),
    "an operation twice": (double_last("operations"), "stands there twice"),
    "a batch too few": (drop_last("batches"), "its ledger has not"),
    "other words": (set_in("operations", 0, "words", "text", to="lives in Rome"), "breaks at operation 1"),
    "another body": (set_in("operations", 0, "body", "claim", "path", to="health.diet"), "breaks at operation 1"),
    "words without salt": (set_in("operations", 0, "salt", to=None), "words without their salt"),
    "a batch of another version": (set_in("batches", -1, "version", to=9), "the (version|seq) differs|other parts"),
    "another tree": (set_in("head", "tree", to="0" * 64), "the tree differs"),
    "heard beyond its end": (set_in("head", "heard_seq", to=9), "the heard_seq differs"),
    "a date that is none": (set_in("turns", 0, "at", to="yesterday"), "ExportedTurn at"),
    "a number as text": (set_in("turns", 0, "seq", to="1"), "ExportedTurn seq"),
    "a lone surrogate": (set_in("turns", 0, "content", to="\ud800"), "a lone surrogate"),
    "a NUL byte": (set_in("turns", 0, "content", to="a\x00b"), "ExportedTurn content"),
    "a number beyond all stores": (set_in("turns", 0, "index", to=2**40), "ExportedTurn index"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_document_that_is_not_what_it_says_leaves_nothing(memory: Memory, document: Document, name: str) -> None:
    change, why = CHANGES[name]
    change(document)
    with pytest.raises(InvalidExport, match=f"(?s)import of a document: .*{why}.*; nothing was imported"):
        memory.restore("bo", sealed(document))
    assert [scope.user for scope in memory._engine.store.scopes()] == ["ana"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"kind": "ADD"}, "other parts|says|Field required"),
        ({"kind": "ADD", "claim": 7}, "other parts|Input should"),
        ({"kind": 7}, "does not say what it does"),
        ({"kind": "DANCE", "target": None, "evidence": []}, "does not match any|other parts"),
        ({"kind": "DELETE", "subject": 7, "path": "name"}, "the subject of an operation is no text"),
        (
            {
                "kind": "DELETE",
                "subject": "self",
                "path": "home.city",
                "target": "0" * 24,
                "reason": "ended",
                "at": "2024-03-01T00:00:00Z",
                "evidence": [],
            },
            "do not follow from each other",
        ),
    ],
)
def test_what_is_no_operation_is_refused_even_with_digests_that_fit(
    memory: Memory, document: Document, body: Document, why: str
) -> None:
    document["operations"][0] |= {"body": body, "words": None, "salt": None}
    with pytest.raises(InvalidExport, match=why):
        memory.restore("bo", sealed(rechained(document)))
    assert [scope.user for scope in memory._engine.store.scopes()] == ["ana"]


def test_every_cut_is_noticed(memory: Memory, document: Document) -> None:
    text = sealed(document)
    for end in range(0, len(text) - 1, 97):
        with pytest.raises(InvalidExport):
            memory.restore("bo", text[:end])
    memory.restore("bo", text)


def test_a_changed_byte_is_noticed(memory: Memory, document: Document) -> None:
    with pytest.raises(InvalidExport, match="checksum does not match"):
        memory.restore("bo", sealed(document).replace(b'"s-', b'"t-').replace(b"default", b"deFault"))


def test_the_order_inside_objects_and_the_spaces_do_not_matter(memory: Memory, document: Document) -> None:
    pretty = {name: document[name] for name in document}
    pretty["turns"] = [dict(reversed(turn.items())) for turn in document["turns"]]
    memory.restore("bo", json.dumps(pretty, indent=4).encode())
    assert memory.history("bo") == memory.history("ana")


def test_a_person_of_whom_something_is_known_is_left_alone(memory: Memory, document: Document) -> None:
    memory.remember("bo", "Hello!")
    with pytest.raises(ScopeNotEmpty):
        memory.restore("bo", sealed(document))
    assert len(memory.sessions("bo")) == 1


def test_a_file_that_is_not_there_is_said_so(memory: Memory, tmp_path: Path) -> None:
    with pytest.raises(InvalidExport, match=r"nothing\.json: the file cannot be read"):
        memory.restore("bo", tmp_path / "nothing.json")
    with pytest.raises(InvalidExport, match="cannot be read"):
        memory.restore("bo", tmp_path)
