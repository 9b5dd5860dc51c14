"""What a model is shown of a window: the slots, the claims that matter, and the turns, all as data.

What is the same for every window comes first, byte for byte, so that a provider can keep it in its cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from treering.memory.listeners.model_claims import claim_lines, relevant_claims
from treering.memory.listeners.model_evidence import is_users
from treering.memory.listeners.model_names import shown_turns
from treering.memory.listeners.model_routing import MAX_PICKS
from treering.memory.prompts.data import data_line, data_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from treering.memory.listeners.model_claims import Likeness
    from treering.memory.ports import ChatMessage
    from treering.memory.prompts.versions import Prompt
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import UnreadableLine, Window
    from treering.schemas.trunk import Slot, Trunk

MAX_TURN_CHARS = 8_000
"""Most characters of a user's turn that are shown, about 2,000 tokens; a longer text is a pasted document."""

ROUTED_TURN_CHARS = 2_000
"""The same for the first question, which only asks what it is about."""

ANSWERED_CHARS = 320
"""Characters that are shown of what was said before a short answer: the end, where the question stands."""

SHORT_ANSWER_CHARS = 160
"""A user's turn up to this length may be understood only with what was said before it; longer ones speak for
themselves, and the assistant's turns before them are left out."""

MAX_MISTAKES = 20
"""Most mistakes that are quoted back to a model."""

MAX_MISTAKE_CHARS = 400
"""Most characters of a mistake that are quoted back."""


def route_messages(prompt: Prompt, trunk: Trunk, window: Window) -> tuple[ChatMessage, ...]:
    """The first question: which slots does the window concern?"""
    standing = prompt.system.substitute(branches=index(trunk), limit=MAX_PICKS)
    return (("system", standing), ("user", _block("The newest turns", _routed_lines(window))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The slots that a model is shown."""

    standing: tuple[Slot, ...] = ()
    """Those that stand with the instructions, every time."""
    chosen: tuple[Slot, ...] = ()
    """Those for this window."""
    forget: bool = False
    """Something may have to be forgotten, in whatever slot it stands."""
    most_claims: int | None = None
    """Most claims that are shown with them; none: the usual number."""


def write_messages(
    prompt: Prompt,
    trunk: Trunk,
    slots: Slots,
    window: Window,
    trees: Mapping[str, PersonaTree],
    *,
    alike: Likeness | None = None,
) -> tuple[ChatMessage, ...]:
    """The second question: which operations? `alike` tells which claims are near to the window in meaning."""
    shown = (*slots.standing, *slots.chosen)
    paths = {slot.path for slot in shown}
    claims = relevant_claims(window, trees, paths, everywhere=slots.forget, limit=slots.most_claims, alike=alike)
    held = {claim.path for claim in claims} - paths
    more = [slot for slot in trunk.slots if slot in slots.chosen or slot.path in held]
    earlier = [*_earlier_lines(window)]
    parts = [
        f"More slots:\n{outline(more)}" if more else "",
        _block("Claims that hold now", claim_lines(claims)),
        _block("Earlier turns, only to understand the newest", earlier) if earlier else "",
        _block("The newest turns", _turn_lines(window)),
    ]
    system = prompt.system.substitute(slots=outline(slots.standing) or "(all in the question)")
    return (("system", system), ("user", "\n\n".join(part for part in parts if part)))


def repair_message(prompt: Prompt, mistakes: Sequence[UnreadableLine]) -> ChatMessage:
    """What is asked after an answer with mistakes; it quotes them."""
    quoted = (
        data_line({"wrong": mistake.why, "quoted": mistake.text[:MAX_MISTAKE_CHARS]})
        for mistake in mistakes[:MAX_MISTAKES]
    )
    return ("user", prompt.repair.substitute(mistakes=data_lines(quoted)))


def index(trunk: Trunk) -> str:
    """Each branch that holds slots on a line, with their names; slots of no branch stand alone."""
    lines = []
    for branch, slots in groupby(trunk.slots, key=lambda slot: slot.path.rpartition(".")[0]):
        names = ", ".join(slot.path.rpartition(".")[2] for slot in slots)
        lines.append(f"{branch}: {names}" if branch else names)
    return "\n".join(lines)


def outline(slots: Iterable[Slot]) -> str:
    """Each slot on a line: its path, how many claims it holds, and what belongs there."""
    return "\n".join(f"{slot.path} ({slot.cardinality}): {slot.description}" for slot in slots)


def shown_text(turn: Turn, *, is_user: bool, most: int = MAX_TURN_CHARS) -> str:
    """What is shown of a turn: a user's beginning, another's end."""
    if len(turn.content) <= most:
        return turn.content
    return f"{turn.content[:most]} [the rest is left out]" if is_user else f"\u2026{turn.content[-most:]}"


def _block(title: str, lines: Iterable[str]) -> str:
    return f"{title}:\n{data_lines(lines)}"


def _routed_lines(window: Window) -> Iterator[str]:
    before: Turn | None = window.context[-1] if window.context else None
    for turn in window.turns:
        if is_users(turn, window) and turn.content.strip():
            if before is not None and _is_short(turn) and not is_users(before, window):
                yield _line(before, window, most=ANSWERED_CHARS)
            yield _line(turn, window, most=ROUTED_TURN_CHARS)
        before = turn


def _earlier_lines(window: Window) -> Iterator[str]:
    """The turns before a window that begins with a short answer."""
    for turn in window.context if _is_short(window.turns[0]) else ():
        if turn.role in ("user", "assistant") and turn.content.strip():
            yield _line(turn, window, most=ANSWERED_CHARS)


def _turn_lines(window: Window) -> Iterator[str]:
    day = ""
    for turn, name in _needed(window):
        said = f"{turn.at:%A %Y-%m-%d}"
        if said != day:
            yield data_line({"day": said})
        day = said
        yield _line(turn, window, name=name, most=MAX_TURN_CHARS if is_users(turn, window) else ANSWERED_CHARS)


def _needed(window: Window) -> Iterator[tuple[Turn, str]]:
    """Turns with their names, without those of the assistant that no short answer follows."""
    shown = [(turn, name) for name, turn in shown_turns(window).items()]
    for (turn, name), (after, _) in zip(shown, [*shown[1:], (None, "")], strict=True):
        if turn.role != "assistant" or (after is not None and _is_short(after)):
            yield turn, name


def _is_short(turn: Turn) -> bool:
    return len(turn.content) <= SHORT_ANSWER_CHARS


def _line(turn: Turn, window: Window, *, most: int, name: str | None = None) -> str:
    is_user = is_users(turn, window)
    speaker = "user" if is_user else "assistant" if turn.role == "assistant" else "other"
    fields = {
        "id": name,
        "name": turn.speaker if speaker == "other" else None,
        speaker: shown_text(turn, is_user=is_user, most=most),
    }
    return data_line({key: value for key, value in fields.items() if value is not None})
