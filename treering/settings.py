"""Settings: read once from the environment, frozen, and handed only to composition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What `TREERING_*` variables say. URLs may carry passwords, so they are left out of the representation.

    Example:
        >>> Settings(home="/tmp/x").store_url
        'sqlite:////tmp/x/treering.db'
    """

    model_config = SettingsConfigDict(
        env_prefix="TREERING_", frozen=True, extra="ignore", use_attribute_docstrings=True, env_ignore_empty=True
    )

    home: Path = Path(".treering")
    """Folder of the embedded store."""
    database_url: str | None = Field(default=None, repr=False)
    """SQLAlchemy URL of the store; none: an SQLite file in `home`."""
    qdrant_url: str | None = Field(default=None, repr=False)
    """Qdrant server for the vectors; none: they are rows of the store."""
    broker_url: str | None = Field(default=None, repr=False)
    """Broker that wakes workers; none: a thread in this process works."""
    model: str | None = None
    """Chat model as `provider:model`; none: the local listener and rules."""
    embedder: str = "minilm"
    """`minilm` (bundled weights, no torch), `sentence-transformers:NAME`, or `provider:model` for a remote one."""
    trunk: str = "core"
    """A shipped trunk's name, or the path of a YAML file."""
    cache_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("treering"))
    """Where derived files are kept: the ONNX graph, the slots' vectors. Safe to delete."""
    lease_s: Annotated[float, Field(gt=0)] = 15.0
    """Seconds after which a worker that died loses its job to another; living ones renew it."""
    model_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that a chat model may take to answer the listener."""

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home / 'treering.db'}"
