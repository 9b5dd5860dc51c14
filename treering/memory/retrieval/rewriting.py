"""Rule-made rewrites of a question: its parts, the names that the tree knows, the words without their frame. Pure.

English only, like everything that works without a model. A rewrite is another search, never another question: what is
found by it is still held against what was asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import STOP_WORDS, stem, terms
from treering.memory.retrieval.times.kinds import asks_about_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_REWRITES = 3
"""Searches of one round, beside those before. More bring the same lines again."""

MAX_REWRITE_CHARS = 300
"""Longest rewrite, in characters: a search is a few words."""

MAX_PARTS = 3
"""Parts that a question is taken apart into; what asks for more is read as one."""

MIN_CLAUSE_WORDS = 3
"""Fewest words of a part that stands by itself: "and why?" is none."""

MAX_READ_CHARS = 2_000
"""What is looked at of a question, in characters: a longer one is a document, and has no parts to speak of."""

COVERED = 0.6
"""Share of a part's words that a line must hold for the part to be covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """One search for a question."""

    text: str
    """What is searched for."""
    is_own_words: bool = False
    """Every word of it is one of the question: it asks for nothing that the question did not ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A name that the tree knows for somebody or something of the person's."""

    noun: str
    """What it is to the person, in lower case: `sister`."""
    name: str
    """`Marta`."""


_ASKING = (
    r"(?:what|which|who|whom|whose|where|when|why|how|is|are|was|were|am|do|does|did|has|have|had|can|could|should|would"
    r"|will|tell|give|list|show|name)"
)
_CLAUSES = re.compile(
    rf"(?:[?!.;]+|,)?\s+(?:and|or|but)(?:\s+(?:also|then))?\s+(?={_ASKING}\b)|[?!]+\s+", re.IGNORECASE
)
#: A thing in an enumeration: a name, or a noun with what stands close before it.
_THING = r"(?:(?:my|your|his|her|their|our|the|a|an)\s+)?(?:[A-Z][\w'\u2019-]*(?:\s+[A-Z][\w'\u2019-]*)*|[\w'\u2019-]+)"
_AND = r"\s+(?:and|or|vs\.?|versus|compared\s+(?:to|with)|rather\s+than)\s+"
_OWN = r"(?:my|your|his|her|their|our|the)"
_JOINED = (
    # "my old job and my new job", before "job and my"
    re.compile(rf"\b(?P<first>{_OWN}\s+\w+\s+\w+){_AND}(?P<second>{_OWN}\s+\w+\s+\w+)"),
    re.compile(rf"(?P<first>{_THING}){_AND}(?P<second>{_THING})"),
)
_TOGETHER = re.compile(r"\b(?:both|either|respectively|each other)\b\s*", re.IGNORECASE)
#: "between May and July" is one thing, and so is "up and down".
_ONE_THING = re.compile(
    r"\bbetween\s+$|\b(?:now|then|more|again|up|down|on|off|ups|downs|there|here|in|out|pros|cons|so|why|how|back)$",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"^\W*(?:(?:please|hey|so|ok(?:ay)?|well|hi|hello)\b[\s,]*)*"
    r"(?:(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?|please\s+)?(?:tell|remind|show|give)\s+me\s+(?:again\s+)?"
    r"(?:about\s+|of\s+)?|do\s+you\s+(?:still\s+)?(?:remember|know|recall)\s+(?:if\s+|whether\s+)?"
    r"|i(?:'d|\s+would)\s+like\s+to\s+know\s+|i(?:'m|\s+am|\s+was)\s+wondering\s+(?:if\s+|whether\s+)?"
    r"|(?:based\s+on|given|from|according\s+to)\s+(?:what|everything)\s+(?:you|we)\s+\w+[\w\s]*,\s*)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_NAME = r"[^\W\d_a-z][\w'\u2019-]+(?:\s+[^\W\d_a-z][\w'\u2019-]+)*"
_NAMED = re.compile(
    rf"(?P<noun>[^\W\d_]+(?:-[^\W\d_]+)*)(?:\s+(?:is|are|was|were))?(?:\s*,)?(?:\s+(?:named|called))?\s+"
    rf"(?P<names>{_NAME}(?:(?:\s*,\s*|\s+and\s+){_NAME})*)"
)
_OWNED = re.compile(r"(?:\b(?:my|your|his|her|their|our)|['\u2019]s)\s+(?P<nouns>[^\W\d_]+(?:[- ][^\W\d_]+){0,2})")


def parts(question: str) -> tuple[str, ...]:
    """What a question asks for, one by one; the question alone where it asks for one thing.

    Example:
        >>> parts("Where does Ana live and what does she do?")
        ('Where does Ana live', 'what does she do?')
        >>> parts("What do Jon and Gina both like?")
        ('What do Jon like?', 'What do Gina like?')
    """
    text = question[:MAX_READ_CHARS].strip()
    several = clauses(text)
    if len(several) > 1:
        return several
    for joined in (found for pattern in _JOINED for found in pattern.finditer(text)):
        before, after = text[: joined.start()], text[joined.end() :]
        if _ONE_THING.search(before) or any(_ONE_THING.search(joined[side]) for side in ("first", "second")):
            continue
        if not terms(joined["first"]) or not terms(joined["second"]):
            continue
        return tuple(_TOGETHER.sub("", f"{before}{joined[side]}{after}") for side in ("first", "second"))
    return (text,)


def clauses(question: str) -> tuple[str, ...]:
    """The questions that a question is made of; at most `MAX_PARTS`, or the whole as one."""
    text = question[:MAX_READ_CHARS].strip()
    several = [clause.strip() for clause in _CLAUSES.split(text) if len(_WORD.findall(clause)) >= MIN_CLAUSE_WORDS]
    return tuple(several) if 1 < len(several) <= MAX_PARTS else (text,)


