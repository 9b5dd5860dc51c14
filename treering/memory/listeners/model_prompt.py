"""What a model is shown of a window: the slots, the claims that matter, and the turns, all as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.listeners.model_names import claim_names, shown_turns
from treering.memory.prompts.data import data_block, data_line, data_lines
from treering.memory.retrieval.sparse import terms
from treering.memory.tree import PersonaTree, precedence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.ports import ChatMessage
    from treering.memory.prompts.versions import Prompt
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import UnreadableLine, Window
    from treering.schemas.trunk import Slot, Trunk

MAX_CLAIMS = 40
"""Most claims that are shown, about 1,600 tokens. A young tree is shown whole; of a grown one, what the turns touch."""

MAX_TURN_CHARS = 8_000
"""Most characters of a turn that are shown, about 2,000 tokens; a longer text is a pasted document."""

MAX_MISTAKES = 20
"""Most mistakes that are quoted back to a model."""

MAX_MISTAKE_CHARS = 400
"""Most characters of a mistake that are quoted back."""


def listen_messages(
    prompt: Prompt, trunk: Trunk, window: Window, trees: Mapping[str, PersonaTree]
) -> tuple[ChatMessage, ...]:
    """The question about a window: instructions and slots, which are the same every time, then claims and turns."""
    claims = relevant_claims(window, trees, trunk)
    parts = [
        ("Claims that hold now", (_claim_line(*pair) for pair in zip(claim_names(claims), claims, strict=True))),
        ("Earlier turns, only to understand the newest", (_turn_line(None, turn) for turn in window.context)),
        ("The newest turns", (_turn_line(name, turn) for name, turn in shown_turns(window).items())),
    ]
    question = "\n\n".join(data_block(title, lines) for title, lines in parts)
    return (("system", prompt.system.substitute(slots=outline(trunk))), ("user", question))


def repair_message(prompt: Prompt, mistakes: Sequence[UnreadableLine]) -> ChatMessage:
    """The second question, which quotes what was wrong with the first answer."""
    quoted = (
        data_line({"wrong": mistake.why, "quoted": mistake.text[:MAX_MISTAKE_CHARS]})
        for mistake in mistakes[:MAX_MISTAKES]
    )
    return ("user", prompt.repair.substitute(mistakes=data_lines(quoted)))


def outline(trunk: Trunk) -> str:
    """Each slot on a line: its path, how many claims it holds, and what belongs there."""
    return "\n".join(f"{slot.path} ({slot.cardinality}): {slot.description}" for slot in trunk.slots)


def relevant_claims(
    window: Window, trees: Mapping[str, PersonaTree], trunk: Trunk, limit: int = MAX_CLAIMS
) -> tuple[Claim, ...]:
    """The current claims that the window most likely concerns, in trunk order within a subject.

    Where there are more than `limit`, those whose text shares the most words with the turns come first, then those
    whose slot's description and examples do, then the newest.
    """
    claims = [claim for _, tree in sorted(trees.items()) for claim in tree.current()]
    if len(claims) <= limit:
        return tuple(claims)
    heard = set(terms(" ".join(turn.content[:MAX_TURN_CHARS] for turn in window.turns)))
    slot_overlap = {slot.path: len(heard & set(terms(_about(slot)))) for slot in trunk.slots}

    def relevance(claim: Claim) -> tuple[int, int, object]:
        return len(heard & set(terms(claim.text))), slot_overlap.get(claim.path, 0), precedence(claim)

    best = {claim.id for claim in sorted(claims, key=relevance, reverse=True)[:limit]}
    return tuple(claim for claim in claims if claim.id in best)


def _about(slot: Slot) -> str:
    return " ".join((slot.description, *slot.examples))


def _claim_line(name: str, claim: Claim) -> str:
    fields = {"id": name, "subject": claim.subject, "path": claim.path, "text": claim.text}
    return data_line(fields | {"since": f"{claim.valid_from:%Y-%m-%d}"})


def _turn_line(name: str | None, turn: Turn) -> str:
    fields = {"id": name, "role": turn.role, "speaker": turn.speaker, "said": f"{turn.at:%A %Y-%m-%d %H:%M} UTC"}
    text = turn.content[:MAX_TURN_CHARS]
    cut = "the rest is left out" if len(text) < len(turn.content) else None
    return data_line({key: value for key, value in (fields | {"text": text, "note": cut}).items() if value is not None})
