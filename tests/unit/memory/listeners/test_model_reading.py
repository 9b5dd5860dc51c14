"""Replies as models really give them: each ends in the right drafts, or in a quoted piece with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from treering.memory.listeners.model_drafts import Surroundings
from treering.memory.listeners.model_reading import read_reply
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.trunk import Trunk

MONDAY = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
CITY, JAZZ, PIZZA = "c1c1c1" + 18 * "0", "ab12cd" + 18 * "0", "ef34ab" + 18 * "0"
SAID = {
    "m1": ("user", "I moved to Porto last week. It\u2019s lovely here!"),
    "m2": ("assistant", "Congratulations! Do you still like jazz?"),
    "m3": ("user", "Not any more, I prefer  fado now. My sister Rita is a nurse."),
    "m4": ("system", "Be brief."),
}
NO_PATH = "there is no slot 'sports'"


def around(trunk: Trunk, **said: tuple[str, str]) -> Surroundings:
    turns = [
        Turn(message_id=f"id-{name}", session="s", index=n, seq=n, role=role, content=text, at=MONDAY)  # type: ignore[arg-type]  # roles above
        for n, (name, (role, text)) in enumerate((said or SAID).items(), start=1)
    ]
    claims = [
        claim(CITY, "home.city", "lives in Lisbon", trunk),
        claim(JAZZ, "taste.music", "loves jazz", trunk),
        claim(PIZZA, "taste.food", "likes pizza", trunk),
    ]
    tree = PersonaTree(trunk=trunk, claims=MappingProxyType({c.id: c for c in claims}))
    return Surroundings(trunk=trunk, window=Window(session="s", turns=tuple(turns)), trees={"self": tree})


def claim(claim_id: str, path: str, text: str, trunk: Trunk) -> Claim:
    at = MONDAY - timedelta(days=100)
    return Claim(id=claim_id, path=path, text=text, valid_from=at, recorded_at=at, origin="manual")


def item(**fields: object) -> dict[str, object]:
    given = {"op": "ADD", "path": "home.city", "text": "lives in Porto", "message": "m1", "quote": "I moved to Porto"}
    return given | fields


def reply(*items: dict[str, object]) -> str:
    return json.dumps({"operations": items})


MOVED = Draft(kind="ADD", path="home.city", text="lives in Porto", message_id="id-m1", quote="I moved to Porto")
MOVED_BY_TEXT = MOVED.model_copy(update={"quote": "I moved to Porto last week."})
FADO = "Not any more, I prefer  fado now."
RITA = "My sister Rita is a nurse."


@dataclass(frozen=True)
class Shape:
    name: str
    raw: str
    drafts: list[Draft] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    readable: bool = True


SHAPES = [
    Shape("as asked", reply(item()), [MOVED]),
    Shape("nothing to do", reply()),
    Shape("a bare empty list", "[]"),
    Shape("null for the list", '{"operations": null}'),
    Shape("no-op in the text grammar", "NO_OP()"),
    Shape("a bare list", json.dumps([item()]), [MOVED]),
    Shape("a bare object", json.dumps(item()), [MOVED]),
    Shape("a fence", f"```json\n{reply(item())}\n```", [MOVED]),
    Shape("prose around", f"Here it is:\n{reply(item())}\nDone.", [MOVED], ["no operation"] * 2),
    Shape("trailing commas", reply(item())[:-2] + ",]}", [MOVED]),
    Shape("Python's words", reply(item(target=None)).replace("null", "None"), [MOVED]),
    Shape(
        "other names of fields",
        reply(
            {
                "operation": "add",
                "slot": "home.city",
                "value": "lives in Porto",
                "message_id": "m1",
                "evidence": "I moved to Porto",
            }
        ),
        [MOVED],
    ),
    Shape("words for null", reply(item(target="null", valid_from="", reason="None")), [MOVED]),
    Shape("fields nobody asked for", reply(item(note="x", tags=["y"])), [MOVED]),
    Shape("a path in another case", reply(item(path="Home.City ")), [MOVED]),
    Shape("the user as the subject", reply(item(subject="the user")), [MOVED]),
    Shape("a turn in brackets", reply(item(message="[M1]")), [MOVED]),
    Shape("the number of a turn", reply(item(message="1")), [MOVED]),
    Shape("a quote in another case and spacing", reply(item(quote="i moved\nto  porto")), [MOVED]),
    Shape(
        "a quote with straight marks",
        reply(item(quote="It's lovely here!")),
        [MOVED.model_copy(update={"quote": "It\u2019s lovely here!"})],
    ),
    Shape("a quote in quotation marks", reply(item(quote='"I moved to Porto\u2026"')), [MOVED]),
    Shape("the wrong turn for a quote", reply(item(message="m3")), [MOVED]),
    Shape("a quote without a turn", reply(item(message=None)), [MOVED]),
    Shape("a turn without a quote", reply(item(quote=None)), [MOVED_BY_TEXT]),
    Shape("neither quote nor turn", reply(item(quote=None, message=None)), [MOVED_BY_TEXT]),
    Shape(
        "a date",
        reply(item(valid_from="2024-02-26")),
        [MOVED.model_copy(update={"valid_from": datetime(2024, 2, 26, tzinfo=UTC)})],
    ),
    Shape(
        "a date in words",
        reply(item(valid_from="last week")),
        [MOVED],
        ["'last week' is no date like 2024, 2024-03 or 2024-03-09"],
    ),
    Shape(
        "inferred",
        reply(item(origin="Inferred", confidence=0.5)),
        [MOVED.model_copy(update={"origin": "inferred", "confidence": 0.5})],
    ),
    Shape(
        "another person",
        reply(item(subject="person:Rita", path="name", text="is a nurse", message="m3", quote=RITA)),
        [Draft(kind="ADD", subject="person:Rita", path="name", text="is a nurse", message_id="id-m3", quote=RITA)],
    ),
    Shape(
        "an update",
        reply(
            item(
                op="update",
                target="cab12cd",
                path="taste.music",
                text="prefers fado",
                message="m3",
                quote="I prefer fado now",
            )
        ),
        [
            Draft(
                kind="UPDATE",
                path="taste.music",
                text="prefers fado",
                target=JAZZ,
                message_id="id-m3",
                quote="I prefer  fado now",
            )
        ],
    ),
    Shape(
        "an update without a path",
        reply(item(op="UPDATE", target="cc1c1c1", path=None)),
        [MOVED.model_copy(update={"kind": "UPDATE", "target": CITY})],
    ),
    Shape(
        "an ending",
        reply({"op": "DELETE", "target": "cab12cd", "message": "m3", "quote": "Not any more"}),
        [Draft(kind="DELETE", path="taste.music", target=JAZZ, message_id="id-m3", quote="Not any more")],
    ),
    Shape(
        "a request to forget",
        reply(item(op="DELETE", target="cc1c1c1", reason="forgotten", text=None)),
        [
            Draft(
                kind="DELETE",
                path="home.city",
                target=CITY,
                message_id="id-m1",
                quote="I moved to Porto",
                reason="forgotten",
            )
        ],
    ),
    Shape(
        "said again",
        reply({"op": "no-op", "target": "cc1c1c1", "message": "m1", "quote": "I moved to Porto"}),
        [Draft(kind="NO_OP", path="home.city", target=CITY, message_id="id-m1", quote="I moved to Porto")],
    ),
    Shape("a no-op that supports nothing", reply({"op": "NOOP"})),
    Shape("an unknown slot", reply(item(path="sports"), item()), [MOVED], [NO_PATH]),
    Shape(
        "a slot misspelt",
        reply(item(path="taste.foods")),
        [],
        ["there is no slot 'taste.foods'; did you mean taste.food or taste.music?"],
    ),
    Shape("a branch", reply(item(path="home")), [], ["home is a branch; name one of its slots"]),
    Shape("no path", reply(item(path=None)), [], ["it names no slot"]),
    Shape("an unknown turn", reply(item(message="m9")), [], ["'m9' is the id of no turn that was listed"]),
    Shape("a turn that was not shown", reply(item(message="m4")), [], ["'m4' is the id of no turn that was listed"]),
    Shape(
        "an unknown claim",
        reply(item(op="UPDATE", target="cffffff")),
        [],
        ["'cffffff' is the id of no claim that was listed"],
    ),
    Shape(
        "a claim by its place",
        reply(item(op="UPDATE", target="c1")),
        [],
        ["'c1' is the id of no claim that was listed"],
    ),
    Shape(
        "an invented quote",
        reply(item(quote="I live in Faro")),
        [],
        ["its quote does not occur in the turn, letter by letter"],
    ),
    Shape("no text", reply(item(text=" ")), [], ["it has no text"]),
    Shape("an essay", reply(item(text="x" * 2_001)), [], ["its text has 2,001 characters, a claim at most 2,000"]),
    Shape("an unknown op", reply(item(op="UPSERT")), [], ["op: Input should be 'ADD', 'UPDATE', 'DELETE' or 'NO_OP'"]),
    Shape(
        "a subject that nobody named",
        reply(item(subject="Karl")),
        [],
        ["subject: String should match pattern '^(self|(agent|person):[^\\x00-\\x1f]{1,120})$'"],
    ),
    Shape(
        "the bare name of somebody who was named",
        reply(item(subject="Rita", path="name", text="is a nurse", message="m3", quote=RITA)),
        [Draft(kind="ADD", subject="person:Rita", path="name", text="is a nurse", message_id="id-m3", quote=RITA)],
    ),
    Shape("too sure", reply(item(confidence=95)), [MOVED], ["confidence: Input should be less than or equal to 1"]),
    Shape(
        "sure in words",
        reply(item(confidence="high")),
        [MOVED],
        ["confidence: Input should be a valid number, unable to parse string as a number"],
    ),
    Shape("sure beyond numbers", reply(item(confidence=float("nan"))), [MOVED]),
    Shape("a number for a turn", reply(item(message=1)), [MOVED]),
    Shape("a text in a list", reply(item(text=["lives in Porto"])), [MOVED]),
    Shape(
        "evidence as an object",
        reply(item(message=None, quote=None, evidence=[{"message": "m1", "quote": "I moved to Porto"}])),
        [MOVED],
    ),
    Shape(
        "a condition",
        reply(item(condition="on weekdays")),
        [MOVED.model_copy(update={"condition": "on weekdays"})],
    ),
    Shape(
        "a key with two meanings",
        reply(item()).replace('"op": "ADD"', '"op": "ADD", "op": "DELETE"'),
        [],
        ["it has 'op' twice, with different values"],
        readable=False,
    ),
    Shape(
        "a last item that is cut off", reply(item(), item(text="likes the sea"))[:-40], [MOVED], ["the JSON is cut off"]
    ),
    Shape("a damaged item", reply(item()).replace("]", ', {"op": "ADD" "path"}]'), [MOVED], ["this is no valid JSON"]),
    Shape("operations as strings", json.dumps({"operations": ['ADD(home.city, "lives in Porto")']}), [MOVED_BY_TEXT]),
    Shape("JSON about something else", '{"thoughts": "none"}', [], ["it has no op"], readable=False),
    Shape("the text grammar", 'ADD(home.city, "lives in Porto")', [MOVED_BY_TEXT]),
    Shape(
        "the text grammar, cut off",
        'ADD(home.city, "lives in Porto")\nADD(taste.food, "li',
        [MOVED_BY_TEXT],
        ["the value does not end with a quote and a parenthesis"],
    ),
    Shape("the text grammar, unknown slot", 'ADD(sports, "x")', [], [NO_PATH]),
    Shape("the text grammar, said by nobody", 'ADD(taste.food, "hates broccoli")', [], ["no turn of the user says so"]),
    Shape(
        "the text grammar, an ending",
        'DELETE(taste.music, "jazz, prefers fado")',
        [Draft(kind="DELETE", path="taste.music", target=JAZZ, message_id="id-m3", quote=FADO)],
    ),
    Shape("a refusal", "I'm sorry, I can't help with that.", [], ["no operation"], readable=False),
    Shape("an empty reply", "", readable=False),
    Shape("a blank reply", " \n ", readable=False),
    Shape("only reasoning", "<think>ADD(name, x)", [], ["reasoning, no operation"], readable=False),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_reply_ends_in_drafts_or_in_quoted_pieces(shape: Shape, small_trunk: Trunk) -> None:
    reading = read_reply(shape.raw, around(small_trunk))
    assert reading.drafts == shape.drafts
    assert [line.why for line in reading.unreadable] == shape.whys
    assert reading.is_readable == shape.readable
    assert all(line.text for line in reading.unreadable)


def test_one_user_turn_is_the_evidence_of_the_text_grammar_whatever_it_says(small_trunk: Trunk) -> None:
    reading = read_reply('ADD(taste.food, "likes tripe")', around(small_trunk, m1=("user", "Yes. Since May!")))
    assert [(draft.message_id, draft.quote) for draft in reading.drafts] == [("id-m1", "Yes.")]


def test_the_line_of_a_refused_operation_is_its_own(small_trunk: Trunk) -> None:
    reading = read_reply('Sure.\n\nADD(sports, "x")', around(small_trunk))
    assert [(line.line, line.text) for line in reading.unreadable] == [(1, "Sure."), (3, 'ADD(sports, "x")')]


def test_a_refused_item_is_quoted_as_it_came(small_trunk: Trunk) -> None:
    raw = '[\n{"op":  "ADD", "path": "nowhere"}]'
    assert [(u.line, u.text) for u in read_reply(raw, around(small_trunk)).unreadable] == [
        (2, '{"op":  "ADD", "path": "nowhere"}')
    ]


def test_a_claim_of_another_person_is_updated_in_their_tree(small_trunk: Trunk) -> None:
    rita = claim(PIZZA, "name", "is called Rita", small_trunk).model_copy(update={"subject": "person:Rita"})
    tree = PersonaTree(trunk=small_trunk, subject="person:Rita", claims=MappingProxyType({rita.id: rita}))
    place = around(small_trunk)
    place = Surroundings(trunk=small_trunk, window=place.window, trees={"person:Rita": tree})
    raw = reply(item(op="DELETE", target="cef34ab", path="name", quote=RITA, message="m3"))
    assert [(d.subject, d.target) for d in read_reply(raw, place).drafts] == [("person:Rita", PIZZA)]
