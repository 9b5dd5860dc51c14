"""PersonaMem-v2 and PrefEval are read as they are published: the right option is hidden, what shows it is known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from treering.bench.choice.catalogue import ChoiceSuite, read_choice_suite
from treering.bench.gold.choices import NO_CHOICE, NO_RIGHT_OPTION, SAME_OPTIONS, RightChoice
from treering.bench.samples import Question, SaidTurn
from treering.errors import InvalidInput

HISTORY = "data/chat_history_32k/chat_history_1_persona7.json"
SAID = [
    {"role": "system", "content": "You are helping Bo, a carpenter from Turku."},
    {"role": "user", "content": "Could you polish this note? I carve spoons when the house is asleep."},
    {"role": "assistant", "content": "Gladly: I carve spoons while everybody sleeps."},
    {"role": "user", "content": "Please forget that about the spoons."},
    {"role": "user", "content": "What is a good saw?"},
    {"role": "assistant", "content": "A sharp one."},
]
ROWS: list[dict[str, str]] = [
    {
        "user_query": "{'role': 'user', 'content': \"What's a calm hobby?\"}",
        "correct_answer": "Carve on, at night.",
        "incorrect_answers": json.dumps(["Try running.", "Join a choir.", "Ride a bike to the sea and back."]),
        "pref_type": "neutral_pref",
        "related_conversation_snippet": json.dumps(SAID[1:3]),
    },
    {
        "user_query": "Any plan for tonight?",
        "correct_answer": "How about a film?",
        "incorrect_answers": "['Carve a spoon.', 'Swim.', 'Sing.']",
        "pref_type": "ask_to_forget",
        "related_conversation_snippet": json.dumps([*SAID[1:3], {"role": "user", "content": "Never said."}]),
    },
    {
        "user_query": "And tomorrow?",
        "correct_answer": "Swim.",
        "incorrect_answers": '["Swim.", "Sing."]',
        "pref_type": "neutral_pref",
        "related_conversation_snippet": "",
    },
    {
        "user_query": "And then?",
        "correct_answer": "Rest.",
        "incorrect_answers": "",
        "pref_type": "neutral_pref",
        "related_conversation_snippet": "[]",
    },
    {
        "user_query": "And at last?",
        "correct_answer": " ",
        "incorrect_answers": '["Swim.", "Sing."]',
        "pref_type": "neutral_pref",
        "related_conversation_snippet": "[]",
    },
]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """PersonaMem-v2 with one history, after the description of its files."""
    for name in ("benchmark/text/benchmark.csv", HISTORY):
        (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / HISTORY).write_text(json.dumps({"metadata": {"persona_id": 7}, "chat_history": SAID}))
    with (tmp_path / "benchmark/text/benchmark.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["persona_id", "chat_history_32k_link", *ROWS[0]])
        table.writeheader()
        table.writerows({"persona_id": "7", "chat_history_32k_link": HISTORY, **row} for row in ROWS)
    return tmp_path


ITEMS = [
    {"preference": "I never eat onions.", "question": "What shall I cook?", "explanation": "Onions are everywhere."},
    {"preference": "I only travel by train.", "question": "How do I get to Rome?", "explanation": "Planes are faster."},
]
OFFERED = [
    ["Onion-free risotto.", "Onion soup.", "Onion tart.", "Goulash with onions."],
    ["By rail.", "Fly.", "Drive."],
]
CHOSEN = {
    "query": "Which salad?",
    "assistant_options": "With onions, or with pears.",
    "user_selection": "With pears; onions are not for me.",
    "assistant_acknowledgment": "Pears it is.",
}
IN_PASSING = {
    "0": {"user": "I bake. Onions spoil it for me.", "assistant": "I see."},
    "1": {"user": "What is rye?", "assistant": "A grain."},
}


@pytest.fixture
def preferences(tmp_path: Path) -> Path:
    """PrefEval with one topic of two questions, after the description of its files."""
    folders = {
        "mcq_options": [{**one, "classification_task_options": some} for one, some in zip(ITEMS, OFFERED, strict=True)],
        "explicit_preference": ITEMS,
        "implicit_preference/choice-based": [{**one, "conversation": CHOSEN} for one in ITEMS],
        "implicit_preference/persona-driven": [{**one, "conversation": IN_PASSING} for one in ITEMS],
    }
    for folder, items in folders.items():
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "food.json").write_text(json.dumps(items))
    (tmp_path / "mcq_options/food copy.json").write_text("a stray file that nothing belongs to")
    talk = [{"role": role, "content": f"{role} {one}"} for one in range(7) for role in ("user", "assistant")]
    talk[3]["content"] = ""  # is no turn
    talks = [{"conversation_id": "a", "conversation": talk[:8]}, {"conversation_id": "b", "conversation": talk}]
    (tmp_path / "filtered_inter_turns.json").write_text(json.dumps(talks))
    return tmp_path


@pytest.fixture
def both(second: Path, preferences: Path) -> Path:
    """One folder with the files of both suites."""
    assert second == preferences
    return second


def asked(suite: ChoiceSuite) -> dict[tuple[str, str], Question]:
    return {(one.id, step.id): step for one in suite.conversations for step in one.steps if isinstance(step, Question)}


def right_answers(suite: ChoiceSuite) -> dict[str, str]:
    """What the key calls right, by the text of the question."""
    questions = asked(suite)
    return {
        questions[at].text: questions[at].options[right.option]
        for at, right in suite.key.items()
        if isinstance(right, RightChoice)
    }


def test_the_second_personamem_asks_after_its_history_and_knows_what_shows_the_answer(second: Path) -> None:
    suite = read_choice_suite("personamem-v2-32k", second)
    [bo] = suite.conversations
    assert [type(step) for step in bo.steps] == [SaidTurn] * 6 + [Question] * 3
    assert right_answers(suite) == {
        "What's a calm hobby?": "Carve on, at night.",
        "Any plan for tonight?": ROWS[1]["correct_answer"],
    }
    assert {at[1]: one.reason for at, one in suite.broken.items()} == {
        "3": SAME_OPTIONS,
        "4": NO_CHOICE,
        "5": NO_RIGHT_OPTION,
    }
    first, other = suite.key[bo.id, "1"], suite.key[bo.id, "2"]
    assert (first.type, first.evidence) == ("neutral_pref", frozenset({f"{bo.id}:1"}))
    assert (other.type, other.evidence) == ("ask_to_forget", frozenset())  # its messages are not all in the history


@pytest.mark.parametrize(
    ("form", "told", "evidence"),
    [
        ("explicit", ["I never eat onions."], {"told:0"}),
        ("choice", list(CHOSEN.values()), {"told:2"}),
        ("persona", ["I bake. Onions spoil it for me.", "I see.", "What is rye?", "A grain."], frozenset()),
    ],
)
def test_a_preference_is_told_in_its_form_and_asked_for_after_other_talk(
    preferences: Path, form: str, told: list[str], evidence: set[str]
) -> None:
    suite = read_choice_suite(f"prefeval-{form}-10", preferences)
    onions, _ = suite.conversations
    said = [step for step in onions.steps if isinstance(step, SaidTurn)]
    assert [one.text for one in said if one.session == "told"] == told
    assert [sum(one.session == name for one in said) for name in ("other-1", "other-2")] == [7, 11]
    assert (said[-1].role, isinstance(onions.steps[-1], Question)) == ("assistant", True)
    assert sorted(one.at for one in said) == [one.at for one in said]
    assert right_answers(suite) == {"What shall I cook?": OFFERED[0][0], "How do I get to Rome?": OFFERED[1][0]}
    assert {right.evidence for right in suite.key.values()} == {frozenset(evidence)}


def test_options_are_mixed_though_the_files_put_the_right_one_first(preferences: Path) -> None:
    many = [{**ITEMS[0], "question": f"What shall I cook on day {day}?"} for day in range(40)]
    (preferences / "explicit_preference/food.json").write_text(json.dumps(many))
    offers = [{**one, "classification_task_options": OFFERED[0]} for one in many]
    (preferences / "mcq_options/food.json").write_text(json.dumps(offers))
    suite = read_choice_suite("prefeval-explicit-10", preferences)
    places = [right.option for right in suite.key.values() if isinstance(right, RightChoice)]
    assert min(places.count(place) for place in range(4)) >= 3
    assert right_answers(read_choice_suite("prefeval-explicit-10", preferences, shuffle=5)) == right_answers(suite)


@pytest.mark.parametrize(
    ("name", "file", "content", "told"),
    [
        ("personamem-v2-32k", "benchmark/text/benchmark.csv", "a,b\n1,2\n", "is no PersonaMem-v2 file"),
        ("personamem-v2-32k", HISTORY, '{"chat_history": []}', "is no PersonaMem-v2 file"),
        ("personamem-v2-32k", HISTORY, "[", "cannot be read as JSON"),
        ("prefeval-explicit-10", "mcq_options/food.json", "[]", "is no PrefEval file"),
        ("prefeval-choice-10", "implicit_preference/choice-based/food.json", '[{"question": 1}]', "is no PrefEval"),
        ("prefeval-persona-10", "filtered_inter_turns.json", '[{"conversation": [{"role": "cat"}]}]', "is no PrefEval"),
        ("prefeval-persona-10", "filtered_inter_turns.json", "[]", "holds fewer than 10 exchanges"),
    ],
)
def test_files_of_another_shape_are_refused_by_name(both: Path, name: str, file: str, content: str, told: str) -> None:
    (both / file).write_text(content)
    with pytest.raises(InvalidInput, match=told):
        list(read_choice_suite(name, both).conversations)


def test_options_of_another_question_are_refused(preferences: Path) -> None:
    items = json.loads((preferences / "mcq_options/food.json").read_text())
    (preferences / "mcq_options/food.json").write_text(json.dumps(items[::-1]))
    with pytest.raises(InvalidInput, match="question 0 is another one"):
        read_choice_suite("prefeval-explicit-10", preferences)


def test_missing_files_say_where_to_get_them(second: Path, tmp_path: Path) -> None:
    (second / HISTORY).rename(second / "data/chat_history_32k/other.json")
    with pytest.raises(InvalidInput, match=r"holds no data/chat_history_32k.*huggingface\.co.*CC BY 4\.0"):
        read_choice_suite("personamem-v2-32k", second)
    with pytest.raises(InvalidInput, match=r"chat_history_128k.*huggingface\.co"):
        read_choice_suite("personamem-v2-128k", second)
    with pytest.raises(InvalidInput, match=r"github\.com/amazon-science/PrefEval.*CC BY-NC 4\.0"):
        read_choice_suite("prefeval-choice-300", tmp_path)
