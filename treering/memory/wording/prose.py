"""The lines of a message that are the person's own prose: no code, tables, quotations, pasted documents. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from treering.memory.wording.folding import fold
from treering.memory.wording.irony import is_flagged_joke
from treering.memory.wording.sentences import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_PROSE_LINES = 400
"""Lines of one message that are read. A longer message is a document, and its rest is left alone."""

LineKind = Literal["own", "code", "table", "quotation", "transcript", "document", "role-play"]

_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_CODE_LINE = re.compile(
    r"\s*(?:[$#>]\s?\S|import \w|from \w+ import|def \w|class \w+[(:]|function\b|const |let \w+ ?=|var \w+ ?="
    r"|return\b.*;"
    r"|SELECT\b|INSERT INTO|UPDATE \w+ SET|</?[a-zA-Z][^<>]{0,200}>|[{}\[\]]|//|/\*|#include|Traceback|File \""
    r"|\"[^\"\n]{1,60}\"\s*:|[a-zA-Z]\w*_\w+\s*[:=]\s|\w+\(.*\)\s*;?$|<!--|assert\b|E\s{2,}\S|\w+(?:Error|Exception"
    r"|Warning):|commit [0-9a-f]{6,}|rm -\w|sudo \w|curl \S|wget \S|DROP TABLE|DELETE FROM|INSERT\b)"
)
_CODE_END = re.compile(r"[{};]\s*$|\)\s*:\s*$|=>\s*$")
_LOG_LINE = re.compile(
    r"\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d\b"
    r"|\[?(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|FATAL|CRITICAL)\b(?:[\]:]|\s+\[?\d{4}-))"
)
_CSV_LINE = re.compile(r"[^,;\n]{1,60}(?:[,;][^\s,;][^,;\n]{0,60})+$")
_KEY_LINE = re.compile(r"(?P<indent>[ ]*)[a-z][\w-]{0,30}:(?P<value>[ ]\S|\s*$)")
_INDENTED = re.compile(r"(?: {4,}|\t)\S")
_ROLE_LABEL = re.compile(
    r"\s*[\[<(*#|]*\s*(?:system|assistant|ai|bot|chatbot|chatgpt|gpt|model|developer|tool|function|human|customer"
    r"|agent"
    r"|interviewer|therapist|narrator)\b[^:\n]{0,20}:",
    re.IGNORECASE,
)
_SPEAKER_LABEL = re.compile(r"\s*[\[*]*([A-Z][\w.'-]{0,20}(?: [A-Z][\w.'-]{0,20})?)[\]*]*\s?:[*\s]")
_OWN_LABELS = frozenset({"user", "me", "note", "ps", "p.s", "update", "edit", "question", "context"})
_TEXT_KIND = (
    r"(?:article|e-?mail|texts?|essay|transcript|document|letter|story|post|review|lyrics|poem|paragraphs?|chapter"
    r"|passage"
    r"|logs?|output|messages?|draft|bio|biography|excerpt|quote|conversation|chat|dialogue|script|recipe|report"
    r"|summary"
    r"|cv|resume|statement|abstract|snippet|code|prompt|tweet|caption|speech|blog|monologue|persona|character"
    r"|sentences?"
    r"|copy)"
)
_ASKED = r"(?:^|[.!?,]\s+|\b(?:please|you|help me|let's|me|and|now)\s+)"
#: What follows the colon was not written about the speaker: "Summarise this article: …", "Here is my cover letter: …".
_DOCUMENT_AHEAD = re.compile(
    rf"(?:\b(?:here's|here is|here are|this is|below is|following is|below are)\b"
    rf"[^.!?\n]{{0,80}}\b{_TEXT_KIND}\b[^.!?\n:]{{0,80}}"
    rf"|{_ASKED}(?:extract|explain|identify|assess|grade|rate|evaluate|classify|categori[sz]e|parse|read|format"
    rf"|critique"
    r"|comment on|reply to|respond to)\b[^.!?\n:]{0,80}"
    rf"|{_ASKED}(?:translate|summari[sz]e|proofread|rewrite|re-write|edit|paraphrase|rephrase|polish|correct|fix"
    rf"|improve"
    rf"|analy[sz]e|review|revise|refine|debug|convert|shorten)\b[^.!?\n:]{{0,120}}"
    rf"|\b(?:the following|this)\b[^.!?\n:]{{0,40}}\b{_TEXT_KIND}\b[^.!?\n:]{{0,40}}"
    rf"|\b(?:he|she|they|it|who|the (?:\w+ )?(?:{_TEXT_KIND}|mail|note|sign|page|website|site|ad|song|book|poster"
    rf"|label|bot|user|customer))"
    r" (?:wrote|writes|said|says|goes|reads|states)\b[^.!?\n:]{0,30})"
    r":(?=\s|\"|\u201c|$)"
    rf"|\b(?:points?|summary|translation|outline|title|headline|version|analysis|gist) of (?:this"
    rf"|the following) (?:{_TEXT_KIND}|song)\b[.:](?=\s)",
    re.IGNORECASE,
)
#: From such a line on, somebody else's letter follows.
_MAIL_AHEAD = re.compile(
    r"\s*(?:-{2,}\s*(?:original message|forwarded message|begin forwarded)|begin forwarded message:"
    r"|on [^\n]{4,80} wrote:\s*$)",
    re.IGNORECASE,
)
#: So does what stands below a line like "What does this song mean?" or "Translate the following into German.".
_DOCUMENT_BELOW = re.compile(
    rf"(?:{_ASKED}(?:translate|summari[sz]e|proofread|rewrite|edit|paraphrase|rephrase|polish|correct|improve"
    rf"|analy[sz]e|review"
    rf"|revise|explain|critique|interpret|shorten|extract)\b[^.!?\n]{{0,60}}\b(?:this|the following|below|these)\b"
    rf"|\b(?:this|these|the following)(?: \w+)? (?:{_TEXT_KIND}|song|verse|verses|quote|joke|riddle|puzzle|extract"
    rf"|page)\b[^.!?\n]{{0,60}}[.?!:]?$"
    rf"|\b(?:points?|summary|translation|outline|title|headline|version|list|analysis|gist) of (?:this"
    rf"|the following) (?:{_TEXT_KIND}|song)\b[.:]?$"
    r"|\b(?:the following|see below|text below|pasted below)\b[^.!?\n]{0,40}[.?!:]?$)",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"{_ASKED}(?:translate|summari[sz]e|proofread|rewrite|edit|paraphrase|explain|analy[sz]e|review|shorten"
    rf"|what does)\b[^.!?\n]{{0,40}}"
    rf"(?:\babove\b|\bthis {_TEXT_KIND}\b)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\s*(?:(?:dear|hello|hi|hey|good (?:morning|evening|afternoon))\b[\w .'-]{0,30}[,!]|subject:.*)$", re.IGNORECASE
)
_SIGN_OFF = re.compile(
    r"\s*(?:(?:with )?(?:love|best|best wishes|kind regards|regards|sincerely|yours(?: \w+)?|cheers|warmly|hugs"
    r"|thanks|many thanks)"
    r"(?:,| -|$)[\w .'-]{0,30})$",
    re.IGNORECASE,
)
_RULE_LINE = re.compile(r"\s*(?:[-=*_#~]{3,}|\W*(?:BEGIN|START|END)\b[\w ]*\W*)$")
_MAIL_HEADER = re.compile(r"\s*(?:from|to|cc|bcc|subject|sent|date|reply-to):\s\S", re.IGNORECASE)
_ROLE_PLAY = re.compile(
    rf"{_ASKED}(?:pretend (?:that |to be |you|i'?m|i |we)|act as|imagine (?:that )?(?:you|i|we)\b"
    r"|role-?play (?:as|with|a|an|that|where)\b"
    r"|(?:write|give|make|compose|draft|create|sing|invent|continue|finish)(?: me| us)? (?:a|an|the|my"
    r"|this) (?:\w+ ){0,3}"
    r"(?:story|poem|song|scene|script|monologue|dialogue|letter|speech|essay|diary|diary entry|journal entry|rap|haiku"
    r"|limerick|sonnet|novel|fairy ?tale|sketch)\b)"
    r"|^[\w' ]{0,20}\b(?:monologue|lyrics|verse|chorus|script|screenplay|dialogue|fanfic\w*)\b[^.!?:\n]{0,40}:"
    r"|\b(?:scene|act) (?:one|two|three|\d+)\b[.:,]"
    r"|\bin the first person:|\bfrom the (?:perspective|point of view|viewpoint|pov) of\b"
    r"|\b(?:hero|heroine|protagonist|narrator|villain|main character|character) (?:\w+ )?(?:says|said|thinks|goes"
    r"|shouts|tells)\b"
    r"|\b(?:line|sentence|paragraph|chapter|page|beginning|opening|ending|draft|scene) (?:of|for|from) (?:my|the"
    r"|our|a) (?:\w+ )?"
    r"(?:novel|story|book|script|screenplay|play|poem|song|film|movie|thriller|memoir)\b"
    r"|\bfor (?:my|our|the|a|this) (?:[\w&'-]+ ){0,3}(?:campaign|rpg|larp|role-?play|character sheet|screenplay"
    r"|novel|story|script|cosplay)\s*:"
    r"|\bas [A-Z][\w'-]+(?: [A-Z][\w'-]+)?,? I(?: would|'d) (?:say|answer|tell|think|do)\b"
    r"|\blet's (?:role-?play|pretend|imagine|play a)\b|\byou are now\b|\bin this (?:scene|scenario|story)\b"
    r"|\bmy character\b",
    re.IGNORECASE,
)
_LABELLED_LINES = 2
"""Lines with a speaker's name in front, at least, that make a transcript."""
_HEADER_LINES = 2
"""Lines like `From: …` and `Subject: …`, at least, that make a letter."""
_TABLE_LINES = 2
"""Lines of three values or more with commas between them, at least, that make a table; of two values one more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a message, and whose prose it is."""

    span: Span
    kind: LineKind


