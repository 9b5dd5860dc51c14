"""The answer to the first question: names of slots, however they are given, and never a guess."""

from __future__ import annotations

import pytest

from treering.memory.listeners.model_cues import may_ask_to_forget, may_draw_a_line
from treering.memory.listeners.model_routing import MAX_SLOTS, read_routing
from treering.schemas.trunk import Trunk
from treering.schemas.trunks import load_trunk

CITY, FOOD, MUSIC = "home.city", "taste.food", "taste.music"

READ = [
    ("as asked", '{"paths": ["home.city", "taste.food"], "forget": false}', (CITY, FOOD)),
    ("nothing", '{"paths": [], "forget": false}', ()),
    ("null for the list", '{"paths": null}', ()),
    ("a branch", '{"paths": ["taste"]}', (FOOD, MUSIC)),
    ("a slot and its branch", '{"paths": ["taste.music", "taste"]}', (MUSIC, FOOD)),
    ("one path as text", '{"paths": "home.city"}', (CITY,)),
    ("paths as text", '{"paths": "home.city, taste.music"}', (CITY, MUSIC)),
    ("another name", '{"branches": ["home"]}', (CITY,)),
    ("objects in the list", '[{"path": "home.city"}, {"path": "taste.food"}]', (CITY, FOOD)),
    ("a table", '{"home.city": true, "taste.food": false, "name": false}', (CITY,)),
    ("a bare list", '["home.city", "taste.food"]', (CITY, FOOD)),
    ("a bare empty list", "[]", ()),
    ("a fence", '```json\n{"paths": ["home.city"]}\n```', (CITY,)),
    ("a fence around a list", '```\n["home.city"]\n```', (CITY,)),
    ("prose around JSON", 'Sure!\n{"paths": ["home.city"]}\nHope this helps.', (CITY,)),
    ("lines", "- home.city\n2. `taste.food`\n", (CITY, FOOD)),
    ("a line", "home.city, taste.food and taste.music", (CITY, FOOD, MUSIC)),
    ("a label", "Paths: home.city", (CITY,)),
    ("another case", '{"paths": ["Home.City"]}', (CITY,)),
    ("the end of a path", '{"paths": ["city"]}', (CITY,)),
    ("reasoning", "<think>taste.food?</think>home.city", (CITY,)),
    ("operations at once", '{"operations": [{"op": "ADD", "path": "home.city", "text": "lives in Porto"}]}', (CITY,)),
    ("the text grammar at once", 'ADD(home.city, "lives in Porto")', (CITY,)),
    ("no operations", '{"operations": []}', ()),
    ("no-op", "NO_OP()", ()),
    ("none", "None.", ()),
    ("no slots", "No slots", ()),
    ("single quotes", "{'paths': ['home.city'], 'forget': False}", (CITY,)),
    ("a trailing comma", '{"paths": ["home.city",],}', (CITY,)),
]


