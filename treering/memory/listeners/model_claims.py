"""The present claims that a model is shown beside a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.listeners.model_evidence import user_turns
from treering.memory.listeners.model_names import claim_names
from treering.memory.prompts.data import data_line
from treering.memory.retrieval.sparse import terms
from treering.memory.tree import precedence
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim
    from treering.schemas.listening import Window

    Likeness = Callable[[Window, Sequence[str]], Sequence[float]]

MAX_CLAIMS = 5
"""Most claims that are shown, some 250 tokens."""

MAX_TO_FORGET = 30
"""Most claims that are shown where something may have to be forgotten: one request may mean many."""

ALIKE = 0.5
"""Cosine of a claim and a sentence that weighs as much as a shared word."""

MAX_ELSEWHERE = 2
"""Most claims of slots that were not picked: those that the turns repeat nearly word for word."""

SHARED_WORDS = 2
"""Words that such a claim shares with the turns at least."""

READ_CHARS = 8_000
"""Characters of a turn that are compared with claims."""


def relevant_claims(
    window: Window,
    trees: Mapping[str, PersonaTree],
    paths: Container[str],
    *,
    everywhere: bool = False,
    limit: int | None = None,
    alike: Likeness | None = None,
) -> tuple[Claim, ...]:
    """The current claims that the window most likely concerns, in trunk order within a subject.

    Those of the slots at hand, and a few of other slots whose words the turns repeat. Where there are more than
    `limit`, what one-valued slots hold comes first, since it would be replaced, then claims that share words or
    meaning with the turns, then those of the user and of people who are named, then the newest.

    Args:
        window: The turns.
        trees: The present trees by subject.
        paths: The slots at hand.
        everywhere: Look in all slots alike: something is to be forgotten, wherever it stands.
        limit: Most claims; by default `MAX_CLAIMS`, or `MAX_TO_FORGET` everywhere.
        alike: Tells how near texts are to the window's sentences in meaning, cosines; none: words alone decide.
    """
    limit = limit or (MAX_TO_FORGET if everywhere else MAX_CLAIMS)
    current = [claim for _, tree in sorted(trees.items()) for claim in tree.current()]
    heard = set(terms(" ".join(turn.content[:READ_CHARS] for turn in user_turns(window))))
    shared = {claim.id: len(heard & set(terms(claim.text))) for claim in current}
    at_hand = [claim for claim in current if everywhere or claim.path in paths]
    if len(at_hand) > limit:
        at_hand = _most_relevant(at_hand, window, trees, shared, alike)
    elsewhere = [claim for claim in current if not everywhere and claim.path not in paths]
    repeated = sorted(elsewhere, key=lambda claim: (shared[claim.id], precedence(claim)), reverse=True)
    few = [claim for claim in repeated[:MAX_ELSEWHERE] if shared[claim.id] >= SHARED_WORDS]
    chosen = {claim.id for claim in [*few, *at_hand][:limit]}
    return tuple(claim for claim in current if claim.id in chosen)


def _most_relevant(
    claims: Sequence[Claim],
    window: Window,
    trees: Mapping[str, PersonaTree],
    shared: Mapping[str, int],
    alike: Likeness | None,
) -> list[Claim]:
    said = " ".join(turn.content[:READ_CHARS] for turn in (*window.context, *window.turns)).casefold()
    nearness = alike(window, [claim.text for claim in claims]) if alike else [0.0] * len(claims)
    near = {claim.id: score for claim, score in zip(claims, nearness, strict=True)}

    def relevance(claim: Claim) -> tuple[bool, float, bool, object]:
        slot = trees[claim.subject].trunk.by_path.get(claim.path)
        is_one = slot is not None and slot.cardinality == "one" and claim.subject == SELF
        return is_one, shared[claim.id] + near[claim.id] / ALIKE, _is_named(claim.subject, said), precedence(claim)

    return sorted(claims, key=relevance, reverse=True)


def claim_lines(claims: Sequence[Claim]) -> Iterator[str]:
    """A line of data a claim; whom it is about only where that is not the user."""
    for name, claim in zip(claim_names(claims), claims, strict=True):
        fields = {
            "id": name,
            "subject": claim.subject if claim.subject != SELF else None,
            "path": claim.path,
            "text": claim.text,
            "condition": claim.condition,
            "since": f"{claim.valid_from:%Y-%m-%d}",
        }
        yield data_line({key: value for key, value in fields.items() if value is not None})


def _is_named(subject: str, said: str) -> bool:
    """Whether a claim is the user's own, or of somebody whose name was said."""
    return subject == SELF or subject.partition(":")[2].casefold() in said
