"""What is known of people as a LangGraph store: where LangGraph's own store says what is meant, ours says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.tools import ToolRuntime, tool
from langchain_core.messages import AIMessage
from langgraph.store.base import (
    BaseStore,
    GetOp,
    InvalidNamespaceError,
    Item,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchOp,
)
from langgraph.store.memory import InMemoryStore

from treering import Memory
from treering.errors import InvalidInput
from treering.graph.base_store import PersonaStore, _named, persona_namespace
from treering.testing import ScriptedChatModel, forbid_network

ANA = persona_namespace("ana")
ALLERGIES = persona_namespace("ana", "health.allergies")
CONDITIONS = persona_namespace("ana", "health.conditions")


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    home: Path = tmp_path_factory.mktemp("store")
    with forbid_network(), Memory(home, embedder="hash", background=False) as opened:
        for text in (
            "I moved to Lisbon.",
            "I am allergic to peanuts.",
            "I love ramen and jazz.",
            "I was diagnosed with epilepsy.",
            "My sister Ines is a vet.",
        ):
            opened.remember("ana", text)
        opened.remember("e.g@example.com", "I am allergic to cats.")
        opened.remember("ana", "I live in Porto.", tenant="acme")
        opened.flush()
        opened.end_session("ana")
        opened.flush()
        yield opened


@pytest.fixture
def store(memory: Memory) -> PersonaStore:
    return PersonaStore(memory, beside=InMemoryStore())


@pytest.fixture(params=["LangGraph's", "beside", "ours"])
def any_store(request: pytest.FixtureRequest, memory: Memory) -> tuple[BaseStore, tuple[str, ...]]:
    """A store with a root under which the same items stand: said by LangGraph's, kept beside ours, or known to us."""
    ours = PersonaStore(memory, beside=InMemoryStore())
    if request.param == "ours":
        return ours, ANA
    filled: BaseStore = InMemoryStore() if request.param == "LangGraph's" else ours
    for item in known(ours):
        filled.put(("copy", *item.namespace[1:]), item.key, item.value)
    return filled, ("copy", *ANA[1:])


def known(store: BaseStore) -> list[Item]:
    return [*store.search(ANA, limit=100), *store.search(CONDITIONS)]


def contents(items: list[Any]) -> list[str]:
    return [item.value["content"] for item in items]


# -- what LangGraph's store means by it


def test_an_item_is_got_by_its_whole_namespace_and_key(any_store: tuple[BaseStore, tuple[str, ...]]) -> None:
    store, root = any_store
    place = (*root, "health", "allergies")
    [found] = store.search(place)
    got = store.get(place, found.key)
    assert got is not None
    assert (got.namespace, got.key, got.value) == (place, found.key, found.value)
    assert got.value["content"] == "is allergic to peanuts"
    assert got.created_at.tzinfo is not None
    assert store.get(place, "nothing") is None
    assert store.get(root, found.key) is None
    assert store.get((*root, "health"), found.key) is None


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        (("health", "allergies"), {"is allergic to peanuts"}),
        (("home",), {"moved to Lisbon"}),
        (("hom",), set()),
        (("health", "allergies", "more"), set()),
        (("preferences",), {"loves ramen and jazz"}),
    ],
)
def test_a_search_goes_by_prefix(
    any_store: tuple[BaseStore, tuple[str, ...]], below: tuple[str, ...], expected: set[str]
) -> None:
    store, root = any_store
    assert set(contents(store.search((*root, *below)))) == expected


@pytest.mark.parametrize(
    "wanted",
    [
        {"path": "home.city"},
        {"path": {"$eq": "home.city"}},
        {"path": {"$ne": "home.city"}},
        {"confidence": {"$gt": 0.5}},
        {"confidence": {"$gte": 0, "$lte": 1}, "origin": "stated"},
        {"confidence": {"$lt": 0.1}},
        {"content": "moved to Lisbon", "origin": "inferred"},
        {"nothing": None},
        {"nothing": "there"},
        {"valid_to": {"a": 1}},
        {"valid_to": ["a"]},
        {"valid_to": None},
    ],
)
def test_filters_choose_what_langgraphs_own_store_chooses(memory: Memory, wanted: dict[str, Any]) -> None:
    ours, plain = PersonaStore(memory), InMemoryStore()
    for item in ours.search(ANA, limit=100):
        plain.put(item.namespace, item.key, item.value)
    found = [item.key for item in ours.search(ANA, filter=wanted, limit=100)]
    assert found == [item.key for item in plain.search(ANA, filter=wanted, limit=100)]
    assert [item.key for item in ours.search(ANA, filter=wanted, limit=2, offset=1)] == found[1:3]


