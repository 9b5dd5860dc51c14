"""A chatbot behind FastAPI, which streams its answers and lets people see and erase what it knows of them.

    TREERING_MODEL=openai:gpt-4.1-mini python examples/chatbot_server.py    # needs treering[server]
    curl -N -H 'X-User: ana' --json '{"text": "I moved to Lisbon."}' http://127.0.0.1:8000/chat/monday
    curl -H 'X-User: ana' http://127.0.0.1:8000/known

Without TREERING_MODEL (and `pip install 'treering[models]'`) a stand-in answers with what memory told it.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import uvicorn
from fastapi import FastAPI, Header
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from treering import AsyncMemory, Memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from langchain_core.language_models import BaseChatModel

User = Annotated[str, Header(alias="X-User")]
"""Who talks. Your login says it, and never the request's text: put what it found out here."""


class Said(BaseModel):
    """What somebody says."""

    text: str


def make_app(memory: Memory, model: BaseChatModel) -> FastAPI:
    """The application; it closes the memory when it ends."""
    chat, people = memory.wrap(model, instructions="You are a warm, brief companion."), AsyncMemory(memory)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        memory.warm_up()  # or the first person would wait for the embedder
        yield
        memory.close()

    app = FastAPI(lifespan=life)

    @app.post("/chat/{session}")
    async def answer(session: str, said: Said, user: User) -> StreamingResponse:
        pieces = chat.astream(said.text, user=user, session=session)
        return StreamingResponse((piece.text async for piece in pieces), media_type="text/plain")

    @app.get("/known")
    async def known(user: User) -> dict[str, list[str]]:
        return {slot.path: [claim.text for claim in slot.claims] for slot in (await people.tree(user)).slots}

    @app.delete("/known")
    async def forget(user: User) -> dict[str, int]:
        return {proof.store: proof.erased for proof in (await people.forget(user)).stores}

    return app


def model() -> BaseChatModel:
    """The chat model that is configured, or the stand-in."""
    if spec := os.environ.get("TREERING_MODEL"):
        from langchain.chat_models import init_chat_model

        return init_chat_model(spec)
    from treering.testing import ScriptedChatModel

    return ScriptedChatModel(lambda prompt: prompt[0].text)


if __name__ == "__main__":
    uvicorn.run(make_app(Memory(), model()))
