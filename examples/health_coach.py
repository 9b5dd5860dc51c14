"""A trunk of your own: a coach that remembers bodies and goals, and nothing else.

The slots are in `health_coach.yaml` beside this file; docs/trunks.md says how to write such a file well.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from treering import Memory

TRUNK = Path(__file__).with_name("health_coach.yaml")

SAID = {
    datetime(2026, 3, 2, 18, tzinfo=UTC): "I run three times a week. I want to run a half marathon in October.",
    datetime(2026, 5, 4, 18, tzinfo=UTC): "I have a torn meniscus. I'm allergic to peanuts.",
    datetime(2026, 6, 1, 18, tzinfo=UTC): "I want to swim five kilometres by autumn. Please never mention my weight.",
}

QUESTIONS = ("Which exercises are safe for me?", "What am I training for?", "Suggest a breakfast.")


def main() -> None:
    """Tell the coach a few things over months, look at the tree, and ask."""
    with tempfile.TemporaryDirectory() as home, Memory(home, trunk=TRUNK, background=False) as coach:
        for at, text in SAID.items():
            coach.remember("kim", {"content": text, "at": at}, session=f"{at:%Y-%m-%d}")
        coach.flush()
        for slot in coach.tree("kim").slots:
            print(f"{slot.path}: {'; '.join(claim.text for claim in slot.claims)}")
        for question in QUESTIONS:
            print(f"\n{question}\n{coach.recall('kim', question, budget_tokens=200).context}")


if __name__ == "__main__":
    main()
