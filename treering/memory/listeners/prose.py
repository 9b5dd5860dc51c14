"""The lines of a message that are the person's own prose: no code, tables, quotations, pasted documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.listeners.sentences import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PROSE_LINES = 400
"""Lines of one message that are read. A longer message is a document, and its rest is left alone."""

_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_CODE_LINE = re.compile(
    r"\s*(?:[$#>]\s?\S|import \w|from \w+ import|def \w|class \w+[(:]|function\b|const |let \w+ ?=|var \w+ ?="
    r"|return\b.*;"
    r"|SELECT\b|INSERT INTO|UPDATE \w+ SET|</?[a-zA-Z][^<>]{0,200}>|[{}\[\]]|//|/\*|#include|Traceback|File \")"
)
_CODE_END = re.compile(r"[{};]\s*$|\)\s*:\s*$|=>\s*$")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    span: Span
    fenced: bool


def own_prose(content: str) -> tuple[Span, ...]:
    r"""Lines in which the person speaks for themselves; none where the message is role-play or a flagged joke.

    Example:
        >>> [line.text for line in own_prose("I like tea.\n> I like coffee.\nMe too")]
        ['I like tea.', 'Me too']
    """
    lines = [line for line in _lines(content) if not line.fenced]
    if any(_ROLE_PLAY.search(line.span.text) for line in lines):
        return ()
    transcript = _is_transcript(lines)
    kept: list[Span] = []
    for line in lines:
        if _is_foreign(line.span.text, transcript=transcript):
            continue
        ahead = _DOCUMENT_AHEAD.search(line.span.text)
        if ahead:
            kept.append(line.span.cut(0, _sentence_end(line.span.text, ahead.start())))
            break
        kept.append(line.span)
    return tuple(span for span in kept if span.text)


def _lines(content: str) -> Iterator[_Line]:
    start, fence = 0, ""
    for number, raw in enumerate(content.splitlines(keepends=True)):
        if number >= MAX_PROSE_LINES:
            return
        mark = _FENCE.match(raw)
        fenced = bool(fence or mark)
        if mark:
            fence = "" if fence == mark[1] else (fence or mark[1])
        yield _Line(span=Span(text=raw, start=start).cut(0), fenced=fenced)
        start += len(raw)


def _is_foreign(text: str, *, transcript: bool) -> bool:
    if not text or text[0] == ">" or text.count("|") > 1 or "\t" in text:
        return True
    if _CODE_LINE.match(text) or _CODE_END.search(text) or _ROLE_LABEL.match(text):
        return True
    return transcript and _speaker(text) is not None


def _sentence_end(text: str, at: int) -> int:
    return at + 1 if at < len(text) and text[at] in ".!?" else at


def _is_transcript(lines: list[_Line]) -> bool:
    speakers = [name for line in lines if (name := _speaker(line.span.text))]
    return len(speakers) >= _LABELLED_LINES


def _speaker(text: str) -> str | None:
    label = _SPEAKER_LABEL.match(text)
    return label[1] if label and label[1].lower() not in _OWN_LABELS else None
