"""The only place that builds adapters from settings. Nothing is opened or loaded here: adapters are lazy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from treering.errors import InvalidInput, MissingExtra
from treering.memory.clock import SystemClock
from treering.memory.engine import Engine
from treering.memory.models.choose import make_embedders
from treering.memory.models.personal_data import find_personal_data
from treering.memory.models.slot_cache import load_slot_router, load_slot_vectors
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.stores import SqlStore
from treering.schemas.policy import Policy
from treering.schemas.trunks import load_trunk
from treering.telemetry.happenings import Happenings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from langchain_core.language_models import BaseChatModel

    from treering.graph.recall_build import AgenticRecall
    from treering.graph.recall_model import Gated
    from treering.memory.hearing import Observer
    from treering.memory.models.gated import AsyncChatModel
    from treering.memory.models.price import Price
    from treering.memory.ports import Clock, Embedder, Listener, Reranker, Store, Summariser, VectorIndex
    from treering.memory.retrieval.rank import Weights
    from treering.memory.retrieval.slots import SlotVectors
    from treering.memory.stores.encryption.ciphers import MasterKey
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
    weights: Weights | None = None
    policy: Policy | None = None


def compose(settings: Settings, choices: Choices, observe: Observer, *, happenings: Happenings | None = None) -> Engine:
    """An engine with the adapters that settings and choices name; what it does is told to `happenings`."""
    happenings = happenings or Happenings()
    trunk = choices.trunk or load_trunk(settings.trunk, cache_dir=settings.cache_dir)
    embedder, questions = make_embedders(
        settings.embedder if choices.embedder is None else choices.embedder,
        settings.cache_dir,
        happenings=happenings if happenings.is_heard else None,
    )

    @cache
    def slots() -> SlotVectors:
        return load_slot_vectors(trunk, embedder, settings.cache_dir)

    store = SqlStore(
        settings.store_url,
        trunk,
        fingerprint=embedder.fingerprint,
        keys=compose_keys(settings),
        room_bytes=settings.cache_bytes,
    )
    clock = choices.clock or SystemClock()
    gated = _gate(settings, store, clock, happenings)
    return Engine(
        store=store,
        index=_index(settings, embedder),
        embedder=embedder,
        questions=questions,
        router=cache(lambda: load_slot_router(trunk, embedder, settings.cache_dir)),
        slots=slots,
        listener=lambda: choices.listener or compose_listener(settings, choices, trunk, embedder, slots, gated=gated),
        summariser=cache(lambda: _summariser(settings, choices, gated)),
        trunk=trunk,
        counter=RegexTokenCounter(),
        clock=clock,
        observe=observe,
        reranker=_reranker(settings),
        weights=choices.weights,
        policy=_policy(settings, choices, trunk),
        find_personal_data=find_personal_data,
        queue_age=None if settings.queue_age_s is None else timedelta(seconds=settings.queue_age_s),
        happenings=happenings,
    )


def _policy(settings: Settings, choices: Choices, trunk: Trunk) -> Policy:
    policy = choices.policy or Policy.read(
        settings.consent, personal_data=settings.personal_data, claims_a_day=settings.claims_a_day
    )
    policy.check(trunk)
    return policy


def compose_keys(settings: Settings) -> Keys | None:
    """The keys that the settings name; None without encryption.

    Raises:
        InvalidInput: There are two master keys, or what is given is none, or the keyring has to be named.
        MissingExtra: There is one, and cryptography is not installed.
    """
    if settings.master_key_file is not None and settings.master_key is not None:
        raise InvalidInput("TREERING_MASTER_KEY", "and TREERING_MASTER_KEY_FILE are both set; unset one of them")
    if settings.master_key_file is not None:
        master = read_master_key(settings.master_key_file, where="TREERING_MASTER_KEY_FILE")
    elif settings.master_key is not None:
        master = _master_key(settings.master_key, "TREERING_MASTER_KEY")
    else:
        return None
    from treering.memory.stores.encryption.keyring import Keyring  # noqa: PLC0415 - only where there is a master key
    from treering.memory.stores.encryption.keys import Keys  # noqa: PLC0415

    return Keys(Keyring(settings.keyring_url), master)


def read_master_key(file: Path, *, where: str) -> MasterKey:
    """A master key from a file.

    Args:
        file: Holds 32 bytes in base64.
        where: How an error calls it.

    Raises:
        InvalidInput: The file cannot be read, or holds no key.
        MissingExtra: cryptography is not installed.
    """
    try:
        text = file.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InvalidInput(where, f"cannot be read ({error.strerror}): {file}") from error
    return _master_key(text, where)


def _master_key(text: str, where: str) -> MasterKey:
    try:
        from treering.memory.stores.encryption.ciphers import MasterKey  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise MissingExtra("a master key", "encryption", because=error) from error
    return MasterKey.parse(text, where=where)


def load_chat_model(spec: str) -> BaseChatModel:
    """A LangChain chat model from `provider:model`.

    Raises:
        MissingExtra: LangChain, or its package for this provider, is not installed.
        InvalidInput: There is no such provider, or it refuses to start, e.g. without its key.
    """
    try:
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - an optional extra, and slow to import
    except ImportError as error:
        raise MissingExtra(f"the chat model {spec!r}", "models", because=error) from error
    try:
        model: BaseChatModel = init_chat_model(spec)
    except ImportError as error:
        raise MissingExtra(f"the chat model {spec!r}", "models", because=error) from error
    except Exception as error:  # each provider's package has errors of its own
        [why, *_] = str(error).splitlines() or [type(error).__name__]
        raise InvalidInput(
            f"chat model {spec!r}", f"{why} (give TREERING_MODEL or model= as provider:model)"
        ) from error
    return model


def compose_agentic(settings: Settings, choices: Choices, engine: Engine) -> AgenticRecall:
    """The graph that asks an engine several times for one question, with the chat model if one is named."""
    from treering.graph.recall_build import AgenticRecall  # noqa: PLC0415 - LangGraph, only where this mode is chosen

    return AgenticRecall(
        trunk=engine.trunk,
        count=RegexTokenCounter().count,
        clock=engine.clock,
        model=_chat_model(settings, choices),
        timeout_s=settings.model_timeout_s,
        gated=_gate(settings, engine.store, engine.clock, engine.happenings, is_waited_for=True),
    )


def _gate(
    settings: Settings, store: Store, clock: Clock, happenings: Happenings, *, is_waited_for: bool = False
) -> Gated:
    """What puts a chat model behind the limits of the settings.

    Raises:
        InvalidInput: A limit of cost is set, and no price.
    """
    if settings.model_cost_a_day is not None and settings.model_price is None:
        raise InvalidInput(
            "TREERING_MODEL_COST_A_DAY", "needs to know what tokens cost; set TREERING_MODEL_PRICE, e.g. 0.40/1.60"
        )

    def gated(model: AsyncChatModel) -> AsyncChatModel:
        from treering.memory.models.gated import GatedChatModel, Limits  # noqa: PLC0415 - only where there is a model

        limits = Limits(
            tokens_a_minute=settings.model_tokens_a_minute, cost_a_day=settings.model_cost_a_day, price=_price(settings)
        )
        return GatedChatModel(
            model,
            store.model_gate,
            clock=clock,
            count=RegexTokenCounter().count,
            limits=limits,
            timeout_s=settings.model_timeout_s,
            is_waited_for=is_waited_for,
            happenings=happenings,
        )

    return gated


def _price(settings: Settings) -> Price | None:
    from treering.memory.models.price import Price  # noqa: PLC0415 - likewise

    return Price(*settings.model_price) if settings.model_price else None


def _chat_model(settings: Settings, choices: Choices) -> BaseChatModel | None:
    return choices.model or (load_chat_model(settings.model) if settings.model else None)


def compose_listener(
    settings: Settings,
    choices: Choices,
    trunk: Trunk,
    embedder: Embedder,
    slots: Callable[[], SlotVectors],
    *,
    gated: Gated = lambda model: model,
) -> Listener:
    """The listener that asks the chat model, if one is named, behind its limits; else the local one."""
    model = _chat_model(settings, choices)
    if model is not None:
        from treering.memory.listeners.model import ModelListener  # noqa: PLC0415 - only where a model listens
        from treering.memory.listeners.model_meaning import MeaningRouter  # noqa: PLC0415
        from treering.memory.models.chat import LangChainChatModel  # noqa: PLC0415

        return ModelListener(
            gated(LangChainChatModel(model, timeout_s=settings.model_timeout_s)),
            trunk,
            meaning=MeaningRouter(embedder, slots),
            routes_by_meaning=settings.model_routing == "vectors",
            price=_price(settings),
        )
    from treering.memory.listeners.heads.files import shipped_heads  # noqa: PLC0415 - only where no model listens
    from treering.memory.listeners.local import LocalListener  # noqa: PLC0415 - its dictionaries are slow to import

    return LocalListener(embedder, slots(), trunk, heads=shipped_heads)


def _reranker(settings: Settings) -> Reranker | None:
    if settings.reranker is None:
        return None
    from treering.memory.models.cross_encoder import CrossEncoderReranker  # noqa: PLC0415 - only where it is wanted

    return CrossEncoderReranker(settings.reranker)


def _summariser(settings: Settings, choices: Choices, gated: Gated) -> Summariser | None:
    model = _chat_model(settings, choices)
    if model is None:
        return None
    from treering.memory.models.chat import LangChainChatModel  # noqa: PLC0415 - only where a model writes
    from treering.memory.models.summariser import ChatSummariser  # noqa: PLC0415

    return ChatSummariser(gated(LangChainChatModel(model, timeout_s=settings.model_timeout_s)))


def _index(settings: Settings, embedder: Embedder) -> VectorIndex | None:
    if settings.qdrant_url is None:
        return None
    from treering.memory.indexes.qdrant import QdrantVectorIndex  # noqa: PLC0415 - an optional extra

    return QdrantVectorIndex(settings.qdrant_url, fingerprint=embedder.fingerprint, api_key=settings.qdrant_api_key)


def index_probe(settings: Settings) -> Callable[[], object] | None:
    """What asks the vector server whether it is there, and raises if not; None where vectors are rows of the store."""
    if settings.qdrant_url is None:
        return None
    from treering.memory.indexes.qdrant_calls import Calls  # noqa: PLC0415 - an optional extra

    calls = Calls(settings.qdrant_url, api_key=settings.qdrant_api_key)
    return lambda: calls.run(lambda client: client.get_collections())