def own_prose(content: str) -> tuple[Span, ...]:
    r"""Lines in which the person speaks for themselves; none where the message is role-play or a flagged joke.

    Example:
        >>> [line.text for line in own_prose("I like tea.\n> I like coffee.\nMe too")]
        ['I like tea.', 'Me too']
    """
    return tuple(line.span for line in lines(content) if line.kind == "own")


def lines(content: str) -> tuple[Line, ...]:
    r"""The lines of a message, trimmed, each with its kind; a line that turns into a document is two.

    Example:
        >>> [(line.kind, line.span.text) for line in lines("Hi. Please fix this text: I like tea.\n| a | b |")]
        [('own', 'Hi.'), ('document', 'Please fix this text: I like tea.'), ('document', '| a | b |')]
    """
    found = _with_blocks(tuple(_lines(content)), content)
    if any(line.kind != "code" and _is_played(line.span.text) for line in found):
        return tuple(replace(line, kind="role-play") for line in found if line.span.text)
    transcript = sum(line.kind != "code" and _speaker(line.span.text) is not None for line in found) >= _LABELLED_LINES
    first, last = _document_below(found), _document_above(found)
    kept: list[Line] = []
    is_document = False
    for number, line in enumerate(found):
        text = line.span.text
        is_document = is_document or number >= first or _MAIL_AHEAD.match(text) is not None
        ahead = None if is_document or line.kind != "own" else _DOCUMENT_AHEAD.search(text)
        if is_document or number < last:
            kept.append(replace(line, kind="document"))
        elif line.kind == "own" and transcript and _speaker(text) is not None:
            kept.append(replace(line, kind="transcript"))
        elif ahead:
            end = _sentence_end(text, ahead.start())
            kept += [replace(line, span=line.span.cut(0, end)), Line(span=line.span.cut(end), kind="document")]
            is_document = True
        else:
            kept.append(line)
    return tuple(line for line in kept if line.span.text)


