"""A LangChain retriever over what one person said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Protocol, Self

from anyio.to_thread import run_sync
from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, SkipValidation, model_validator
from typing_extensions import override

from treering.errors import MissingScope
from treering.schemas.dialogue import DEFAULT_TENANT, Scalar
from treering.schemas.recall import SearchHit

DEFAULT_K = 4
"""Documents by default, as many as LangChain's own retrievers give."""


class SearchableMemory(Protocol):
    """What the retriever needs of a memory; `treering.Memory` is one."""

    def search(
        self,
        user: str,
        query: str,
        *,
        limit: int,
        since: datetime | None,
        until: datetime | None,
        where: Mapping[str, Scalar | Sequence[Scalar]] | None,
        tenant: str,
    ) -> tuple[SearchHit, ...]:
        """The turns that are nearest to `query`, best first."""
        ...


class MemoryRetriever(BaseRetriever):
    """The turns of one person that are nearest to a question, as documents, best first.

    A document's text is the whole turn, its id the message's; its metadata are `message_id`, `session`, `at` (ISO
    8601, UTC), `role`, `speaker` and `score` (0 to 1). Whether what a turn says is still so is not asked: for that
    there is `Memory.recall`. Whose memory it is stands in the retriever, and in no question.

    Example:
        >>> from treering import Memory
        >>> from treering.graph.retriever import MemoryRetriever
        >>> with Memory("example", embedder="hash", background=False) as memory:
        ...     receipt = memory.remember("zoe", {"content": "The boat is called Alma.", "id": "b1"})
        ...     [found] = MemoryRetriever(memory=memory, user="zoe", k=1).invoke("What is the boat called?")
        ...     found.page_content, found.metadata["message_id"]
        ('The boat is called Alma.', 'b1')
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    memory: Annotated[SkipValidation[SearchableMemory], Field(exclude=True, repr=False)]
    """Where to look; of an `AsyncMemory`, its `memory`."""
    user: str
    """The person."""
    tenant: str = DEFAULT_TENANT
    """The customer or application."""
    k: int = DEFAULT_K
    """Most documents; a call may ask for another number: `invoke(question, k=10)`."""
    since: datetime | None = None
    """Only what was said at or after this moment, with a time zone."""
    until: datetime | None = None
    """Only what was said before this moment, with a time zone."""
    where: dict[str, Any] | None = None
    """Values that turns must have in their metadata, one or several a name."""

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.user.strip():
            raise MissingScope("MemoryRetriever")
        return self

    @override
    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        return self._found(query, k)

    @override
    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        return await run_sync(self._found, query, k)

    def _found(self, query: str, k: int | None) -> list[Document]:
        hits = self.memory.search(
            self.user,
            query,
            limit=self.k if k is None else k,
            since=self.since,
            until=self.until,
            where=self.where,
            tenant=self.tenant,
        )
        return [_document(hit) for hit in hits]


def _document(hit: SearchHit) -> Document:
    return Document(
        id=hit.message_id,
        page_content=hit.text,
        metadata={
            "message_id": hit.message_id,
            "session": hit.session,
            "at": hit.at.isoformat(),
            "role": hit.role,
            "speaker": hit.speaker,
            "score": hit.score,
        },
    )
