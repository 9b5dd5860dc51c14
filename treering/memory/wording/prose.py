"""The lines of a message that are the person's own prose: no code, tables, quotations, pasted documents. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

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
    r"|\"[^\"\n]{1,60}\"\s*:|[a-zA-Z]\w*_\w+\s*[:=]\s|\w+\(.*\)\s*;?$|<!--)"
)
_CODE_END = re.compile(r"[{};]\s*$|\)\s*:\s*$|=>\s*$")
_LOG_LINE = re.compile(
    r"\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d\b"
    r"|\[?(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|FATAL|CRITICAL)\b[\]:])"
)
_CSV_LINE = re.compile(r"[^,\n]{1,60}(?:,[^\s,][^,\n]{0,60}){2,}$")
_ROLE_LABEL = re.compile(
    r"\s*[\[<(*#|]*\s*(?:system|assistant|ai|bot|chatbot|chatgpt|gpt|model|developer|tool|function|human|customer|agent"
    r"|interviewer|therapist|narrator)\b[^:\n]{0,20}:",
    re.IGNORECASE,
)
_SPEAKER_LABEL = re.compile(r"\s*[\[*]*([A-Z][\w.'-]{0,20}(?: [A-Z][\w.'-]{0,20})?)[\]*]*\s?:[*\s]")
_OWN_LABELS = frozenset({"user", "me", "note", "ps", "p.s", "update", "edit", "question", "context"})
_TEXT_KIND = (
    r"(?:article|e-?mail|texts?|essay|transcript|document|letter|story|post|review|lyrics|poem|paragraphs?|chapter"
    r"|passage"
    r"|logs?|output|messages?|draft|bio|biography|excerpt|quote|conversation|chat|dialogue|script|recipe|report|summary"
    r"|cv|resume|statement|abstract|snippet|code|prompt|tweet|caption|speech|blog|monologue|persona|character"
    r"|sentences?"
    r"|copy)"
)
_ASKED = r"(?:^|[.!?,]\s+|\b(?:please|you|help me|let's|me|and|now)\s+)"
#: What follows the colon was not written about the speaker: "Summarise this article: …", "Here is my cover letter: …".
_DOCUMENT_AHEAD = re.compile(
    rf"(?:\b(?:here's|here is|here are|this is|below is|following is|below are)\b"
    rf"[^.!?\n]{{0,80}}\b{_TEXT_KIND}\b[^.!?\n:]{{0,80}}"
    rf"|{_ASKED}(?:translate|summari[sz]e|proofread|rewrite|re-write|edit|paraphrase|rephrase|polish|correct|fix"
    rf"|improve"
    rf"|analy[sz]e|review|revise|refine|debug|convert|shorten)\b[^.!?\n:]{{0,120}}"
    rf"|\b(?:the following|this)\b[^.!?\n:]{{0,40}}\b{_TEXT_KIND}\b[^.!?\n:]{{0,40}}"
    rf"|\b(?:he|she|they|it|who) (?:wrote|said|says|goes|reads)\b[^.!?\n:]{{0,30}})"
    r":(?=\s|\"|\u201c|$)",
    re.IGNORECASE,
)
#: From such a line on, somebody else's letter follows.
_MAIL_AHEAD = re.compile(
    r"\s*(?:-{2,}\s*(?:original message|forwarded message|begin forwarded)|begin forwarded message:"
    r"|on [^\n]{4,80} wrote:\s*$)",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(r"\s*(?:from|to|cc|bcc|subject|sent|date|reply-to):\s\S", re.IGNORECASE)
_ROLE_PLAY = re.compile(
    rf"{_ASKED}(?:pretend (?:that |to be |you|i'?m|i |we)|act as|imagine (?:that )?(?:you|i|we)\b"
    r"|role-?play (?:as|with|a|an|that|where)\b"
    r"|write (?:me )?(?:a|an|the) (?:\w+ ){0,3}(?:story|poem|song|scene|script|monologue|dialogue|letter|speech|essay))"
    r"|\blet's (?:role-?play|pretend|imagine|play a)\b|\byou are now\b|\bin this (?:scene|scenario|story)\b"
    r"|\bmy character\b|\b(?:just kidding|just joking|i(?:'m| am) (?:joking|kidding)|jk)\b|\s/s(?:\s|$)",
    re.IGNORECASE,
)
_LABELLED_LINES = 2
"""Lines with a speaker's name in front, at least, that make a transcript."""
_HEADER_LINES = 2
"""Lines like `From: …` and `Subject: …`, at least, that make a letter."""
_TABLE_LINES = 2
"""Lines of values with commas between them, at least, that make a table."""


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
    found = _with_tables(tuple(_lines(content)))
    if any(line.kind != "code" and _ROLE_PLAY.search(line.span.text) for line in found):
        return tuple(replace(line, kind="role-play") for line in found)
    transcript = sum(line.kind != "code" and _speaker(line.span.text) is not None for line in found) >= _LABELLED_LINES
    letter = _letter(found)
    kept: list[Line] = []
    is_document = False
    for number, line in enumerate(found):
        is_document = is_document or number >= letter or _MAIL_AHEAD.match(line.span.text) is not None
        ahead = None if is_document or line.kind != "own" else _DOCUMENT_AHEAD.search(line.span.text)
        if is_document:
            kept.append(replace(line, kind="document"))
        elif ahead and not _is_foreign_speaker(line.span.text, transcript=transcript):
            end = _sentence_end(line.span.text, ahead.start())
            kept += [replace(line, span=line.span.cut(0, end)), Line(span=line.span.cut(end), kind="document")]
            is_document = True
        elif line.kind == "own" and _is_foreign_speaker(line.span.text, transcript=transcript):
            kept.append(replace(line, kind="transcript"))
        else:
            kept.append(line)
    return tuple(line for line in kept if line.span.text)


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


def _with_tables(found: Sequence[Line]) -> list[Line]:
    """The same lines, where several in a row hold as many values with commas between them as a table."""
    kept = list(found)
    commas = [line.span.text.count(",") if _CSV_LINE.match(line.span.text) else 0 for line in found]
    for number, many in enumerate(commas):
        beside = commas[max(0, number - 1) : number] + commas[number + 1 : number + _TABLE_LINES]
        if many and many in beside:
            kept[number] = replace(found[number], kind="table")
    return kept


def _letter(found: Sequence[Line]) -> int:
    """The place of the first line of a letter's head; behind the last line where there is none."""
    heads = [number for number, line in enumerate(found) if _MAIL_HEADER.match(line.span.text)]
    return heads[0] if len(heads) >= _HEADER_LINES else len(found)


def _is_foreign_speaker(text: str, *, transcript: bool) -> bool:
    return transcript and _speaker(text) is not None


def _sentence_end(text: str, at: int) -> int:
    return at + 1 if at < len(text) and text[at] in ".!?" else at


def _speaker(text: str) -> str | None:
    label = _SPEAKER_LABEL.match(text)
    return label[1] if label and label[1].lower() not in _OWN_LABELS else None
