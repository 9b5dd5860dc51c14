"""The routes of a memory. Each file is one group, and has a `router`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from treering.client.memory import Memory


async def _memory(request: Request) -> Memory:
    # async, or it would have a thread of its own for each request
    found: Memory = request.app.state.memory
    return found


Remembers = Annotated[Memory, Depends(_memory)]
"""The memory that the server has."""
