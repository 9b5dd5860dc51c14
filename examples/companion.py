"""A companion in the terminal that remembers across restarts.

    python examples/companion.py ana
    TREERING_MODEL=openai:gpt-4.1-mini python examples/companion.py ana

Without TREERING_MODEL (and `pip install 'treering[models]'`) a stand-in answers: it says what it was told about you.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from treering import Memory

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage


def main() -> None:
    """Read lines, answer them, until the input ends."""
    user = sys.argv[1] if len(sys.argv) > 1 else "me"
    session = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"  # a new conversation: what was said before comes from memory
    with Memory() as memory:
        chat = memory.wrap(model(), instructions="You are a warm, brief companion.")
        print(f"Hello {user}! I know {len(memory.tree(user).claims)} things about you. Ctrl-D ends.")
        for line in sys.stdin:
            if line.strip():
                for chunk in chat.stream(line.strip(), user=user, session=session):
                    print(chunk.text, end="", flush=True)
                print()
        memory.end_session(user, session)
        memory.flush(user)  # what is not heard now would be heard at the next start


def model() -> BaseChatModel:
    """The chat model that is configured, or the stand-in."""
    if spec := os.environ.get("TREERING_MODEL"):
        from langchain.chat_models import init_chat_model

        return init_chat_model(spec)
    from treering.testing import ScriptedChatModel

    return ScriptedChatModel(what_i_was_told)


def what_i_was_told(prompt: list[BaseMessage]) -> str:
    """An answer made of the context that memory put into the prompt."""
    known = re.findall(r"^\[\w+\] (.*?) \(", str(prompt[0].content), re.MULTILINE)
    return f"I remember somebody who {' and '.join(known)}." if known else "Tell me more."


if __name__ == "__main__":
    main()