def test_pages_follow_each_other(any_store: tuple[BaseStore, tuple[str, ...]]) -> None:
    store, root = any_store
    whole = [item.key for item in store.search(root, limit=100)]
    assert len(whole) >= 4
    pages = [item.key for offset in range(0, len(whole), 2) for item in store.search(root, limit=2, offset=offset)]
    assert pages == whole
    assert store.search(root, limit=0) == []
    assert store.search(root, offset=100) == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_depth": 4},
        {"max_depth": 2},
        {"limit": 2},
        {"limit": 2, "offset": 1},
        {"offset": 50},
        {"suffix": ("allergies",)},
        {"suffix": ("*", "city")},
        {"suffix": ("nothing",)},
        {"below": ("health",)},
        {"below": ("*", "city")},
        {"below": ("*", "*", "*")},
    ],
)
def test_namespaces_are_listed_as_langgraphs_own_store_lists_them(memory: Memory, options: dict[str, Any]) -> None:
    ours, plain = PersonaStore(memory), InMemoryStore()
    for item in ours.search(ANA, limit=100):
        plain.put(item.namespace, item.key, item.value)
    prefix = (*ANA, *options.pop("below", ()))
    assert ours.list_namespaces(prefix=prefix, **options) == plain.list_namespaces(prefix=prefix, **options)


@pytest.mark.parametrize("is_ours", [False, True])
def test_a_put_replaces_and_none_deletes(memory: Memory, *, is_ours: bool) -> None:
    store: BaseStore = PersonaStore(memory, beside=InMemoryStore()) if is_ours else InMemoryStore()
    store.put(("notes", "ana"), "k", {"n": 1, "more": True})
    store.put(("notes", "ana"), "k", {"n": 2})
    got = store.get(("notes", "ana"), "k")
    assert got is not None
    assert got.value == {"n": 2}
    store.delete(("notes", "ana"), "k")
    store.delete(("notes", "ana"), "k")
    assert store.get(("notes", "ana"), "k") is None


@pytest.mark.parametrize("label", ["a.b", "", 7, "a\x00b"])
def test_labels_are_checked(memory: Memory, label: Any) -> None:  # noqa: ANN401 - anything may be a label
    for store in (InMemoryStore(), PersonaStore(memory, beside=InMemoryStore())):
        with pytest.raises(InvalidNamespaceError):
            store.put(("notes", label), "k", {})
        with pytest.raises(InvalidNamespaceError):
            store.search(("persona", label))
    with pytest.raises(InvalidNamespaceError):
        PersonaStore(memory).batch([SearchOp(("persona", "ana", label))])


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_batch_answers_in_order_and_reads_before_it_writes(store: PersonaStore, *, is_async: bool) -> None:
    [allergy] = store.search(ALLERGIES)
    store.put(("notes",), "old", {"n": 1})
    ops = [
        PutOp(("notes",), "new", {"n": 2}),
        GetOp(ALLERGIES, allergy.key),
        GetOp(("notes",), "new"),
        SearchOp(ALLERGIES),
        GetOp(("notes",), "old"),
        ListNamespacesOp((MatchCondition("prefix", ALLERGIES),)),
        GetOp(ALLERGIES, "nothing"),
    ]
    put, got, new, searched, old, listed, nothing = await store.abatch(ops) if is_async else store.batch(ops)
    assert (put, new, nothing) == (None, None, None)
    assert isinstance(got, Item)
    assert got.key == allergy.key
    assert isinstance(old, Item)
    assert old.value == {"n": 1}
    assert searched == [allergy]
    assert listed == [ALLERGIES]
    assert store.get(("notes",), "new") is not None
    assert store.batch([]) == []


async def test_asynchronously_the_same_is_found(store: PersonaStore) -> None:
    assert await store.asearch(ANA) == store.search(ANA)
    assert await store.alist_namespaces(prefix=ANA) == store.list_namespaces(prefix=ANA)
    await store.aput(("notes",), "k", {"n": 1})
    assert (await store.aget(("notes",), "k")).value == {"n": 1}  # type: ignore[union-attr]
    await store.adelete(("notes",), "k")
    assert await store.aget(("notes",), "k") is None


def test_time_to_live_is_refused_unless_the_store_beside_has_it(memory: Memory) -> None:
    class Fading(InMemoryStore):
        supports_ttl = True

    for store in (PersonaStore(memory), PersonaStore(memory, beside=InMemoryStore())):
        with pytest.raises(NotImplementedError, match="TTL"):
            store.put(("notes",), "k", {}, ttl=5)
    PersonaStore(memory, beside=Fading()).put(("notes",), "k", {}, ttl=5)


