"""What passes between turns and operations: windows, replies, drafts, verdicts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.claims import SELF, ClaimId, Origin, Subject
from treering.schemas.dialogue import Turn
from treering.schemas.operations import Delete, DeleteReason, Operation, OperationKind
from treering.schemas.value import Instant, Text, Value

Ruling = Literal["commit", "quarantine", "reject"]


class Window(Value):
    """Consecutive turns of one session that are listened to at once. Its bounds come from the turns alone."""

    session: str
    """The session."""
    turns: tuple[Turn, ...]
    """The turns to learn from, in order; at least one."""
    context: tuple[Turn, ...] = ()
    """Turns just before, to understand pronouns and answers; nothing is learned from them again."""
    revision: Annotated[int, Field(ge=0)] = 0
    """Of a turn that was amended: the number of the change that gave it its text. 0: heard as it was said first."""
    owner: str | None = None
    """The speaker who is the user, where turns with the role `user` name who speaks; none: whoever does is the user."""

    @property
    def id(self) -> str:
        """Names the window by the turns it spans, and by their revision."""
        revised = f".{self.revision}" if self.revision else ""
        return f"{self.turns[0].seq}-{self.turns[-1].seq}{revised}"


class TextOperation(Value):
    """An operation in the text grammar of the persona-tree paper: `ADD(path, "value")`."""

    kind: OperationKind
    """What to do."""
    path: str | None = None
    """The slot; none for `NO_OP`."""
    value: str | None = None
    """The text; none for `NO_OP`, and for a `DELETE` that does not say which of the slot's claims it means."""


class UnreadableLine(Value):
    """A line of a model's reply that holds no operation, quoted, so that nothing is lost in silence."""

    line: Annotated[int, Field(ge=1)]
    """Line number in the reply, from 1."""
    text: str
    """The line as it came."""
    why: Text
    """What is wrong with it."""


class Draft(Value):
    """What a listener would like to do, before it is tied to claims of the tree."""

    kind: OperationKind
    """What to do."""
    subject: Subject = SELF
    """Whom it is about."""
    path: str
    """The slot."""
    text: str | None = None
    """The statement, in the third person; none for `DELETE`."""
    target: ClaimId | None = None
    """The claim to update, end or forget; none: the resolver looks for it."""
    message_id: str | None = None
    """The message it rests on."""
    quote: str | None = None
    """The words it rests on."""
    valid_from: Instant | None = None
    """Since when it is so; none: since the message."""
    valid_to: Instant | None = None
    """Until when it is so, where that was said."""
    origin: Origin = "stated"
    """Said outright, or concluded."""
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How sure the listener is."""
    condition: str | None = None
    """When it is so, where it is not always: "on weekdays", "when travelling"."""
    reason: DeleteReason = "ended"
    """Why, for `DELETE`."""


class Reply(Value):
    """What a chat model answered, word for word. It is stored before it is applied."""

    raw: str
    """The operations, as it wrote them; empty where it said that no slot is concerned."""
    routing: str | None = None
    """What it answered when it was asked which slots are concerned, if it was."""
    model: str
    """The model that wrote it."""
    prompt_version: str
    """The prompt it answered."""
    tokens_in: Annotated[int, Field(ge=0)] = 0
    """Tokens sent."""
    tokens_out: Annotated[int, Field(ge=0)] = 0
    """Tokens that came back."""
    calls: Annotated[int, Field(ge=1)] = 1
    """How often it was asked."""
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """What they cost, in US dollars; none: the price is not known."""


class Proposal(Value):
    """Drafts for one window, with whatever could not be read."""

    drafts: tuple[Draft, ...] = ()
    """In order of application."""
    unreadable: tuple[UnreadableLine, ...] = ()
    """Parts of the reply that hold no operation."""
    lost: Annotated[int, Field(ge=0)] = 0
    """How many of these were meant as operations; history tells their number, without their words."""


class Verdict(Value):
    """What admission says of one operation."""

    ruling: Ruling
    """Commit it, hold it for a person, or leave it."""
    rule: Text
    """The rule that decided, e.g. `span-not-in-message`."""
    why: Text
    """The reason, in one sentence."""
    draft: Draft
    """What the listener wanted."""
    operation: Operation | None = None
    """The operation, where the draft could be tied to the tree."""

    @property
    def forgets(self) -> ClaimId | None:
        """The claim that a person asks to have forgotten; none: nobody asks for that."""
        wanted = self.operation
        return wanted.target if isinstance(wanted, Delete) and wanted.reason == "forgotten" else None


class Held(Value):
    """A verdict that waits in quarantine for a person."""

    id: str
    """Its id, to confirm or drop it by."""
    window_id: str
    """The window it came from."""
    verdict: Verdict
    """What was wanted, and why it was held."""
    recorded_at: Instant
    """When it was held."""


class Heard(Value):
    """What became of one window: told to observers, and counted by `replay`."""

    window_id: str
    """The window."""
    session: str
    """Its session."""
    message_ids: tuple[str, ...]
    """Its turns."""
    verdicts: tuple[Verdict, ...] = ()
    """One a draft, in order."""
    unreadable: tuple[UnreadableLine, ...] = ()
    """Parts of a model's reply that hold no operation."""
    parked: str | None = None
    """Why the window was put aside for a person, if it was."""
    tokens_in: Annotated[int, Field(ge=0)] = 0
    """Tokens sent to a model for it, also where nothing came of it."""
    tokens_out: Annotated[int, Field(ge=0)] = 0
    """Tokens that came back."""
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """What they cost, in US dollars; none: the price is not known."""
    version: Annotated[int, Field(ge=0)]
    """Version of the scope afterwards."""
