"""What is said of somebody and fits no slot: kept with the tie that names them, so that it is not lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from treering.memory.listeners.ties import ties_in
from treering.memory.listeners.worth import MAX_CLAIM_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.memory.listeners.hearing import Heard
    from treering.schemas.claims import Subject


def with_unplaced(
    told: Mapping[Subject, Sequence[Heard]], me: Subject, has_place: Callable[[Heard], bool]
) -> dict[Subject, list[Heard]]:
    """What a turn states, where a fact of a person without a slot of its own stands with "has a sister named Ana".

    Slots were described for the user, and a person's trade or tale may be like none of them: "has a sister named Ana
    who is a potter" is near to what is known of sisters, where "is a potter" is near to nothing.

    Args:
        told: What is stated, by whom it is about.
        me: The speaker.
        has_place: Whether a statement fits a slot.
    """
    found = {subject: list(items) for subject, items in told.items()}
    for subject, items in told.items():
        for item in items if subject != me else ():
            tie = _tie(subject, item, found[me])
            if tie is not None and item.kind == "answer" and not has_place(item):
                place = found[me].index(tie)
                text = f"{tie.text} who {item.text}"
                if len(text.split()) <= MAX_CLAIM_WORDS:
                    found[me][place] = replace(tie, text=text)
                    found[subject].remove(item)
    return found


def _tie(subject: Subject, item: Heard, mine: Sequence[Heard]) -> Heard | None:
    """The statement of the same words that says who the person is, and nothing more."""
    for one in mine:
        ties = ties_in(one.text)
        if one.quote == item.quote and len(ties) == 1 and one.text.endswith(f" named {ties[0].name}"):
            return one if subject.removeprefix("person:").startswith(ties[0].name) else None
    return None
