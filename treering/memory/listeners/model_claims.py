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
    from collections.abc import Container, Iterator, Mapping, Sequence

    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim
    from treering.schemas.listening import Window

MAX_CLAIMS = 30
"""Most claims that are shown, about 900 tokens."""

MAX_ELSEWHERE = 3
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
    limit: int = MAX_CLAIMS,
) -> tuple[Claim, ...]:
    """The current claims that the window most likely concerns, in trunk order within a subject.

    Those of the slots at hand, and a few of other slots whose words the turns repeat. Where there are more than
    `limit`, claims that share words with the turns come first, then those of the user and of people who are named,
    then the newest.

    Args:
        window: The turns.
        trees: The present trees by subject.
        paths: The slots at hand.
        everywhere: Look in all slots alike: something is to be forgotten, wherever it stands.
        limit: Most claims.
    """
    current = [claim for _, tree in sorted(trees.items()) for claim in tree.current()]
    said = " ".join(turn.content[:READ_CHARS] for turn in (*window.context, *window.turns)).casefold()
    heard = set(terms(" ".join(turn.content[:READ_CHARS] for turn in user_turns(window))))
    shared = {claim.id: len(heard & set(terms(claim.text))) for claim in current}

    def relevance(claim: Claim) -> tuple[int, bool, object]:
        return shared[claim.id], _is_named(claim.subject, said), precedence(claim)

    best = sorted(current, key=relevance, reverse=True)
    at_hand = [claim for claim in best if everywhere or claim.path in paths]
    elsewhere = [claim for claim in best if not everywhere and claim.path not in paths]
    repeated = [claim for claim in elsewhere if shared[claim.id] >= SHARED_WORDS][:MAX_ELSEWHERE]
    chosen = {claim.id for claim in [*repeated, *at_hand][:limit]}
    return tuple(claim for claim in current if claim.id in chosen)


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
