"""Settings: read once from the environment, frozen, and handed only to composition."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from platformdirs import user_cache_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "TREERING_"
"""Begins the name of every variable: `home` is `TREERING_HOME`."""


_PRICE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*/\s*(\d{1,6}(?:\.\d{1,6})?)", re.ASCII)


def _cache_dir() -> Path:
    return user_cache_path("treering")


def _price(given: object) -> object:
    if not isinstance(given, str):
        return given
    match = _PRICE.fullmatch(given.strip())
    if match is None:
        raise PydanticCustomError(
            "price", "should be US dollars for a million tokens, sent/answered, such as 0.40/1.60"
        )
    return float(match[1]), float(match[2])


class Settings(BaseModel):
    """What `TREERING_*` variables say. URLs may carry passwords, so they are left out of the representation.

    Example:
        >>> Settings(home="/tmp/x").store_url
        'sqlite:////tmp/x/treering.db'
        >>> Settings.read({"TREERING_MODEL": "openai:gpt-4.1-mini"}).model
        'openai:gpt-4.1-mini'
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Path(".treering")
    """Folder of the embedded store."""
    database_url: str | None = Field(default=None, repr=False)
    """SQLAlchemy URL of the store; none: an SQLite file in `home`."""
    master_key: str | None = Field(default=None, repr=False)
    """Seals what people said: 32 bytes in base64, from `treering db new-key`; none: it is stored as it is."""
    master_key_file: Path | None = None
    """A file with that key, in place of the variable."""
    keys_url: str | None = Field(default=None, repr=False)
    """SQLAlchemy URL of the keyring, where the keys stand that the master key wraps; none: an SQLite file in `home`."""
    qdrant_url: str | None = Field(default=None, repr=False)
    """Qdrant server for the vectors; none: they are rows of the store."""
    qdrant_api_key: str | None = Field(default=None, repr=False)
    """What that server wants to be shown, if anything."""
    model: str | None = None
    """Chat model as `provider:model`; none: the local listener and rules."""
    embedder: str = "minilm"
    """`minilm` (bundled weights, no torch), `sentence-transformers:NAME`, or `provider:model` for a remote one."""
    reranker: str | None = None
    """Cross-encoder that reads the best turns once more, by name or folder; none: they stay as they are."""
    trunk: str = "core"
    """A shipped trunk's name, or the path of a YAML file."""
    cache_dir: Path = Field(default_factory=_cache_dir)
    """Where derived files are kept: the ONNX graph, the slots' vectors. Safe to delete."""
    cache_bytes: Annotated[int, Field(ge=0)] = 3_758_096_384
    """Memory of a process for vectors and mentions of the people who were asked for last, in bytes (3.5 GiB)."""
    broker_url: str | None = Field(default=None, repr=False)
    """Redis or RabbitMQ, which wakes the workers of `treering worker`; none: a thread of this process works."""
    broker_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "treering"
    """Begins the names of the broker's queues, where several installations share one."""
    lease_s: Annotated[float, Field(gt=0)] = 15.0
    """Seconds after which a worker that died loses its job to another; living ones renew it."""
    hang_s: Annotated[float, Field(gt=0)] = 900.0
    """Seconds after which a process of a worker is killed that got no further: longer than any window takes."""
    queue_age_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds that what a tenant said may wait to be listened to, before no more is taken in of it; none: for ever."""
    idle_minutes: Annotated[float, Field(gt=0)] = 30.0
    """Minutes after which a session in which nothing is said any more has ended."""
    model_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that a chat model may take to answer the listener."""
    model_price: Annotated[tuple[float, float] | None, BeforeValidator(_price)] = None
    """US dollars for a million tokens, sent and answered, given as `0.40/1.60`; none: the ledger tells no cost."""
    model_tokens_a_minute: Annotated[int, Field(ge=1)] | None = None
    """Tokens, sent and answered, that all workers together use of a chat model in a minute; none: no limit."""
    model_cost_a_day: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """US dollars that all workers together spend on chat models in a day, by `model_price`; none: no limit."""
    model_routing: Literal["model", "vectors"] = "model"
    """Who finds the slots of a window: the chat model in a call of its own, or sentence vectors."""

    upstream_url: Annotated[str, Field(pattern=r"^https?://[^/\s]")] | None = Field(default=None, repr=False)
    """OpenAI-compatible API behind the proxy of `treering serve`, e.g. `https://api.openai.com/v1`; none: no proxy."""
    upstream_key: SecretStr | None = None
    """What that API wants to be shown, if anything."""
    upstream_timeout_s: Annotated[float, Field(gt=0)] = 600.0
    """Seconds for which that API may send nothing, before it is given up."""

    auth: Literal["open", "keys"] = "open"
    """Who may call `treering serve`: on loopback everybody, or whoever shows a key of `treering keys create`."""
    audit: Literal["all", "none"] = "all"
    """Which requests about memories `treering serve` writes down, see docs/auth.md."""
    audit_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days for which it is kept what was written down; none: for ever."""
    jwt_issuer: str | None = None
    """With `TREERING_AUTH=keys`, tokens of this issuer are good too; none: only keys."""
    jwt_audience: str | None = None
    """What the `aud` of such a token must have."""
    jwt_jwks: str | None = None
    """The issuer's public keys: a URL, or a file."""
    jwt_tenant_claim: str = "tenant"
    """The claim of a token that names the tenant."""
    jwt_right_claim: str = "right"
    """The claim with `read`, `write` or `admin`: a text, several with blanks between, or a list."""

    mcp_hosts: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:\[\] ,_-]+$")] | None = None
    """Names by which programs call `/mcp` of `treering serve`, with commas between, e.g. `memory.example.com`; none:
    only those of this machine."""

    max_body_bytes: Annotated[int, Field(ge=1_024)] = 8_388_608
    """Largest body of a request to `treering serve`, in bytes (8 MiB)."""
    requests_a_minute: Annotated[int, Field(ge=1)] | None = None
    """Requests that a process of `treering serve` takes of one credential in a minute; none: any number."""

    log_format: Literal["text", "json"] = "text"
    """How `treering worker` and `treering serve` write their logs; as JSON with `treering[telemetry]`."""
    log_key: str | None = Field(default=None, repr=False)
    """Hashes the names of tenants and people in logs; none: a key of each process, drawn at random."""

    consent: str | None = None
    """What becomes of claims, as `WHERE=CONSENT` with commas between: `special=ask,health.*=never`; none: as the trunk
    says."""
    personal_data: Literal["keep", "ask", "never"] = "ask"
    """What becomes of claims with personal data in them, where `treering[pii]` is installed."""
    claims_a_day: Annotated[int, Field(ge=1)] = 2_000
    """Claims that are learned of one person in 24 hours; more wait in quarantine."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings that an environment holds; empty variables count as absent.

        Raises:
            InvalidInput: A variable has a value that cannot be used; the value itself is not repeated.
        """
        given = {name: environment.get(f"{PREFIX}{name.upper()}") for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            [first, *_] = error.errors(include_url=False, include_input=False, include_context=False)
            raise InvalidInput(f"{PREFIX}{str(first['loc'][0]).upper()}", first["msg"]) from error

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home / 'treering.db'}"

    @property
    def keyring_url(self) -> str:
        """The keyring's SQLAlchemy URL.

        Raises:
            InvalidInput: It has to be given, because the store is on a server; or it is that of the store.
        """
        if self.keys_url is None and not self.store_url.startswith("sqlite"):
            raise InvalidInput(
                f"{PREFIX}KEYS_URL",
                "is missing; with a store on a server, name another database for the keys, e.g. sqlite:////path/keys.db",
            )
        url = self.keys_url or f"sqlite:///{self.home / 'keys.db'}"
        if url == self.store_url:
            raise InvalidInput(f"{PREFIX}KEYS_URL", "is that of the store; keys must stand in another database")
        return url