# -- what is ours alone


def test_an_item_is_a_claim(memory: Memory, store: PersonaStore) -> None:
    [claim] = memory.tree("ana")["health.allergies"]
    [item] = store.search(ALLERGIES)
    assert item.key == claim.id
    assert item.created_at == item.updated_at == claim.recorded_at
    assert item.value == {
        "content": "is allergic to peanuts",
        "subject": "self",
        "path": "health.allergies",
        "valid_from": claim.valid_from.isoformat().replace("+00:00", "Z"),
        "valid_to": None,
        "recorded_at": claim.recorded_at.isoformat().replace("+00:00", "Z"),
        "origin": "stated",
        "confidence": claim.confidence,
        "sensitivity": "personal",
    }


def test_words_put_what_is_nearest_to_them_first(store: PersonaStore) -> None:
    found = store.search(ANA, query="Is she allergic to peanuts?")
    assert contents(found)[0] == "is allergic to peanuts"
    assert found[0].score is not None
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    assert contents(store.search(persona_namespace("ana", "home"), query="peanuts")) == ["moved to Lisbon"]
    assert contents(store.search(ANA, query="peanuts", filter={"path": "home.city"})) == ["moved to Lisbon"]
    for words, expected in (("peanuts", "is allergic to peanuts"), ("ramen", "loves ramen and jazz")):
        assert contents(store.search(ANA, query=words, limit=1)) == [expected]
    assert store.search(ANA, query="  ") == store.search(ANA)


@pytest.mark.parametrize(("query", "expected"), [("peanuts", "is allergic to peanuts"), ("moved", "moved to Lisbon")])
def test_of_the_claims_of_one_turn_the_one_with_the_words_comes_first(
    tmp_path: Path, query: str, expected: str
) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.remember("ana", "I moved to Lisbon and I am allergic to peanuts.")
        memory.end_session("ana")
        memory.flush()
        assert contents(PersonaStore(memory).search(ANA, query=query))[0] == expected


