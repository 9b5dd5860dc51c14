"""Joins what several searches for one question found. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.retrieval.rewriting import Rewrite
    from treering.memory.tree import PersonaTree
    from treering.schemas.recall import Found, Recall, RecallLine

REWRITE_WEIGHT = 0.6
"""What a line counts that only a rewrite found, beside 1 for the question itself.

Few words reach high scores easily, and a full budget then loses what the question itself has found. LoCoMo, the 111
questions that get rule-made rewrites, recall@10 and share of the evidence within 1,500 tokens: .676 and .828 by the
question alone, .690 and .816 with 0.6, .699 and .800 with 0.7, .687 and .781 with 0.9.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One search and what it found."""

    rewrite: Rewrite | None
    """What was searched for; none: the question itself."""
    recall: Recall

    @property
    def is_own_words(self) -> bool:
        """Whether nothing was searched for that the question does not say."""
        return self.rewrite is None or self.rewrite.is_own_words


def join(searched: Sequence[Searched], forest: Mapping[str, PersonaTree]) -> list[RecallLine]:
    """Each line once, with its best score over the searches; not yet fitted to a budget, and without short ids.

    What is special enters only by words of the question: a search for anything more, which the tree or a model has
    added, brings neither a special claim nor a turn that one rests on.

    Args:
        searched: The searches, that of the question itself first.
        forest: The trees that were read, which know what rests on what.
    """
    withheld = _withheld(searched, forest)
    joined: dict[tuple[str, str], RecallLine] = {}
    for one in searched:
        for line in one.recall.lines:
            if not one.is_own_words and _is_special(line, withheld):
                continue
            found = _as_found(line, one.rewrite)
            before = joined.get((line.kind, line.ref))
            joined[line.kind, line.ref] = _better(before, found) if before else found
    return list(joined.values())


def _withheld(searched: Sequence[Searched], forest: Mapping[str, PersonaTree]) -> tuple[set[str], set[str]]:
    """Special claims that the question's own words do not bring up, and the messages they rest on."""
    shown = {line.ref for one in searched if one.is_own_words for line in one.recall.lines if line.kind == "claim"}
    hidden = [
        claim
        for tree in forest.values()
        for claim in tree.claims.values()
        if claim.id not in shown and tree.trunk.by_path[claim.path].sensitivity == "special"
    ]
    return {claim.id for claim in hidden}, {source.message_id for claim in hidden for source in claim.evidence}


def _is_special(line: RecallLine, withheld: tuple[set[str], set[str]]) -> bool:
    claims, messages = withheld
    if line.kind == "claim":
        return line.ref in claims
    return not messages.isdisjoint(line.message_ids)


def _as_found(line: RecallLine, rewrite: Rewrite | None) -> RecallLine:
    if rewrite is None:
        return line.model_copy(update={"text": _text(line)})
    found_by = tuple(found.model_copy(update={"query": rewrite.text}) for found in line.found_by)
    score = line.score * REWRITE_WEIGHT
    return line.model_copy(update={"text": _text(line), "score": score, "found_by": found_by})


def _better(before: RecallLine, found: RecallLine) -> RecallLine:
    """The line of the better score, with all reasons; of equals the earlier one."""
    reasons: tuple[Found, ...] = (*before.found_by, *found.found_by)
    best = found if found.score > before.score else before
    return best.model_copy(update={"found_by": reasons})


def _text(line: RecallLine) -> str:
    return line.text.removeprefix(f"[{line.id}] ")
