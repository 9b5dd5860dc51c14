"""What others leave behind becomes facts and turns, and whatever does not is named with its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.exchange.foreign.fields import moment
from treering.memory.exchange.foreign.formats import FORMATS, detect
from treering.memory.exchange.foreign.persona_tree import write
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.foreign import Foreign
from treering.schemas.trunk import Trunk

MAY = datetime(2024, 5, 2, 10, 0, tzinfo=UTC)

MEM0 = {
    "results": [
        {"id": "a", "memory": "Likes tea", "created_at": "2024-05-02T03:00:00-07:00", "user_id": "ana"},
        {"id": "b", "memory": "Runs daily", "updated_at": "2024-05-02T10:00:00", "categories": ["sports"]},
        {"id": "c", "memory": "On holiday", "created_at": "2024-05-02", "expiration_date": "2024-06-01"},
        {"id": "d", "memory": " "},
        {"memory": "Nameless"},
        {"id": "e", "memory": "Dated oddly", "created_at": "once"},
        3,
    ],
    "relations": [{"source": "ana", "relationship": "likes", "target": "tea"}],
}
OPEN_MEMORY = {
    "user": {"user_id": "ana"},
    "categories": [{"id": "c1", "name": "diet"}],
    "memories": [
        {"id": "a", "content": "Is vegan", "state": "active", "category_ids": ["c1"], "created_at": 1714644000},
        {"id": "b", "content": "Old", "state": "deleted", "category_ids": []},
    ],
}
LANGMEM = [
    {
        "namespace": ["memories", "ana"],
        "key": "k1",
        "value": {"kind": "Memory", "content": {"content": "Likes tea"}},
        "created_at": "2024-05-01T10:00:00+00:00",
        "updated_at": "2024-05-02T10:00:00+00:00",
    },
    {"namespace": ["ana"], "key": "k2", "value": {"text": "Runs daily"}},
    {
        "namespace": ["profiles"],
        "key": "k3",
        "value": {"kind": "Profile", "content": {"name": "Ana", "age": 31, "likes": ["tea", "figs"], "nick": None}},
    },
    {"namespace": ["ana"], "key": "k4", "value": {"kind": "Memory", "content": {}}},
    {"namespace": ["ana"], "key": "k5", "value": "bare"},
]
ZEP = {
    "edges": [
        {"uuid": "e1", "fact": "Ana lives in Porto", "name": "LIVES_IN", "valid_at": "2024-05-02T10:00:00Z"},
        {"uuid": "e2", "fact": "Ana lived in Faro", "valid_at": "2020-01-01", "invalid_at": "2024-05-02T10:00:00Z"},
        {"uuid": "e3", "fact": "Ana likes cats", "created_at": "2020-01-01", "expired_at": "2024-05-02T10:00:00Z"},
        {"uuid": "e4", "fact": "Backwards", "valid_at": "2024-05-02", "invalid_at": "2020-01-01"},
        {"uuid": "e5"},
    ],
    "episodes": [
        {"uuid": "p1", "content": "I moved.", "role_type": "user", "role": "Ana", "created_at": "2024-05-02T10:00:00Z"},
        {"uuid": "p2", "content": "Ana (user): Hello!\nHow are you?\nassistant: Fine.", "source": "message"},
        {"uuid": "p3", "content": "{}", "source": "json"},
        {"uuid": "p4", "content": "Who says this?", "source": "message"},
        {"uuid": "p5"},
    ],
    "nodes": [{"uuid": "n1", "name": "Ana"}],
}
LETTA = {
    "agents": [
        {
            "id": "agent-0",
            "name": "Robin",
            "block_ids": ["block-0", "block-1"],
            "messages": [
                {"id": "m0", "role": "system", "content": [{"type": "text", "text": "You are Robin."}]},
                {"id": "m1", "role": "user", "content": [{"type": "text", "text": "I live in Porto."}]},
                {"id": "m2", "role": "user", "content": '{"type": "user_message", "message": "And I like tea."}'},
                {"id": "m3", "role": "user", "content": '{"type": "heartbeat", "reason": "timer"}'},
                {
                    "id": "m4",
                    "role": "assistant",
                    "content": [{"type": "text", "text": "She likes tea, I should say so."}],
                    "tool_calls": [{"function": {"name": "send_message", "arguments": '{"message": "Noted!"}'}}],
                    "created_at": "2024-05-02T10:00:00Z",
                },
                {"id": "m5", "role": "assistant", "content": "Thinking", "tool_calls": [{"function": {"name": "x"}}]},
                {"id": "m6", "role": "assistant", "content": "Bye!"},
                {"id": "m7", "role": "tool", "content": "{}"},
            ],
        }
    ],
    "blocks": [
        {"id": "block-0", "label": "human", "value": "- Name is Ana.\n\n- Lives in Porto."},
        {"id": "block-1", "label": "persona", "value": "I am warm."},
        {"id": "block-2", "value": "no label"},
    ],
    "passages": [{"id": "p1", "text": "Ana likes figs.", "created_at": "2024-05-02T10:00:00Z", "tags": ["food"]}, {}],
}
LETTA_OLD = {
    "agent_type": "memgpt_agent",
    "name": "Robin",
    "core_memory": [{"label": "human", "value": "Likes tea", "updated_at": "2024-05-02T10:00:00Z"}],
    "messages": [{"role": "user", "text": "Hello!"}, {"role": "user", "text": "Hello!"}],
}


def node(name: str, parent: str | None, role: str = "user", text: object = "…", **more: object) -> dict[str, Any]:
    content = {"content_type": more.pop("kind", "text"), "parts": [text]}
    message = {"id": name, "author": {"role": role}, "create_time": 1714644000.0, "content": content, **more}
    return {"id": name, "parent": parent, "children": [], "message": message}


CHATGPT = [
    {
        "conversation_id": "c1",
        "title": "Dinner",
        "create_time": 1714644000.0,
        "current_node": "n7",
        "mapping": {
            "root": {"id": "root", "parent": None, "children": ["n1"], "message": None},
            "n1": node("n1", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
            "n2": node("n2", "n1", text="I am vegan. What shall I cook?"),
            "edited": node("edited", "n1", text="I eat meat."),
            "n3": node("n3", "n2", "assistant", "search()", kind="code", recipient="browser"),
            "n4": node("n4", "n3", "tool", "results"),
            "n5": node("n5", "n4", "assistant", {"content_type": "image_asset_pointer"}, kind="multimodal_text"),
            "n6": node("n6", "n5", "assistant", "hm", kind="thoughts"),
            "n7": node("n7", "n6", "assistant", "Lentils!", create_time=None),
        },
    },
    {"conversation_id": "c2", "mapping": {"a": node("a", None, text="Lost."), "b": node("b", "a", text="Found.")}},
    {"conversation_id": "c3"},
    {"mapping": {}},
]
PERSONA = {
    "1_Biological": {"Height": "is tall", "Weight": "", "Eyes": ["brown", "wears glasses"]},
    "2_Mind": {"Mood": None, "Odd": 7},
}

SAMPLES = {
    "mem0": MEM0,
    "langmem": LANGMEM,
    "zep": ZEP,
    "letta": LETTA,
    "chatgpt": CHATGPT,
}


def read(name: str, data: object) -> Foreign:
    return FORMATS[name].read(data)  # type: ignore[index, arg-type]


def texts(found: Foreign) -> list[str]:
    return [fact.text for fact in found.facts]


def said(found: Foreign) -> list[tuple[str, str | None, str, str]]:
    return [(one.session, one.message.id, one.message.role, one.message.content) for one in found.spoken]


def left_out(found: Foreign) -> list[tuple[str, str]]:
    return [(one.where, one.why) for one in found.left_out]


def test_mem0() -> None:
    found = read("mem0", MEM0)
    assert texts(found) == ["Likes tea", "Runs daily", "On holiday"]
    assert [fact.valid_from for fact in found.facts] == [MAY, MAY, datetime(2024, 5, 2, tzinfo=UTC)]
    assert found.facts[1].hints == ("sports",)
    assert found.facts[2].valid_to == datetime(2024, 6, 1, tzinfo=UTC)
    assert left_out(found) == [
        ("memory 4", "has no text"),
        ("memory 5", "has no id"),
        ("memory 6", "'once' is no time"),
        ("memory 7", "is no object"),
        ("relation 1", "a relation of the graph, which repeats a memory"),
    ]


def test_mem0_of_several_people_is_refused() -> None:
    two = [{"id": "a", "memory": "x", "user_id": "ana"}, {"id": "b", "memory": "y", "user_id": "bo"}]
    with pytest.raises(ValueError, match="2 people"):
        read("mem0", two)


def test_the_backup_of_open_memory_is_read_with_its_categories() -> None:
    assert detect(OPEN_MEMORY) == "mem0"
    found = read("mem0", OPEN_MEMORY)
    assert [(fact.text, fact.hints, fact.valid_from) for fact in found.facts] == [("Is vegan", ("diet",), MAY)]
    assert left_out(found) == [("memory 2", "is deleted there")]


def test_langmem() -> None:
    found = read("langmem", LANGMEM)
    assert [(fact.id, fact.text) for fact in found.facts] == [
        ("memories/ana/k1", "Likes tea"),
        ("ana/k2", "Runs daily"),
        ("profiles/k3#name", "name: Ana"),
        ("profiles/k3#age", "age: 31"),
        ("profiles/k3#likes.0", "likes: tea"),
        ("profiles/k3#likes.1", "likes: figs"),
    ]
    assert found.facts[0].valid_from == MAY
    assert found.facts[0].hints == ("Memory", "ana", "memories")
    assert found.facts[2].hints[0] == "name"
    assert left_out(found) == [("item 4", "its value holds no words"), ("item 5", "has no key with a value")]


def test_zep() -> None:
    found = read("zep", ZEP)
    assert [(fact.text, fact.valid_to) for fact in found.facts] == [
        ("Ana lives in Porto", None),
        ("Ana lived in Faro", MAY),
        ("Ana likes cats", MAY),
    ]
    assert said(found) == [
        ("zep", "p1", "user", "I moved."),
        ("zep", "p2", "user", "Hello!\nHow are you?"),
        ("zep", "p2#1", "assistant", "Fine."),
    ]
    assert [one.message.speaker for one in found.spoken] == ["Ana", "Ana", None]
    assert left_out(found) == [
        ("edges 4", "ended before it began"),
        ("edges 5", "has no fact"),
        ("episodes 3", "a document, which nobody said"),
        ("episodes 4", "does not say who said it"),
        ("episodes 5", "has no content"),
        ("nodes 1", "an entity, whose name stands in the facts"),
    ]


def test_an_episode_of_zeps_client_4_says_who_said_it_when_and_where() -> None:
    item = {
        "uuid": "p1",
        "content": "I moved.",
        "role": "user",
        "role_name": "Ana",
        "thread_uuid": "t1",
        "reference_time": "2024-05-02T10:00:00Z",
        "created_at": "2025-01-01T00:00:00Z",
    }
    [spoken] = read("zep", {"episodes": [item]}).spoken
    assert (spoken.session, spoken.message.speaker, spoken.message.at) == ("t1", "Ana", MAY)


def test_a_bare_list_of_facts_is_zeps_too() -> None:
    assert detect(ZEP["edges"][:3]) == "zep"
    assert len(read("zep", ZEP["edges"][:3]).facts) == 3


def test_letta() -> None:
    found = read("letta", LETTA)
    assert [(fact.subject, fact.text, fact.hints) for fact in found.facts] == [
        ("self", "Name is Ana.", ("human",)),
        ("self", "Lives in Porto.", ("human",)),
        ("agent:Robin", "I am warm.", ("persona",)),
        ("self", "Ana likes figs.", ("food",)),
    ]
    assert said(found) == [
        ("agent-0", "m1", "user", "I live in Porto."),
        ("agent-0", "m2", "user", "And I like tea."),
        ("agent-0", "m4", "assistant", "Noted!"),
        ("agent-0", "m6", "assistant", "Bye!"),
    ]
    assert sorted(why for _, why in left_out(found)) == [
        "a message of role system",
        "a message of role tool",
        "an event, which nobody said (role assistant)",
        "an event, which nobody said (role user)",
        "has no label with a value",
        "has no text",
    ]


def test_letta_of_old() -> None:
    assert detect(LETTA_OLD) == "letta"
    found = read("letta", LETTA_OLD)
    assert [(fact.text, fact.valid_from) for fact in found.facts] == [("Likes tea", MAY)]
    assert [content for _, _, _, content in said(found)] == ["Hello!", "Hello!"]


def test_chatgpt_follows_the_branch_that_was_shown_last() -> None:
    found = read("chatgpt", CHATGPT)
    assert said(found) == [
        ("chatgpt:c1", "n2", "user", "I am vegan. What shall I cook?"),
        ("chatgpt:c1", "n7", "assistant", "Lentils!"),
        ("chatgpt:c2", "a", "user", "Lost."),
        ("chatgpt:c2", "b", "user", "Found."),
    ]
    assert found.spoken[1].message.at == MAY, "without a time of its own it has that of its conversation"
    assert left_out(found) == [
        ("conversation 1, message n1", "hidden in the conversation"),
        ("conversation 1, message n3", "content of kind code, which nobody said"),
        ("conversation 1, message n4", "a message of role tool"),
        ("conversation 1, message n5", "has no text"),
        ("conversation 1, message n6", "content of kind thoughts, which nobody said"),
        ("conversation 1, message edited", "on a branch that was edited away"),
        ("conversation 3", "has no messages"),
        ("conversation 4", "has no id"),
    ]


def test_chatgpt_with_a_ring_of_parents_ends() -> None:
    ring = [{"id": "c", "mapping": {"a": node("a", "b", text="A"), "b": node("b", "a", text="B")}, "current_node": "a"}]
    assert sorted(content for *_, content in said(read("chatgpt", ring))) == ["A", "B"]


def test_a_persona_tree_in() -> None:
    found = read("persona-tree", PERSONA)
    assert [(fact.text, fact.hints[0], fact.hints[-1]) for fact in found.facts] == [
        ("is tall", "1_Biological.Height", "Height"),
        ("brown", "1_Biological.Eyes", "Eyes"),
        ("wears glasses", "1_Biological.Eyes", "Eyes"),
    ]
    assert left_out(found) == [("2_Mind.Odd", "is no text")]


def test_a_persona_tree_out_and_in(small_trunk: Trunk) -> None:
    claims = [
        Claim(id=f"{number:024x}", path=path, text=text, valid_from=MAY, recorded_at=MAY, origin="manual")
        for number, (path, text) in enumerate(
            [("name", "Ana"), ("taste.food", "likes figs"), ("taste.food", "hates kale")]
        )
    ]
    out = write(PersonaTree(trunk=small_trunk, claims={claim.id: claim for claim in claims}), as_of=MAY)
    assert out == {"name": "Ana", "home": {"city": ""}, "taste": {"food": ["likes figs", "hates kale"], "music": ""}}
    assert sorted(texts(read("persona-tree", out))) == sorted(claim.text for claim in claims)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_told_from_the_others(name: str) -> None:
    data: Any = json.loads(json.dumps(SAMPLES[name]))
    assert detect(data) == name


def test_a_persona_tree_is_what_nothing_else_is() -> None:
    assert detect({"1_Biological": {"Height": "is tall"}}) == "persona-tree"


@pytest.mark.parametrize("data", [[], {}, None, 7, "text", [1, 2], {"a": 1}, {"results": []}, [[]], [{"x": 1}]])
def test_what_no_format_fits_is_refused_with_a_list_of_them(data: object) -> None:
    with pytest.raises(ValueError, match="one of chatgpt, langmem, letta, mem0, persona-tree, zep"):
        detect(data)


def test_what_several_formats_fit_is_refused_with_their_names() -> None:
    both = [{"id": "a", "memory": "x", "namespace": [], "key": "k", "value": {}}]
    with pytest.raises(ValueError, match="it could be langmem or mem0"):
        detect(both)  # type: ignore[arg-type]


FIELDS = [
    "id",
    "memory",
    "results",
    "content",
    "key",
    "value",
    "namespace",
    "edges",
    "fact",
    "uuid",
    "blocks",
    "label",
    "agents",
    "messages",
    "role",
    "mapping",
    "message",
    "author",
    "parts",
    "current_node",
    "parent",
    "created_at",
    "text",
    "passages",
    "metadata",
    "tool_calls",
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            below,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("name", FORMATS)
@given(data=json_values)
def test_no_document_breaks_a_reader(name: str, data: object) -> None:
    try:
        found = read(name, data)
        detect(data)
    except ValueError:
        return
    assert isinstance(found, Foreign)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (1714644000, MAY),
        (1714644000.0, MAY),
        (1714644000000, MAY),
        ("2024-05-02T10:00:00Z", MAY),
        ("2024-05-02T12:00:00+02:00", MAY),
        ("2024-05-02 10:00:00", MAY),
    ],
)
def test_times_as_others_write_them(value: object, expected: datetime | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize("value", [True, "soon", 10**30, [], {}, float("inf"), "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time(value: object) -> None:
    with pytest.raises(ValueError, match="is no time"):
        moment(value)