def unframed(question: str) -> str:
    """The words that carry the subject, in order and as written: what a statement would share with the question.

    Example:
        >>> unframed("Can you tell me what activities Melanie does with her family?")
        'activities Melanie family'
    """
    text = _FRAME.sub("", question[:MAX_READ_CHARS])
    return " ".join(word for word in _WORD.findall(text) if _bare(word) not in STOP_WORDS)


def namings(statements: Iterable[str]) -> tuple[Naming, ...]:
    """The names in claims about people and things of the person's.

    Example:
        >>> [(one.noun, one.name) for one in namings(["has a sister named Marta", "has two brothers, Rui and Pedro"])]
        [('sister', 'Marta'), ('brothers', 'Rui'), ('brothers', 'Pedro')]
    """
    return tuple(
        Naming(noun=found["noun"].lower(), name=name)
        for statement in statements
        for found in _NAMED.finditer(statement)
        for name in re.split(r"\s*,\s*|\s+and\s+", found["names"])
    )


def named(question: str, known: Sequence[Naming]) -> tuple[str, ...]:
    """The question with the name beside each thing of the person's that has one: once a name, where there are several.

    The noun stays: turns from before the name was said have only the noun.

    Example:
        >>> named("What does my sister do?", [Naming(noun="sister", name="Marta")])
        ('What does my sister Marta do?',)
    """
    text = question[:MAX_READ_CHARS]
    for owned in _OWNED.finditer(text):
        for noun in re.finditer(r"[\w-]+", owned["nouns"]):
            wanted, end = stem(noun.group().lower()), owned.start("nouns") + noun.end()
            names = dict.fromkeys(one.name for one in known if stem(one.noun) == wanted and one.name not in text)
            if names:
                return tuple(f"{text[:end]} {name}{text[end:]}" for name in names)
    return ()


def with_values(question: str, values: Sequence[str]) -> str | None:
    """The question's words and what the tree says on its subject; None if the tree says nothing more than it.

    Example:
        >>> with_values("Where should we go for dinner?", ["is allergic to peanuts"])
        'go dinner allergic peanuts'
    """
    asked = unframed(question)
    known = set(terms(asked))
    more = [word for value in values for word in _WORD.findall(value) if not set(terms(word)) <= known]
    return f"{asked} {' '.join(dict.fromkeys(more))}" if more else None


def names_in(lines: Iterable[str], *, besides: str) -> tuple[str, ...]:
    """The names in lines, in order of appearance; those that `besides` has are left out.

    A capital at the beginning of a sentence makes no name.

    Example:
        >>> names_in(["I met Tom at the fair. Then Tom left.", "Later we saw Eva."], besides="Who is Eva?")
        ('Tom',)
    """
    has = {_bare(word) for word in _WORD.findall(besides)}
    names: dict[str, None] = {}
    for line in lines:
        for found in re.finditer(rf"(?<=[^\W_][,;]\s|[\w']{{2}}\s)(?P<name>{_NAME})", line):
            words = {_bare(word) for word in _WORD.findall(found["name"])}
            if not words & (has | STOP_WORDS):
                names[found["name"]] = None
    return tuple(names)


def first_rewrites(question: str, *, known: Sequence[Naming], values: Sequence[str]) -> tuple[Rewrite, ...]:
    """What is searched for beside the question: its parts, then with names, then without its frame, then with values.

    Args:
        question: The question.
        known: Names that the tree knows.
        values: What the tree says on the question's subject, as recall has let it through.
    """
    made = [*parts(question), *named(question, known), _FRAME.sub("", question)]
    extended = with_values(question, values)
    return usable([*made, extended] if extended else made, question, tried=[question])


def next_rewrites(
    question: str, found: Sequence[str], *, known: Sequence[Naming], tried: Iterable[str]
) -> tuple[Rewrite, ...]:
    """The second hop: the question's words with each name that the lines found so far bring up.

    Args:
        question: The question.
        found: Lines, best first.
        known: Names that the tree knows: the first round has taken up those that the question means.
        tried: What was searched for before.
    """
    asked = unframed(question)
    besides = " ".join([question, *(one.name for one in known)])
    return usable([f"{asked} {name}" for name in names_in(found, besides=besides)], question, tried=tried)


def usable(rewrites: Iterable[str], question: str, *, tried: Iterable[str]) -> tuple[Rewrite, ...]:
    """The rewrites that are worth a search, at most `MAX_REWRITES`.

    Left out: what has no words or too many, what was searched for before, and what asks how something has changed
    where the question does not, since that would bring up what is no longer so.
    """
    seen = {_key(text) for text in tried}
    own = set(terms(question))
    kept: list[Rewrite] = []
    for rewrite in rewrites:
        text = " ".join(rewrite.split())
        is_new = terms(text) and len(text) <= MAX_REWRITE_CHARS and _key(text) not in seen
        if is_new and (asks_about_change(question) or not asks_about_change(text)):
            seen.add(_key(text))
            kept.append(Rewrite(text=text, is_own_words=own.issuperset(terms(text))))
    return tuple(kept[:MAX_REWRITES])


def uncovered(question: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The parts of a question that no line says much about: none holds `COVERED` of their words."""
    held = [set(terms(line)) for line in lines]
    return tuple(
        part
        for part in parts(question)
        if not any(len(set(terms(part)) & one) >= COVERED * len(set(terms(part))) for one in held)
    )


def _bare(word: str) -> str:
    return word.casefold().replace("\u2019", "'").removesuffix("'s")


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