def test_what_rests_on_no_words_comes_last_and_has_no_score(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.add_claim("ana", "home.city", "lives in Faro")
        memory.remember("ana", "I am allergic to peanuts.")
        memory.flush()
        found = PersonaStore(memory).search(ANA, query="peanuts")
        assert contents(found) == ["is allergic to peanuts", "lives in Faro"]
        assert found[1].score is None


def test_others_in_her_life_have_namespaces_of_their_own(store: PersonaStore) -> None:
    ines = persona_namespace("ana", subject="person:Ines")
    assert contents(store.search(ines)) == ["is a vet"]
    everybody = store.search(ANA[:2], limit=100)
    assert {item.namespace[2] for item in everybody} == {"self", "person:Ines"}
    assert {one[2] for one in store.list_namespaces(prefix=("persona", "ana", "*"))} == {"self", "person:Ines"}


def test_special_slots_are_shown_to_those_who_name_them_or_ask_about_them(store: PersonaStore) -> None:
    for prefix in (ANA[:2], ANA, CONDITIONS[:-1]):
        assert "epilepsy" not in f"{store.search(prefix, limit=100)}"
        assert CONDITIONS not in store.list_namespaces(prefix=prefix)
    assert CONDITIONS not in store.list_namespaces(prefix=ANA, suffix=("conditions",))
    [item] = store.search(CONDITIONS)
    assert "epilepsy" in item.value["content"]
    assert store.get(CONDITIONS, item.key) is not None
    assert store.list_namespaces(prefix=CONDITIONS) == [CONDITIONS]
    assert "epilepsy" in f"{store.search(ANA, query='Does she have epilepsy?')}"
    assert "epilepsy" not in f"{store.search(ANA, query='Where did she move to?')}"


def test_moments_can_be_compared(store: PersonaStore) -> None:
    assert store.search(ANA, filter={"valid_from": {"$gt": "2000"}}) == store.search(ANA)
    assert store.search(ANA, filter={"valid_from": {"$lt": "2000"}}) == []
    assert store.search(ANA, filter={"valid_from": {"$lt": 2000}}) == []
    with pytest.raises(InvalidInput, match=r"no operator '\$like'"):
        store.search(ANA, filter={"path": {"$like": "x"}})


def test_nobody_else_is_shown(memory: Memory) -> None:
    store = PersonaStore(memory)
    assert contents(store.search(persona_namespace("bo"))) == []
    assert contents(PersonaStore(memory, tenant="acme").search(ANA)) == ["lives in Porto"]
    cats = persona_namespace("e.g@example.com")
    assert contents(store.search(cats)) == ["is allergic to cats"]
    assert contents(store.search(cats, query="allergic to cats")) == ["is allergic to cats"]
    [allergy] = store.search(ALLERGIES)
    assert store.get(persona_namespace("bo", "health.allergies"), allergy.key) is None


@pytest.mark.parametrize("name", ["a.b", "a%2Eb", "a%25b", "%", "%%2E.", "plain"])
def test_each_name_has_a_label_of_its_own(name: str) -> None:
    label = persona_namespace(name)[1]
    assert "." not in label
    assert _named(label) == name


@pytest.mark.parametrize("prefix", [("persona",), ("persona", "50%")])
def test_who_names_no_person_is_refused(store: PersonaStore, prefix: tuple[str, ...]) -> None:
    for asks in (store.search, lambda name: store.list_namespaces(prefix=name), lambda name: store.get(name, "k")):
        with pytest.raises(InvalidInput, match="persona_namespace"):
            asks(prefix)
    with pytest.raises(InvalidInput, match="persona_namespace"):
        store.list_namespaces(prefix=("persona", "*"))


def test_a_search_over_everything_is_one_in_the_store_beside(store: PersonaStore) -> None:
    store.put(("notes",), "k", {"content": "mine"})
    assert contents(store.search(())) == ["mine"]
    assert store.list_namespaces() == [("notes",)]
    assert store.list_namespaces(prefix=("*",)) == [("notes",)]
    assert store.list_namespaces(suffix=("allergies",)) == []


def test_a_persona_cannot_be_written_and_nothing_of_the_batch_is(store: PersonaStore) -> None:
    before = store.search(ANA)
    with pytest.raises(InvalidInput, match="read here and not written"):
        store.batch([PutOp(("notes",), "k", {"n": 1}), PutOp(ALLERGIES, "x", {"content": "cats"})])
    with pytest.raises(InvalidInput, match="read here and not written"):
        store.delete(ALLERGIES, before[0].key)
    with pytest.raises(InvalidInput, match="read here and not written"):
        store.put(("persona",), "x", {"content": "cats"})
    assert store.search(ANA) == before
    assert store.get(("notes",), "k") is None


def test_without_a_store_beside_it_keeps_nothing_and_says_so(memory: Memory) -> None:
    store = PersonaStore(memory)
    with pytest.raises(InvalidInput, match="beside="):
        store.put(("notes",), "k", {"n": 1})
    assert store.get(("notes",), "k") is None
    assert store.search(()) == []
    assert store.list_namespaces() == []


def test_what_is_forgotten_or_superseded_is_gone_at_once(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        store = PersonaStore(memory)
        memory.remember("ana", ["I live in Porto.", "I am allergic to peanuts."])
        memory.flush()
        [allergy] = store.search(ALLERGIES)
        memory.remember("ana", "I moved to Lisbon.")
        memory.flush()
        assert contents(store.search(persona_namespace("ana", "home"))) == ["moved to Lisbon"]
        memory.remember("ana", "Please forget my allergy.")
        memory.flush()
        assert store.get(ALLERGIES, allergy.key) is None, "it waits to be confirmed"
        assert contents(store.search(ANA, query="peanuts")) == ["moved to Lisbon"]
        memory.drop("ana", rule="asked-to-forget")
        assert store.get(ALLERGIES, allergy.key) is not None
        memory.forget("ana", about="peanuts")
        assert store.get(ALLERGIES, allergy.key) is None
        assert contents(store.search(ANA, query="peanuts")) == ["moved to Lisbon"]
        memory.forget("ana")
        assert store.search(ANA, query="peanuts") == []
        assert store.search(ANA) == []


def test_tools_of_an_agent_read_the_persona_and_keep_notes_beside_it(memory: Memory) -> None:
    @tool
    def look(query: str, runtime: ToolRuntime) -> str:
        """Look into what is known."""
        assert runtime.store is not None
        return "; ".join(contents(runtime.store.search(persona_namespace("ana"), query=query, limit=1)))

    @tool
    def note(text: str, runtime: ToolRuntime) -> str:
        """Note something down."""
        assert runtime.store is not None
        runtime.store.put(("notes", "ana"), "n1", {"content": text})
        return "noted"

    def call(name: str, **arguments: str) -> AIMessage:
        return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": name, "type": "tool_call"}])

    store = PersonaStore(memory, beside=InMemoryStore())
    model = ScriptedChatModel([call("look", query="peanuts"), call("note", text="asked about peanuts"), "Done."])
    out = create_agent(model, [look, note], store=store).invoke({"messages": [("user", "Hm?")]})
    assert out["messages"][2].content == "is allergic to peanuts"
    assert contents(store.search(("notes",))) == ["asked about peanuts"]