def _is_played(text: str) -> bool:
    plain = fold(text)
    return _ROLE_PLAY.search(plain) is not None or is_flagged_joke(plain)


def _lines(content: str) -> Iterator[Line]:
    start, fence = 0, ""
    for number, raw in enumerate(content.splitlines(keepends=True)):
        if number >= MAX_PROSE_LINES:
            yield Line(span=Span(text=content[start:], start=start).cut(0), kind="document")
            return
        span = Span(text=raw, start=start).cut(0)
        mark = _FENCE.match(raw)
        yield Line(span=span, kind="code" if fence or mark else _kind(span.text))
        if mark:
            fence = "" if fence == mark[1] else (fence or mark[1])
        start += len(raw)


def _kind(text: str) -> LineKind:
    if text[:1] == ">":
        return "quotation"
    if text.count("|") > 1 or "\t" in text:
        return "table"
    if _CODE_LINE.match(text) or _CODE_END.search(text) or _LOG_LINE.match(text):
        return "code"
    return "transcript" if _ROLE_LABEL.match(text) else "own"


def _with_blocks(found: Sequence[Line], content: str) -> list[Line]:
    """The same lines, where several in a row are a table, a file of settings, or an indented block of code."""
    kept = list(found)
    raws = [content[content.rfind("\n", 0, line.span.start) + 1 : line.span.end] for line in found]
    commas = [
        line.span.text.count(",") + line.span.text.count(";") if _CSV_LINE.match(line.span.text) else 0
        for line in found
    ]
    keys = [_KEY_LINE.match(raw) for raw in raws]
    opens = [key is not None and not key["value"].strip() for key in keys]
    flush = any(line.span.text and not _INDENTED.match(raw) for line, raw in zip(found, raws, strict=True))
    for number, line in enumerate(found):
        if line.kind != "own":
            continue
        run = _run(commas, number)
        before = number == 0 or not found[number - 1].span.text or kept[number - 1].kind == "code"
        if commas[number] and run >= (_TABLE_LINES if commas[number] > 1 else _TABLE_LINES + 1):
            kept[number] = replace(line, kind="table")
        elif (keys[number] and _is_nested(keys, opens, number)) or (flush and before and _INDENTED.match(raws[number])):
            kept[number] = replace(line, kind="code")
    return kept


