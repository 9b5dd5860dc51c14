"""What a request carries beside its query."""

from __future__ import annotations

from pydantic import ConfigDict

from treering.schemas.value import Value


class Body(Value):
    """The base of all bodies. Its validator is built at once: FastAPI cannot wait for it, and warns at each request."""

    model_config = ConfigDict(defer_build=False)