@pytest.mark.parametrize(("raw", "paths"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_slots_are_read_without_a_remark(raw: str, paths: tuple[str, ...], small_trunk: Trunk) -> None:
    routing = read_routing(raw, small_trunk)
    assert routing.paths == paths
    assert routing.is_readable
    assert not routing.unreadable
    assert not routing.forget


UNREADABLE = [
    ("", "it names no slots"),
    (" \n", "it names no slots"),
    ("I'm sorry, I can't look at someone's home.", "it names no slots"),
    ("No.", "it names no slots"),
    ("The user speaks of home.city and of food.", "it names no slots"),
    ("<think>home.city", "it names no slots"),
    ("<html><body><h1>502 Bad Gateway</h1></body></html>", "it names no slots"),
    ("{}", "it names no slots"),
    ('{"paths": 7}', "it names no slots"),
    ('{"paths": ["home.city", "tas', "the JSON is cut off"),
    ('{"paths": ["home.city"], "paths": ["taste"]}', "it has 'paths' twice, with different values"),
    ('{"paths": ["home.city" "taste"]}', "this is no valid JSON"),
    ('{"paths": ["sports", "cars"]}', "the trunk has no such slot or branch"),
]


@pytest.mark.parametrize(("raw", "why"), UNREADABLE)
def test_what_names_no_slot_is_unreadable_and_quoted(raw: str, why: str, small_trunk: Trunk) -> None:
    routing = read_routing(raw, small_trunk)
    assert not routing.is_readable
    assert routing.paths == ()
    assert {line.why for line in routing.unreadable} == {why}


def test_unknown_names_are_quoted_and_cost_no_other(small_trunk: Trunk) -> None:
    routing = read_routing('{"paths": ["home.city", "sports"]}', small_trunk)
    assert routing.paths == (CITY,)
    assert routing.is_readable
    assert [(line.text, line.why) for line in routing.unreadable] == [
        ("sports", "the trunk has no such slot or branch")
    ]


def test_the_end_of_several_paths_names_none() -> None:
    trunk = load_trunk("core")
    ends = [path.rpartition(".")[2] for path in trunk.by_path]
    [twice, *_] = [end for end in ends if ends.count(end) > 1]
    assert not read_routing(f'["{twice}"]', trunk).is_readable


def test_whoever_names_everything_is_shown_the_first_and_it_is_noted() -> None:
    trunk = load_trunk("core")
    routing = read_routing(str([branch.path for branch in trunk.branches]).replace("'", '"'), trunk)
    assert len(routing.paths) == MAX_SLOTS
    assert [line.why for line in routing.unreadable] == [f"it names 127 slots; the first {MAX_SLOTS} are looked at"]


@pytest.mark.parametrize("raw", ['{"paths": [], "forget": true}', '{"forget": "Yes"}', '{"paths": [], "forget": 1}'])
def test_a_request_to_forget_is_read(raw: str, small_trunk: Trunk) -> None:
    routing = read_routing(raw, small_trunk)
    assert routing.forget
    assert routing.is_readable


@pytest.mark.parametrize(
    "text",
    [
        "Please forget my address.",
        "Don't remember that.",
        "Bitte vergiss, wo ich wohne.",
        "L\u00f6sche alles.",
        "Olvida mi direcci\u00f3n.",
        "Borra lo de mi ex.",
        "Oublie mon adresse.",
        "\u8bf7\u5fd8\u8bb0\u6211\u7684\u5730\u5740\u3002",
        "\u5220\u9664\u6240\u6709\u5185\u5bb9",
        "\u0627\u0646\u0633 \u0639\u0646\u0648\u0627\u0646\u064a",
        "\u0417\u0430\u0431\u0443\u0434\u044c \u043c\u043e\u0439 \u0430\u0434\u0440\u0435\u0441",
        "\u4f4f\u6240\u3092\u5fd8\u308c\u3066",
    ],
)
def test_words_for_forgetting_are_known_in_several_languages(text: str) -> None:
    assert may_ask_to_forget(text)


@pytest.mark.parametrize(
    "text", ["I'm a forgetful person.", "Ich wohne in Graz.", "\u6211\u4f4f\u5728\u4e0a\u6d77\u3002"]
)
def test_other_words_ask_for_nothing_to_be_forgotten(text: str) -> None:
    assert not may_ask_to_forget(text)


@pytest.mark.parametrize(
    "text",
    [
        "Never mention my sister.",
        "Please stop asking about work!",
        "Sprich mich nie wieder auf meinen Vater an.",
        "Erw\u00e4hne das bitte nicht, und sprich nicht davon.",
        "No me hables de mi peso.",
        "Ne me parle jamais de lui.",
        "\u4e0d\u8981\u518d\u63d0\u6211\u7684\u524d\u592b\u3002",
        "\u0644\u0627 \u062a\u0630\u0643\u0631 \u0623\u062e\u062a\u064a",
    ],
)
def test_words_that_draw_a_line_are_known_in_several_languages(text: str) -> None:
    assert may_draw_a_line(text)


@pytest.mark.parametrize("text", ["I love jazz.", "Ich mag Jazz.", "Me gusta el jazz."])
def test_tastes_draw_no_line(text: str) -> None:
    assert not may_draw_a_line(text)
