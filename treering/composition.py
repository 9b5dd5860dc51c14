"""The only place that builds adapters from settings. Nothing is opened or loaded here: adapters are lazy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from treering.errors import InvalidInput, MissingExtra
from treering.memory.clock import SystemClock
from treering.memory.engine import Engine
from treering.memory.models.choose import make_embedder
from treering.memory.models.slot_cache import load_slot_router, load_slot_vectors
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.stores import SqlStore
from treering.schemas.trunks import load_trunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.language_models import BaseChatModel

    from treering.memory.hearing import Observer
    from treering.memory.ports import Clock, Embedder, Listener, VectorIndex
    from treering.memory.retrieval.slots import SlotVectors
    from treering.memory.stores.encryption.keys import Keys
    from treering.schemas.trunk import Trunk
    from treering.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What an application hands over instead of what the settings name."""

    embedder: Embedder | None = None
    listener: Listener | None = None
    model: BaseChatModel | None = None
    trunk: Trunk | None = None
    clock: Clock | None = None


def compose(settings: Settings, choices: Choices, observe: Observer) -> Engine:
    """An engine with the adapters that settings and choices name."""
    trunk = choices.trunk or load_trunk(settings.trunk, cache_dir=settings.cache_dir)
    embedder = choices.embedder or make_embedder(settings.embedder, settings.cache_dir)

    @cache
    def slots() -> SlotVectors:
        return load_slot_vectors(trunk, embedder, settings.cache_dir)

    store = compose_store(settings, trunk, fingerprint=embedder.fingerprint)
    return Engine(
        store=store,
        index=_index(settings, embedder),
        embedder=embedder,
        router=cache(lambda: load_slot_router(trunk, embedder, settings.cache_dir)),
        slots=slots,
        listener=lambda: choices.listener or _listener(settings, choices, trunk, embedder, slots),
        trunk=trunk,
        counter=RegexTokenCounter(),
        clock=choices.clock or SystemClock(),
        observe=observe,
    )


def compose_store(settings: Settings, trunk: Trunk, *, fingerprint: str = "") -> SqlStore:
    """The store that the settings name, with its keys.

    Raises:
        InvalidInput: The settings of the keys cannot be used.
        MissingExtra: There is a master key, and cryptography is not installed.
    """
    return SqlStore(settings.store_url, trunk, fingerprint=fingerprint, keys=compose_keys(settings))


def compose_keys(settings: Settings) -> Keys | None:
    """The keys that the settings name; None without encryption."""
    found = _master_key(settings)
    if found is None:
        return None
    try:
        from treering.memory.stores.encryption.ciphers import MasterKey  # noqa: PLC0415 - an optional extra
        from treering.memory.stores.encryption.keyring import Keyring  # noqa: PLC0415
        from treering.memory.stores.encryption.keys import Keys  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("a master key", "encryption") from error
    where, text = found
    return Keys(Keyring(settings.keyring_url), MasterKey.parse(text, where=where))


def _master_key(settings: Settings) -> tuple[str, str] | None:
    """Where the master key is from, and its text."""
    file = settings.master_key_file
    if file is None:
        return ("TREERING_MASTER_KEY", settings.master_key) if settings.master_key else None
    if settings.master_key:
        raise InvalidInput("TREERING_MASTER_KEY", "and TREERING_MASTER_KEY_FILE are both set; unset one of them")
    try:
        return "TREERING_MASTER_KEY_FILE", file.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InvalidInput("TREERING_MASTER_KEY_FILE", f"cannot be read ({error.strerror}): {file}") from error


def load_chat_model(spec: str) -> BaseChatModel:
    """A LangChain chat model from `provider:model`.

    Raises:
        MissingExtra: LangChain, or its package for this provider, is not installed.
        InvalidInput: There is no such provider, or it refuses to start, e.g. without its key.
    """
    try:
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - an optional extra, and slow to import
    except ImportError as error:
        raise MissingExtra(f"the chat model {spec!r}", "models") from error
    try:
        model: BaseChatModel = init_chat_model(spec)
    except ImportError as error:
        raise MissingExtra(f"the chat model {spec!r}", "models", otherwise=str(error)) from error
    except Exception as error:  # each provider's package has errors of its own
        [why, *_] = str(error).splitlines() or [type(error).__name__]
        raise InvalidInput(
            f"chat model {spec!r}", f"{why} (give TREERING_MODEL or model= as provider:model)"
        ) from error
    return model


def _listener(
    settings: Settings, choices: Choices, trunk: Trunk, embedder: Embedder, slots: Callable[[], SlotVectors]
) -> Listener:
    model = choices.model or (load_chat_model(settings.model) if settings.model else None)
    if model is not None:
        from treering.memory.listeners.model import ModelListener  # noqa: PLC0415 - only where a model listens
        from treering.memory.models.chat import LangChainChatModel  # noqa: PLC0415

        return ModelListener(LangChainChatModel(model, timeout_s=settings.model_timeout_s), trunk)
    from treering.memory.listeners.local import LocalListener  # noqa: PLC0415 - its dictionaries are slow to import

    return LocalListener(embedder, slots(), trunk)


def _index(settings: Settings, embedder: Embedder) -> VectorIndex | None:
    if settings.qdrant_url is None:
        return None
    from treering.memory.indexes.qdrant import QdrantVectorIndex  # noqa: PLC0415 - an optional extra

    return QdrantVectorIndex(settings.qdrant_url, fingerprint=embedder.fingerprint)
