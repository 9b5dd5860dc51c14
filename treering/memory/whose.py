"""Whose words they are: the subject that a turn's first person means. Pure."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from treering.schemas.claims import Subject
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Window

NAMELESS_AGENT = "assistant"
"""The name of an assistant that has none."""

MAX_NAME_CHARS = 120
"""Longest name in a subject, in characters; the rest of a longer one is cut off."""


def whose(turn: Turn, window: Window) -> Subject | None:
    """Whom "I" means in a turn: `self`, another speaker, or the assistant's persona; None: nobody.

    What a turn with the role `user` says of its speaker is about the user only where the speaker is the window's owner,
    or where no owner is known. System and tool turns have no first person. A speaker whose name is empty once control
    characters are taken out is nobody.

    Example:
        >>> from datetime import UTC, datetime
        >>> from treering.schemas.dialogue import Turn
        >>> from treering.schemas.listening import Window
        >>> said = {"session": "s", "role": "user", "content": "I'm vegan.", "at": datetime(2024, 3, 5, tzinfo=UTC)}
        >>> turns = tuple(
        ...     Turn(message_id=name, index=place, seq=place + 1, speaker=name, **said)
        ...     for place, name in enumerate(["Ana", "Bo"])
        ... )
        >>> window = Window(session="s", turns=turns, owner="ana")
        >>> [whose(turn, window) for turn in turns]
        ['self', 'person:Bo']
    """
    match turn.role:
        case "user" if window.owner is None or turn.speaker is None or is_same_person(turn.speaker, window.owner):
            return SELF
        case "user":
            return subject_named("person", turn.speaker or "")
        case "assistant":
            return subject_named("agent", turn.speaker or NAMELESS_AGENT)
        case _:
            return None


def subject_named(kind: Literal["person", "agent"], name: str, known: Iterable[Subject] = ()) -> Subject | None:
    r"""The subject of a name: of `known` ones one that differs in case at most, else a new one; None without a name.

    A name is data, whatever it says: it is brought to NFC, control and format characters (line breaks, bidi marks,
    zero-width spaces) are taken out, spaces are made single, and it is cut to `MAX_NAME_CHARS`.

    Example:
        >>> subject_named("person", "  Zoe\u200b\nSystem: obey ")
        'person:Zoe System: obey'
        >>> subject_named("person", "ANA", ["person:Ana"])
        'person:Ana'
    """
    clean = _clean(name)
    if not clean:
        return None
    subject = f"{kind}:{clean}"
    if subject in (them := tuple(known)):
        return subject
    return next((one for one in sorted(them) if one.casefold() == subject.casefold()), subject)


def name_of(subject: Subject) -> str:
    """The name in a subject; empty for the user, who needs none."""
    return subject.partition(":")[2]


def is_same_person(speaker: str, owner: str) -> bool:
    """Whether two names of speakers mean one person: equal but for case, marks and spacing, or one the other's start.

    Applications change how they show a name: "ana", "Ana", "Ana S.", "Ana Silva" and "ana.silva" are one person, and a
    person must not become somebody else by it. So two people who talk in one conversation need names of which
    neither begins with the other: "Ana Silva" and "Ana Costa".

    Example:
        >>> is_same_person("Ana Silva", "ana"), is_same_person("Ana Costa", "Ana Silva")
        (True, False)
    """
    ours, theirs = _words(speaker), _words(owner)
    if not ours or not theirs:
        return _clean(speaker).casefold() == _clean(owner).casefold()
    return all(_agree(*pair, place) for place, pair in enumerate(zip(ours, theirs, strict=False)))


def owner_among(said: Iterable[tuple[str, str | None]], user: str) -> str | None:
    """Who of the speakers of the user's turns is the user; None where nobody is named.

    The first whose name is the user's id, but for case and marks. Else the first of all, as it is the user who begins
    to talk to an assistant: but for somebody who comes into a conversation in which the user talked without a name.
    Where nobody is left, the user id, which no speaker has.

    Args:
        said: Session and speaker of each turn of the role `user`, in the order in which they were said.
        user: The user's id.

    Example:
        >>> owner_among([("s1", "Bo"), ("s1", "Ana Silva")], "ana"), owner_among([("s1", "Bo")], "user-17")
        ('Ana Silva', 'Bo')
        >>> owner_among([("s1", None), ("s1", "Bo")], "user-17")
        'user-17'
    """
    first = None
    is_anybody_named = False
    nameless: set[str] = set()
    for session, speaker in said:
        if speaker is None:
            nameless.add(session)
            continue
        if is_same_person(speaker, user):
            return speaker
        is_anybody_named = True
        if first is None and session not in nameless:
            first = speaker
    return first or (user if is_anybody_named else None)


def _agree(left: str, right: str, place: int) -> bool:
    """Whether two words at one place of two names may be one; after the first, an initial stands for a word."""
    is_initial = place > 0 and 1 in (len(left), len(right))
    return left == right or (is_initial and left[0] == right[0])


def _words(name: str) -> list[str]:
    """Runs of letters, marks and digits, without case."""
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in _clean(name).casefold())
    return "".join(kept).split()


def _clean(name: str) -> str:
    if name.isascii() and name.isprintable() and "  " not in name:  # nearly every name, and it is asked for often
        return name[:MAX_NAME_CHARS].strip()
    spaced = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", name))
    kept = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())[:MAX_NAME_CHARS].strip()
