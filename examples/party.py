"""Several people in one conversation: what one of them says is never taken for another's.

    python examples/party.py

It needs no model. The memory is Eva's, who invited the assistant Sol; everybody has a tree of their own in it.
"""

from __future__ import annotations

import tempfile

from treering import Memory

CHAT = """
Eva: I'm vegan and I love jazz.
Bo: I hate jazz, and I'm allergic to peanuts.
Sol: I'm Sol, I was made in Leeds. What shall I play?
Eva: My sister Ines is a vet. She loves techno.
Bo: I moved to Porto last week.
"""
QUESTIONS = ("What music does Bo like?", "What may Bo eat?", "What does my sister do?", "What music do I like?")


def main() -> None:
    """Tell it the chat, look at everybody's tree, and ask as Eva."""
    with tempfile.TemporaryDirectory() as home, Memory(home, background=False) as memory:
        memory.remember("eva", [message(line) for line in CHAT.strip().splitlines()], session="party")
        memory.flush("eva")
        for one in memory.subjects("eva"):
            claims = memory.tree("eva", subject=one.subject).claims
            print(f"{one.subject}: {'; '.join(claim.text for claim in claims)}")
        for question in QUESTIONS:
            print(f"\n{question}\n{memory.recall('eva', question, mode='tree', budget_tokens=120).context}")


def message(line: str) -> dict[str, str]:
    """A line of the chat as a message: an id of the speaker is best, and a name will do."""
    speaker, _, text = line.partition(": ")
    return {"role": "assistant" if speaker == "Sol" else "user", "speaker": speaker, "content": text}


if __name__ == "__main__":
    main()
