"""Tools for an application's own agent: the memory of one person, to be read and never to be written.

Whose memory it is was decided when the tools were made; no argument that a model writes can change it. What the tools
return stands behind the same fence as a recalled context, and is bounded. Errors are messages that say what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from langchain_core.tools import BaseTool, StructuredTool, ToolException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from treering.errors import InvalidInput, TreeringError
from treering.graph.ports import ReadableMemory
from treering.memory.prompts.fence import fenced
from treering.schemas.recall import TOOL_BUDGET_TOKENS, SearchHit
from treering.schemas.views import SlotView, TreeView

MAX_CLAIMS = 60
"""Claims that `read_persona` shows, about 1,500 tokens."""

MAX_HITS = 20
"""Turns that `search_history` shows at most."""

MAX_TURN_CHARS = 600
"""What is shown of a turn, in characters, about 150 tokens."""

MAX_SESSION_TURNS = 200
"""Turns of the conversation at hand that are left out, the latest: the model has read them."""

MAX_PATHS = 40
"""Slots that are named to a model which asked for one that does not exist."""


class _Arguments(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class RecallArguments(_Arguments):
    """What to recall."""

    question: Annotated[str, Field(min_length=1)]
    """What you want to know, as a short question or a few words; one thing a call."""


class PersonaArguments(_Arguments):
    """What to read."""

    path: str | None = None
    """A slot or a branch, e.g. `preferences` or `home.city`; leave it out for an overview."""


class HistoryArguments(_Arguments):
    """What to search for."""

    query: Annotated[str, Field(min_length=1)]
    """Words or a question; what was said is found by meaning and by words."""
    since: str | None = None
    """Only what was said on this day or later, e.g. 2024-03-01."""
    until: str | None = None
    """Only what was said before this day."""
    limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 5
    """How many turns."""


def memory_tools(
    memory: ReadableMemory,
    user: str,
    *,
    session: str | None = None,
    tenant: str,
    budget_tokens: int = TOOL_BUDGET_TOKENS,
) -> list[BaseTool]:
    """`recall_memory`, `read_persona` and `search_history`, bound to one person.

    Args:
        memory: Where to read; `treering.Memory` is one.
        user: The person.
        session: The conversation at hand, whose turns the model has before it: they are left out. None: all count.
        tenant: The customer or application.
        budget_tokens: What one answer of `recall_memory` may cost.
    """
    reader = _Reader(memory, user, session, tenant, budget_tokens)
    return [
        _tool(
            reader.recall,
            "recall_memory",
            "What is known about the person you talk with that matters for a question: facts that hold now, and what "
            "was said in earlier conversations. Use it before you answer anything personal.",
            RecallArguments,
        ),
        _tool(
            reader.persona,
            "read_persona",
            "The profile of the person you talk with: what is known about them now, slot by slot. Sensitive slots are "
            "shown only when they are named, which you do only when the person's own question is about them.",
            PersonaArguments,
        ),
        _tool(
            reader.history,
            "search_history",
            "What was said in earlier conversations, word for word, with its day; also what is no longer so. Use it "
            "for exact wording, for when something was said, and for what happened in some time.",
            HistoryArguments,
        ),
    ]


class _Reader:
    """What the tools do."""

    def __init__(self, memory: ReadableMemory, user: str, session: str | None, tenant: str, budget_tokens: int) -> None:
        self._memory = memory
        self._user = user
        self._session = session
        self._tenant = tenant
        self._budget_tokens = budget_tokens

    def recall(self, question: str) -> str:
        # One search: the agent is the loop that asks again.
        found = self._memory.recall(
            self._user,
            question,
            mode="hybrid",
            budget_tokens=self._budget_tokens,
            exclude=self._here(),
            tenant=self._tenant,
        )
        return fenced(found.context) if found.context else "Nothing that is known concerns this."

    def persona(self, path: str | None = None) -> str:
        tree = self._memory.tree(self._user, tenant=self._tenant).without_held_back()
        slots = [slot for slot in tree.slots if slot.claims and _is_asked_for(slot, path)]
        if not slots:
            return _no_slots(tree, path)
        lines = [f"{slot.path}: {_flat(claim.text)}" for slot in slots for claim in slot.claims]
        more = len(lines) - MAX_CLAIMS
        left_out = [f"({more} more; name a slot or a branch to read them)"] if more > 0 else []
        return fenced("\n".join([*lines[:MAX_CLAIMS], *left_out]))

    def history(self, query: str, since: str | None = None, until: str | None = None, limit: int = 5) -> str:
        here = set(self._here())
        hits = self._memory.search(
            self._user,
            query,
            limit=limit + len(here),
            since=_day("since", since),
            until=_day("until", until),
            tenant=self._tenant,
        )
        lines = [_shown(hit) for hit in hits if hit.message_id not in here][:limit]
        return fenced("\n".join(lines)) if lines else "Nothing like this was said, or not in this time."

    def _here(self) -> Sequence[str]:
        if self._session is None:
            return ()
        turns = self._memory.turns(self._user, session=self._session, last=MAX_SESSION_TURNS, tenant=self._tenant)
        return [turn.message_id for turn in turns]


def _tool(answer: Callable[..., str], name: str, description: str, arguments: type[BaseModel]) -> BaseTool:
    def guarded(**given: object) -> str:
        try:
            return answer(**given)
        except InvalidInput as error:
            raise ToolException(f"Not done: {error}. Call {name} again with this put right.") from error
        except TreeringError as error:
            # Only the error's type: its text is for those who run the memory.
            why = f"The memory cannot be read now ({type(error).__name__}). Answer without it, and say so."
            raise ToolException(why) from error

    def explained(error: ValidationError) -> str:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        why = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        return f"Not done: {why}. Call {name} again with this put right."

    return StructuredTool.from_function(
        guarded,
        name=name,
        description=description,
        args_schema=arguments,
        handle_tool_error=True,  # the message is the answer, and is marked as an error
        handle_validation_error=explained,
    )


def _is_asked_for(slot: SlotView, path: str | None) -> bool:
    if slot.sensitivity == "special":
        return slot.path == path
    return path is None or f"{slot.path}.".startswith(f"{path}.")


def _no_slots(tree: TreeView, path: str | None) -> str:
    filled = [slot.path for slot in tree.slots if slot.claims and slot.sensitivity != "special"]
    if path is None or not filled:
        return "Nothing is known that can be shown here."
    return f"Nothing is known under {path[:100]!r}. There is something in: {', '.join(filled[:MAX_PATHS])}."


def _day(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(name, "is no day; write it as 2024-03-01") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(hit: SearchHit) -> str:
    text = _flat(hit.text)
    cut = f"{text[:MAX_TURN_CHARS]}…" if len(text) > MAX_TURN_CHARS else text
    return f"{hit.at:%Y-%m-%d} {hit.speaker or hit.role}: {cut}"


def _flat(text: str) -> str:
    return " ".join(text.split())
