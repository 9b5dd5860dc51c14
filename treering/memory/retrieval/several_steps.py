"""Says which questions take several searches, before the first. The rule that decided is recorded. Pure.

Rules alone do not pay for themselves: on LoCoMo (760 questions) rule-made rewrites change recall@10 of turns by .002
(standard error .001), and the share of the evidence in the context by -.002. A chat model costs seconds and tokens. So
`auto` goes this way only with a chat model, and only for questions which one search cannot answer by its nature.
"""

from __future__ import annotations

import re

from treering.schemas.recall import Decision, Mode

MAX_CHARS = 400
"""A longer text is a message to be answered, or a document, rather than a question with several steps."""

_WHOSE = r"(?:my|your|his|her|their|our|[A-Z]\w+['\u2019]s)"
_COMPARES = (
    r"\b(compar(e|ed|ing|ison)|differen(ce|t)\b.* (between|from|than)|versus|vs\.?|in common"
    r"|(more|less|rather|better|worse|\w+er) .*\bthan|(prefer|choose|pick) .* (or|over|to) )"
)
_COUNTS = r"\b(how (many|often)|how much .* (altogether|in total|so far)|each time|every time)\b"
_HOPS = (
    rf"(?-i:{_WHOSE})\s+(?:[a-z-]+\s+)?[a-z-]+['\u2019]s?\s+[a-z]+"  # "my sister's husband"
    r"|\b(the|a) \w+ (of|from|by|with|near) (the|a) \w+ (who|that|which|where|whose|I|we|he|she|they)\b"
)
_RULES = (("compares-two-things", _COMPARES), ("counts-over-sessions", _COUNTS), ("takes-several-hops", _HOPS))


def decide_steps(query: str, mode: Mode, *, has_model: bool) -> Decision | None:
    """The decision for several searches; none: one search, whose mode is decided as it is made.

    Nothing but the question and the two settings is looked at, so no answer can have a say.

    Args:
        query: The question.
        mode: What the caller wants.
        has_model: Whether there is a chat model to rewrite and to judge.

    Example:
        >>> decide_steps("What do Jon and my sister have in common?", "auto", has_model=True).rule
        'compares-two-things'
        >>> decide_steps("What do Jon and my sister have in common?", "auto", has_model=False) is None
        True
    """
    if mode == "agentic":
        return Decision(mode="agentic", rule="asked-for")
    if mode != "auto" or not has_model or len(query) > MAX_CHARS:
        return None
    for rule, pattern in _RULES:
        if re.search(pattern, query, flags=re.IGNORECASE):
            return Decision(mode="agentic", rule=rule)
    from treering.memory.retrieval.rewriting import clauses  # noqa: PLC0415 - its patterns, where one is asked for

    return Decision(mode="agentic", rule="asks-for-several-things") if len(clauses(query)) > 1 else None
