"""Imitations of other memories, module by module, with the calls and the answers of their own packages.

What they hold they find by shared words, so that an adapter that hands over or reads back the wrong thing is seen. That
the calls are those of the real packages is tested where a package is installed.
"""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from langgraph.store.base import BaseStore

MEMORIES: dict[str, list[SimpleNamespace]] = {}
"""What each imitated memory holds, by the name of a person, archive, bank or group."""


def hold(name: str, text: str, **fields: object) -> SimpleNamespace:
    kept = MEMORIES.setdefault(name, [])
    kept.append(SimpleNamespace(id=f"{name}/{len(kept)}", text=text, **fields))
    return kept[-1]


def best(name: str, query: str, limit: int) -> list[SimpleNamespace]:
    asked = set(re.findall(r"\w+", query.lower()))
    held = MEMORIES.get(name, [])
    return sorted(held, key=lambda one: -len(asked & set(re.findall(r"\w+", one.text.lower()))))[:limit]


class Mem0Memory:
    embedding_model: object

    def __init__(self, *, infers: bool) -> None:
        self.infers = infers

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Mem0Memory:
        assert {"vector_store", "embedder", "llm", "history_db_path"} == set(config)
        return cls(infers=config["llm"]["provider"] == "langchain")

    def add(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        user_id: str,
        infer: bool,
        metadata: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        assert infer == self.infers
        return {"results": [{"id": hold(user_id, one["content"], metadata=metadata).id} for one in messages]}

    def search(
        self, query: str, *, top_k: int, filters: Mapping[str, str], threshold: float
    ) -> dict[str, list[dict[str, object]]]:
        found = best(filters["user_id"], query, top_k)
        return {"results": [{"id": one.id, "memory": one.text, "metadata": one.metadata} for one in found]}


class LangMemTool:
    name = "search_memory"

    def __init__(self, namespace: tuple[str, ...], store: BaseStore) -> None:
        self.namespace, self.store = namespace, store

    def invoke(self, call: Mapping[str, Any]) -> object:
        if call.get("action") == "create":
            key = f"id-{len(self.store.search(self.namespace, limit=1_000))}"
            self.store.put(self.namespace, key, {"content": call["content"]})
            return f"created memory {key}"
        found = self.store.search(self.namespace, query=call["args"]["query"], limit=call["args"]["limit"])
        return SimpleNamespace(artifact=found)


def create_manage_memory_tool(namespace: tuple[str, ...], *, store: BaseStore) -> LangMemTool:
    return LangMemTool(namespace, store)


def create_search_memory_tool(namespace: tuple[str, ...], *, store: BaseStore, response_format: str) -> LangMemTool:
    assert response_format == "content_and_artifact"
    return LangMemTool(namespace, store)


class LettaArchivePassages:
    def create_many(self, archive_id: str, *, passages: Sequence[Mapping[str, Any]]) -> None:
        for one in reversed(passages):  # in whatever order
            datetime.fromisoformat(one["created_at"])
            hold(archive_id, one["text"], tags=one["tags"])


class LettaArchives:
    def __init__(self) -> None:
        self.passages = LettaArchivePassages()

    def create(self, *, name: str, embedding: str = "") -> SimpleNamespace:
        return SimpleNamespace(id=f"archive-{name}")

    def delete(self, archive_id: str) -> None:
        MEMORIES.pop(archive_id, None)


class LettaPassages:
    def search(self, *, query: str, archive_id: str, limit: int) -> list[SimpleNamespace]:
        assert limit <= 100
        return [SimpleNamespace(passage=one, score=0.5) for one in best(archive_id, query, limit)]


class LettaClient:
    def __init__(self) -> None:
        self.archives = LettaArchives()
        self.passages = LettaPassages()


class MemobaseUser:
    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: list[Mapping[str, str]] = []

    def insert(self, blob_data: Sequence[Mapping[str, str]]) -> str:
        assert all(one["role"] in ("user", "assistant") for one in blob_data)
        self.waiting += blob_data
        return "blob"

    def flush(self, *, sync: bool) -> bool:
        for one in self.waiting:
            hold(self.name, one["content"])
        self.waiting = []
        return sync

    def context(self, *, max_token_size: int, chats: Sequence[Mapping[str, str]]) -> str:
        query = unquote(chats[0]["content"])
        return "\n".join(["# Memory", *(f"- {one.text}" for one in best(self.name, query, max_token_size))])


class MemobaseClient:
    def __init__(self, *, project_url: str, api_key: str) -> None:
        assert project_url
        assert api_key
        self.users = 0

    def add_user(self) -> str:
        self.users += 1
        return f"{id(self)}-{self.users}"

    def get_user(self, user_id: str, *, no_get: bool) -> MemobaseUser:
        return MemobaseUser(user_id)

    def delete_user(self, user_id: str) -> bool:
        return MEMORIES.pop(user_id, None) is not None


class HindsightClient:
    def __init__(self, *, base_url: str, api_key: str | None) -> None:
        assert base_url

    def create_bank(self, bank_id: str) -> None:
        assert bank_id not in MEMORIES

    def delete_bank(self, bank_id: str) -> None:
        MEMORIES.pop(bank_id, None)

    def retain_batch(self, bank_id: str, items: Sequence[Mapping[str, Any]]) -> None:
        for one in items:
            known = {"occurred_start": None, "mentioned_at": one["timestamp"].isoformat(), "source_fact_ids": None}
            hold(bank_id, one["content"], document_id=one["document_id"], **known)

    def recall(
        self, bank_id: str, query: str, *, max_tokens: int, query_timestamp: str, include_source_facts: bool
    ) -> SimpleNamespace:
        """The best fact comes as an observation that rests on it, as a server's model would have made one."""
        [first, *others] = best(bank_id, query, max_tokens)[:50] or [None]
        if first is None:
            return SimpleNamespace(results=[], source_facts=None)
        made = {"document_id": None, "source_fact_ids": [first.id], "id": "made"}
        seen = SimpleNamespace(**{**vars(first), **made})
        return SimpleNamespace(results=[seen, *others], source_facts={first.id: first})

    def close(self) -> None:
        pass


class GraphitiDriver:
    async def health_check(self) -> None:
        pass


class GraphitiTracker:
    def __init__(self) -> None:
        self.usage = SimpleNamespace(call_count=0, total_input_tokens=0, total_output_tokens=0)

    def get_usage(self) -> dict[str, SimpleNamespace]:
        return {"one prompt": self.usage, "another": self.usage}

    def reset(self) -> None:
        vars(self).update(vars(GraphitiTracker()))


class GraphitiGraph:
    driver = GraphitiDriver()

    def __init__(self, uri: str, user: str, password: str, *, embedder: EmbedderClient) -> None:
        assert uri
        assert isinstance(embedder, EmbedderClient)
        self.embedder = embedder
        self.token_tracker = GraphitiTracker()

    async def build_indices_and_constraints(self) -> None:
        pass

    async def add_episode(
        self, *, name: str, episode_body: str, source_description: str, reference_time: datetime, group_id: str
    ) -> SimpleNamespace:
        assert re.fullmatch(r"[\w-]+", group_id)
        assert len(await self.embedder.create(input_data=[episode_body])) == len(await self.embedder.create("one"))
        kept = hold(group_id, episode_body, fact=episode_body, valid_at=reference_time, invalid_at=None)
        kept.episodes = [f"uuid of {name}", "of another group"]
        self.token_tracker.usage.call_count += 1
        self.token_tracker.usage.total_input_tokens += len(episode_body)
        return SimpleNamespace(episode=SimpleNamespace(uuid=kept.episodes[0]))

    async def search(self, query: str, *, group_ids: list[str], num_results: int) -> list[SimpleNamespace]:
        return best(group_ids[0], query, num_results)

    async def close(self) -> None:
        pass


class EmbedderClient(ABC):
    @abstractmethod
    async def create(self, input_data: str | Iterable[str]) -> list[float]: ...


async def clear_data(driver: object, group_ids: Iterable[str]) -> None:
    for one in group_ids:
        MEMORIES.pop(one, None)


def module(name: str, **names: object) -> ModuleType:
    made = ModuleType(name)
    made.__spec__ = ModuleSpec(name, None)
    vars(made).update(names)
    return made


MODULES = [
    module("mem0", Memory=Mem0Memory),
    module(
        "langmem",
        create_manage_memory_tool=create_manage_memory_tool,
        create_search_memory_tool=create_search_memory_tool,
    ),
    module("letta_client", Letta=LettaClient),
    module("memobase", MemoBaseClient=MemobaseClient, ChatBlob=lambda *, messages: messages),
    module("hindsight_client", Hindsight=HindsightClient),
    module("graphiti_core", Graphiti=GraphitiGraph),
    module("graphiti_core.embedder.client", EmbedderClient=EmbedderClient),
    module("graphiti_core.utils.maintenance.graph_data_operations", clear_data=clear_data),
]

SHAPES: dict[str, dict[str, Callable[..., object]]] = {
    "mem0": {"mem0:Memory.add": Mem0Memory.add, "mem0:Memory.search": Mem0Memory.search},
    "langmem": {
        "langmem:create_manage_memory_tool": create_manage_memory_tool,
        "langmem:create_search_memory_tool": create_search_memory_tool,
    },
    "letta_client": {
        "letta_client.resources.archives:ArchivesResource.create": LettaArchives.create,
        "letta_client.resources.archives:ArchivesResource.delete": LettaArchives.delete,
        "letta_client.resources.archives:PassagesResource.create_many": LettaArchivePassages.create_many,
        "letta_client.resources.passages:PassagesResource.search": LettaPassages.search,
    },
    "memobase": {
        "memobase:MemoBaseClient": MemobaseClient,
        "memobase:MemoBaseClient.add_user": MemobaseClient.add_user,
        "memobase:MemoBaseClient.get_user": MemobaseClient.get_user,
        "memobase:MemoBaseClient.delete_user": MemobaseClient.delete_user,
        "memobase.core.entry:User.insert": MemobaseUser.insert,
        "memobase.core.entry:User.flush": MemobaseUser.flush,
        "memobase.core.entry:User.context": MemobaseUser.context,
    },
    "hindsight_client": {
        "hindsight_client:Hindsight": HindsightClient,
        "hindsight_client:Hindsight.create_bank": HindsightClient.create_bank,
        "hindsight_client:Hindsight.delete_bank": HindsightClient.delete_bank,
        "hindsight_client:Hindsight.retain_batch": HindsightClient.retain_batch,
        "hindsight_client:Hindsight.recall": HindsightClient.recall,
        "hindsight_client:Hindsight.close": HindsightClient.close,
    },
    "graphiti_core": {
        "graphiti_core:Graphiti": GraphitiGraph,
        "graphiti_core:Graphiti.build_indices_and_constraints": GraphitiGraph.build_indices_and_constraints,
        "graphiti_core:Graphiti.add_episode": GraphitiGraph.add_episode,
        "graphiti_core:Graphiti.search": GraphitiGraph.search,
        "graphiti_core:Graphiti.close": GraphitiGraph.close,
        "graphiti_core.driver.neo4j_driver:Neo4jDriver.health_check": GraphitiDriver.health_check,
        "graphiti_core.llm_client.token_tracker:TokenUsageTracker.get_usage": GraphitiTracker.get_usage,
        "graphiti_core.llm_client.token_tracker:TokenUsageTracker.reset": GraphitiTracker.reset,
        "graphiti_core.embedder.client:EmbedderClient.create": EmbedderClient.create,
        "graphiti_core.utils.maintenance.graph_data_operations:clear_data": clear_data,
    },
}
"""What is imitated, by package and place."""

VARIABLES = (
    "LETTA_BASE_URL",
    "MEMOBASE_PROJECT_URL",
    "MEMOBASE_API_KEY",
    "HINDSIGHT_API_URL",
    "NEO4J_URI",
    "OPENAI_API_KEY",
)


@pytest.fixture
def imitated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the imitations in the place of the packages, and names their servers; Treering keeps listening alone."""
    MEMORIES.clear()
    for one in MODULES:
        monkeypatch.setitem(sys.modules, one.__name__, one)
    monkeypatch.setattr("treering.bench.systems.mem0_model.load_chat_model", lambda spec: spec)
    for name in VARIABLES:
        monkeypatch.setenv(name, "http://peer.test")


@pytest.fixture
def shapes() -> dict[str, dict[str, Callable[..., object]]]:
    """What is imitated, by package and place."""
    return SHAPES
