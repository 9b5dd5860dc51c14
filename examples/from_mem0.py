"""What mem0 kept of a person moves here: looked at first, then taken in, and what fits nowhere is asked about.

    python examples/from_mem0.py ana ana.json    # what mem0's get_all returned, as JSON

Without a file it takes a few memories of its own. It needs neither a model nor mem0.
"""

from __future__ import annotations

import sys
from pathlib import Path

from treering import Memory

KEPT = {
    "results": [
        {"id": "1", "memory": "User is allergic to shellfish", "created_at": "2024-03-01T10:00:00Z"},
        {
            "id": "2",
            "memory": "Prefers the window seat",
            "created_at": "2024-03-02T11:00:00Z",
            "categories": ["flights"],
        },
        {"id": "3", "memory": "Lives in Porto", "created_at": "2024-03-02T12:00:00Z"},
        {"id": "4", "memory": "The build failed again", "created_at": "2024-03-03T10:00:00Z"},
    ]
}
SLOTS = {"flights": "preferences.transport"}
"""What your categories mean here; a statement without one goes to the slot that it is nearest to."""


def main() -> None:
    """Take it in, twice; then say something newer than what was imported."""
    user = sys.argv[1] if len(sys.argv) > 1 else "ana"
    kept = Path(sys.argv[2]) if len(sys.argv) > 2 else KEPT  # noqa: PLR2004 - the second argument
    with Memory(background=False) as memory:
        planned = memory.import_from(user, kept, format="mem0", paths=SLOTS, dry_run=True)
        for one in planned.placements:
            print(f"{one.outcome}: {one.text} -> {one.path} ({one.rule})")
        done = memory.import_from(user, kept, format="mem0", paths=SLOTS)
        again = memory.import_from(user, kept, format="mem0", paths=SLOTS)
        print(f"version {done.version}, and after the same once more {again.version}")
        for held in memory.quarantine(user):
            print(f"waits for you: {held.verdict.why}")

        memory.remember(user, "I moved to Lisbon.")
        memory.flush(user)
        for question in ("In which city do I live?", "What am I allergic to?"):
            print(memory.recall(user, question).context)


if __name__ == "__main__":
    main()
