"""Sentences taken apart, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.clauses import MAX_CLAUSES, clauses
from treering.memory.wording.sentences import Span


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Well, in 2018 I moved, and I'm vegan now.", ["I moved in 2018", "I'm vegan now."]),
        ("I moved last week and I'm tall.", ["I moved last week", "I'm tall."]),
        ("I love cooking, I hate cleaning", ["I love cooking", "I hate cleaning"]),
        ("I have a dog, a cat and my own horse.", ["I have a dog, a cat and my own horse."]),
        ("My wife and I bought a house", ["My wife and I bought a house"]),
        ("My sister lives in Porto and my brother is a cook.", ["My sister lives in Porto", "my brother is a cook."]),
        ("I'm allergic to nuts, what can I eat?", ["I'm allergic to nuts"]),
        ("Since I'm vegan, what should I cook?", ["Since I'm vegan"]),
        ("I realize I should have mentioned that I prefer tea", ["I prefer tea"]),
        ("I think I'm too shy for that", ["I'm too shy for that"]),
        ("When I'm stressed, I bake.", ["I bake when I'm stressed"]),
        ("Since I'm vegan, I avoid cheese.", ["I avoid cheese since I'm vegan"]),
        ("Looking back, I loved it.", ["I loved it"]),
        ("Despite my fear, I flew.", ["I flew"]),
        ("Last week I moved", ["I moved last week"]),
        ("In 2018, I began a podcast, but it took ages.", ["I began a podcast in 2018, but it took ages"]),
        ("User: I like tea", ["I like tea"]),
        ("Remember that I'm vegan.", ["I'm vegan."]),
        ("Allergic to nuts, by the way.", ["I'm allergic to nuts"]),
        ("Been vegan for ten years now.", ["I've been vegan for ten years now."]),
        ("Just moved to Lisbon!", ["I just moved to Lisbon!"]),
        ("Love hiking.", ["I love hiking."]),
        ("Love it!", []),
        ("As a nurse I work nights.", ["I work nights as a nurse"]),
        ("Just yesterday, I joined a band.", ["I joined a band yesterday"]),
        ("And just last month, I joined a band.", ["I joined a band last month"]),
        ("The result, I believe, will honor my roots.", ["The result, I believe, will honor my roots."]),
        ("If it rains, I take the bus.", ["I take the bus if it rains"]),
        ("If it rains tomorrow, I'll take the bus.", []),
        ("If I had time, I'd read more.", []),
        ("On weekdays I get up at six.", ["I get up at six on weekdays"]),
        ("For breakfast I have oatmeal.", ["I have oatmeal for breakfast"]),
        ("In my opinion I cook well.", ["I cook well."]),
        ("Me and my wife have twins.", ["My wife and I have twins."]),
        ("A note about me: I am left-handed.", ["I am left-handed."]),
        ("To answer your question: I have two brothers.", ["I have two brothers."]),
        ("I'd like you to know that I breed pigeons.", ["I breed pigeons."]),
        ("bio: I am a widow", []),
        ("The song begins with: I hate the summer.", []),
        ("My doctor told me that I have asthma.", ["I have asthma."]),
        ("My neighbour told me that I have his keys.", []),
        ("I wonder why, but I know that I love the sea.", ["I love the sea."]),
        ("Unlike my flatmates I never drink.", ["I never drink unlike my flatmates"]),
        ("In another life I am a sailor.", []),
        ("Say I weigh 120 kilos and smoke.", []),
        ("If I were rich, I'd travel.", []),
        ("Should I go?", []),
        ("Can you help me with my taxes?", []),
        ("Thanks, I appreciate it.", []),
        ("", []),
    ],
)
def test_clauses(sentence: str, expected: list[str]) -> None:
    assert [clause.text for clause in clauses(Span(text=sentence, start=0))] == expected


def test_each_clause_quotes_its_own_words() -> None:
    sentence = "Well, I love tea, and I hate coffee."
    found = clauses(Span(text=sentence, start=7))
    assert [clause.span.text for clause in found] == ["Well, I love tea", "I hate coffee."]
    assert all(sentence[clause.span.start - 7 :].startswith(clause.span.text) for clause in found)


def test_a_flood_of_clauses_is_bounded() -> None:
    assert len(clauses(Span(text="I love tea and " * 50, start=0))) <= MAX_CLAUSES