def _run(values: Sequence[int], at: int) -> int:
    """How many neighbours of a value, it included, are equal to it."""
    first = last = at
    while first > 0 and values[first - 1] == values[at]:
        first -= 1
    while last + 1 < len(values) and values[last + 1] == values[at]:
        last += 1
    return last - first + 1


def _is_nested(keys: Sequence[re.Match[str] | None], opens: Sequence[bool], at: int) -> bool:
    """Whether a line "key: value" stands under a line "key:", or is that line with such lines under it."""
    if opens[at]:
        following = keys[at + 1] if at + 1 < len(keys) else None
        return following is not None and bool(following["indent"])
    while at > 0 and keys[at] is not None:
        if opens[at]:
            return True
        at -= 1
    return keys[at] is not None and opens[at]


def _document_below(found: Sequence[Line]) -> int:
    """The place of the first line of a pasted text; behind the last line where there is none."""
    heads = [number for number, line in enumerate(found) if _MAIL_HEADER.match(line.span.text)]
    firsts = [heads[0]] if len(heads) >= _HEADER_LINES else []
    for number, line in enumerate(found[:-1]):
        below = found[number + 1].span.text
        if line.kind == "own" and (not below or _RULE_LINE.match(below)) and _DOCUMENT_BELOW.search(line.span.text):
            firsts.append(number + 1)
    return min([*firsts, *_letter_to_answer(found)], default=len(found))


def _letter_to_answer(found: Sequence[Line]) -> list[int]:
    """The place of a letter's greeting, where a request stands below its end; empty where there is no such letter."""
    greetings = [number for number, line in enumerate(found) if _GREETING.match(line.span.text)]
    ends = [number for number, line in enumerate(found) if _SIGN_OFF.match(line.span.text)]
    is_letter = (
        bool(greetings and ends) and greetings[0] < ends[-1] and any(line.span.text for line in found[ends[-1] + 1 :])
    )
    return greetings[:1] if is_letter else []


def _document_above(found: Sequence[Line]) -> int:
    """The place behind the last line of a pasted text that the message asks about below it; 0 where there is none."""
    for number in range(len(found) - 1, 1, -1):
        above = found[number - 1].span.text
        if (not above or _RULE_LINE.match(above)) and _ABOVE.search(found[number].span.text):
            return number
    return 0


def _sentence_end(text: str, at: int) -> int:
    return at + 1 if at < len(text) and text[at] in ".!?" else at


def _speaker(text: str) -> str | None:
    label = _SPEAKER_LABEL.match(text)
    return label[1] if label and label[1].lower() not in _OWN_LABELS else None
