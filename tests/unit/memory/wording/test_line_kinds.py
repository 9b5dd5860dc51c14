"""Whose words each line of a message is: the person's own, code, a table, or somebody else's."""

from __future__ import annotations

import pytest

from treering.memory.wording.prose import MAX_PROSE_LINES, lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "> Please fix this text: I am a spy.\nI like tea",
            [("quotation", "> Please fix this text: I am a spy."), ("own", "I like tea")],
        ),
        ("What does this song mean?\n---", [("own", "What does this song mean?"), ("document", "---")]),
        (
            "I am a spy\nAnd I hide\nPlease translate the above",
            [("own", "I am a spy"), ("own", "And I hide"), ("own", "Please translate the above")],
        ),
        (
            "```\nPretend that I am a spy.\n```\nI like tea",
            [("code", "```"), ("code", "Pretend that I am a spy."), ("code", "```"), ("own", "I like tea")],
        ),
        (
            "```\nTom: hi\nAnn: ho\n```\nTom: I like tea",
            [("code", "```"), ("code", "Tom: hi"), ("code", "Ann: ho"), ("code", "```"), ("own", "Tom: I like tea")],
        ),
        (
            "```\nTom: hi\n```\nAnn: ho",
            [("code", "```"), ("code", "Tom: hi"), ("code", "```"), ("own", "Ann: ho")],
        ),
        (
            "I like tea\n~~~\n```\nx\n~~~\nI hate it",
            [
                ("own", "I like tea"),
                ("code", "~~~"),
                ("code", "```"),
                ("code", "x"),
                ("code", "~~~"),
                ("own", "I hate it"),
            ],
        ),
        (
            "Pretend that I am a spy.\n\nI like tea",
            [("role-play", "Pretend that I am a spy."), ("role-play", "I like tea")],
        ),
        (
            "> a\nI said > b",
            [("quotation", "> a"), ("own", "I said > b")],
        ),
        (
            "a | b\n| a | b |\na | b | c",
            [("own", "a | b"), ("table", "| a | b |"), ("table", "a | b | c")],
        ),
        (
            "x = {\n2024-03-05 10:00 started\nERROR: it broke\nnot an ERROR: it is\nI hate it;",
            [
                ("code", "x = {"),
                ("code", "2024-03-05 10:00 started"),
                ("code", "ERROR: it broke"),
                ("own", "not an ERROR: it is"),
                ("code", "I hate it;"),
            ],
        ),
        (
            "system: be nice",
            [("transcript", "system: be nice")],
        ),
        (
            "Tom: I like tea\nAnn: I hate it\nI was there",
            [("transcript", "Tom: I like tea"), ("transcript", "Ann: I hate it"), ("own", "I was there")],
        ),
        (
            "Tom: I like tea\nI was there",
            [("own", "Tom: I like tea"), ("own", "I was there")],
        ),
        (
            "User: I like tea\nMe: and cake",
            [("own", "User: I like tea"), ("own", "Me: and cake")],
        ),
        (
            "Note: I like tea\nTom: hi\nAnn: ho",
            [("own", "Note: I like tea"), ("transcript", "Tom: hi"), ("transcript", "Ann: ho")],
        ),
        (
            "I like tea. Please fix this text: I am a spy.\nIt was night.",
            [("own", "I like tea."), ("document", "Please fix this text: I am a spy."), ("document", "It was night.")],
        ),
        (
            "Hi. Is it so? Please summarise: I am a spy.",
            [("own", "Hi. Is it so?"), ("document", "Please summarise: I am a spy.")],
        ),
        (
            "I like tea\nOn 3 May Tom Smith wrote:\nI am a spy",
            [("own", "I like tea"), ("document", "On 3 May Tom Smith wrote:"), ("document", "I am a spy")],
        ),
        (
            "I like tea\n-- original message\nI am a spy",
            [("own", "I like tea"), ("document", "-- original message"), ("document", "I am a spy")],
        ),
        (
            "I like tea\nWhat does this song mean?\n\nI am a spy\nAnd I hide",
            [
                ("own", "I like tea"),
                ("own", "What does this song mean?"),
                ("document", "I am a spy"),
                ("document", "And I hide"),
            ],
        ),
        (
            "What does this song mean?\n---\nI am a spy",
            [("own", "What does this song mean?"), ("document", "---"), ("document", "I am a spy")],
        ),
        (
            "What does this song mean?\nI am not sure of it",
            [("own", "What does this song mean?"), ("own", "I am not sure of it")],
        ),
        (
            "> What does this song mean?\n\nI like it",
            [("quotation", "> What does this song mean?"), ("own", "I like it")],
        ),
        (
            "What does this song mean?",
            [("own", "What does this song mean?")],
        ),
        (
            "I like tea\nFrom: Tom\nSubject: tea\nI am a spy",
            [
                ("own", "I like tea"),
                ("document", "From: Tom"),
                ("document", "Subject: tea"),
                ("document", "I am a spy"),
            ],
        ),
        (
            "I like tea\nSubject: tea\nI am fine",
            [("own", "I like tea"), ("own", "Subject: tea"), ("own", "I am fine")],
        ),
        (
            "Dear Ann,\nI am a spy.\nLove, Tom\nHow should I answer?",
            [
                ("document", "Dear Ann,"),
                ("document", "I am a spy."),
                ("document", "Love, Tom"),
                ("document", "How should I answer?"),
            ],
        ),
        (
            "I got this\nDear Ann,\nI am a spy.\nLove,\nTom\nHow should I answer?\nI like tea",
            [
                ("own", "I got this"),
                ("document", "Dear Ann,"),
                ("document", "I am a spy."),
                ("document", "Love,"),
                ("document", "Tom"),
                ("document", "How should I answer?"),
                ("document", "I like tea"),
            ],
        ),
        (
            "Dear Ann,\nI am a spy.\nLove, Tom",
            [("own", "Dear Ann,"), ("own", "I am a spy."), ("own", "Love, Tom")],
        ),
        (
            "Dear Ann,\nI am a spy.\nLove, Tom\n",
            [("own", "Dear Ann,"), ("own", "I am a spy."), ("own", "Love, Tom")],
        ),
        (
            "Dear Ann,\nI am a spy.\nHow should I answer?",
            [("own", "Dear Ann,"), ("own", "I am a spy."), ("own", "How should I answer?")],
        ),
        (
            "I am a spy.\nLove, Tom\nHow should I answer?",
            [("own", "I am a spy."), ("own", "Love, Tom"), ("own", "How should I answer?")],
        ),
        (
            "Love, Tom\nDear Ann,\nI like tea",
            [("own", "Love, Tom"), ("own", "Dear Ann,"), ("own", "I like tea")],
        ),
        (
            "Dear Ann,\nHi Ann,\nI am a spy\nThanks,\nLove,\nI like tea",
            [
                ("document", "Dear Ann,"),
                ("document", "Hi Ann,"),
                ("document", "I am a spy"),
                ("document", "Thanks,"),
                ("document", "Love,"),
                ("document", "I like tea"),
            ],
        ),
        (
            "I am a spy\nAnd I hide\n\nPlease translate the above\nI like tea",
            [
                ("document", "I am a spy"),
                ("document", "And I hide"),
                ("own", "Please translate the above"),
                ("own", "I like tea"),
            ],
        ),
        (
            "I am a spy\n---\nPlease translate the above",
            [("document", "I am a spy"), ("document", "---"), ("own", "Please translate the above")],
        ),
        (
            "I am a spy\nPlease translate the above",
            [("own", "I am a spy"), ("own", "Please translate the above")],
        ),
        (
            "Please translate the above\nI like tea",
            [("own", "Please translate the above"), ("own", "I like tea")],
        ),
        (
            "\nPlease translate the above\nI like tea",
            [("own", "Please translate the above"), ("own", "I like tea")],
        ),
        (
            "I am a spy\n\nPlease translate the above\n\nPlease explain the text above",
            [
                ("document", "I am a spy"),
                ("document", "Please translate the above"),
                ("own", "Please explain the text above"),
            ],
        ),
        (
            "name,tea,cake\nTom,1,2\nI like tea",
            [("table", "name,tea,cake"), ("table", "Tom,1,2"), ("own", "I like tea")],
        ),
        (
            "I like tea\nname,tea\nTom,one\nAnn,two",
            [("own", "I like tea"), ("table", "name,tea"), ("table", "Tom,one"), ("table", "Ann,two")],
        ),
        (
            "name,tea\nTom,one\nI like tea",
            [("own", "name,tea"), ("own", "Tom,one"), ("own", "I like tea")],
        ),
        (
            "name;tea;cake\nTom;1;2\nI like tea",
            [("table", "name;tea;cake"), ("table", "Tom;1;2"), ("own", "I like tea")],
        ),
        (
            "name,tea;cake\nTom,1;2\nI like tea",
            [("table", "name,tea;cake"), ("table", "Tom,1;2"), ("own", "I like tea")],
        ),
        (
            "name,tea,cake\nTom,1\nI like tea",
            [("own", "name,tea,cake"), ("own", "Tom,1"), ("own", "I like tea")],
        ),
        (
            "I like tea, cake, and rice\nI like tea, milk, and rice",
            [("own", "I like tea, cake, and rice"), ("own", "I like tea, milk, and rice")],
        ),
        (
            "a,b,c\nI like it\nd,e,f",
            [("own", "a,b,c"), ("own", "I like it"), ("own", "d,e,f")],
        ),
        (
            "tea:\n  kind: green\n  hot: yes\nI like tea",
            [("code", "tea:"), ("code", "kind: green"), ("code", "hot: yes"), ("own", "I like tea")],
        ),
        (
            "tea: green\ncake: none",
            [("own", "tea: green"), ("own", "cake: none")],
        ),
        (
            "tea:\n\n  kind: green",
            [("own", "tea:"), ("own", "kind: green")],
        ),
        (
            "I like tea\ntea:\n  kind: green",
            [("own", "I like tea"), ("code", "tea:"), ("code", "kind: green")],
        ),
        (
            "tea:",
            [("own", "tea:")],
        ),
        (
            "I like this\n  kind: green",
            [("own", "I like this"), ("own", "kind: green")],
        ),
        (
            "I tried\n\n    run tea now\n    run cake now\nIt works",
            [("own", "I tried"), ("code", "run tea now"), ("code", "run cake now"), ("own", "It works")],
        ),
        (
            "    I like tea\n    I like cake",
            [("own", "I like tea"), ("own", "I like cake")],
        ),
        (
            "    I like tea\nI hate it",
            [("code", "I like tea"), ("own", "I hate it")],
        ),
        (
            "I like\n    tea with milk\nI hate it",
            [("own", "I like"), ("own", "tea with milk"), ("own", "I hate it")],
        ),
        (
            "I like\n\ttea with milk",
            [("own", "I like"), ("own", "tea with milk")],
        ),
        (
            "I hate it\n```\nx\n```\n    more of it",
            [("own", "I hate it"), ("code", "```"), ("code", "x"), ("code", "```"), ("code", "more of it")],
        ),
    ],
)
def test_each_line_has_its_kind(content: str, expected: list[tuple[str, str]]) -> None:
    found = lines(content)
    assert [(line.kind, line.span.text) for line in found] == expected
    assert all(content[line.span.start : line.span.end] == line.span.text for line in found)


def test_what_stands_behind_the_last_line_that_is_read_is_a_document() -> None:
    content = "I like tea\n" * MAX_PROSE_LINES + "and cake\nand rice"
    *own, rest = lines(content)
    assert {line.kind for line in own} == {"own"}
    assert (rest.kind, rest.span.text) == ("document", "and cake\nand rice")


def test_a_document_that_begins_within_a_line_costs_nothing_before_it() -> None:
    told = [
        (line.kind, line.span.text) for line in lines("I like tea.\nI hate rain. Please fix this text: I am a spy.")
    ]
    assert told[:2] == [("own", "I like tea."), ("own", "I hate rain.")]
