"""Composition: names in the settings become adapters, and what is missing is said with its remedy."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from types import ModuleType

import pytest

from treering import Settings, composition
from treering.composition import Choices, compose, compose_keys, load_chat_model
from treering.errors import InvalidInput, MissingExtra
from treering.memory.indexes.qdrant import QdrantVectorIndex
from treering.memory.listeners.local import LocalListener
from treering.memory.listeners.model import ModelListener
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.questions import QuestionEmbedder
from treering.memory.models.remembering import RememberingEmbedder
from treering.memory.stores.encryption.keys import Keys
from treering.schemas.policy import Policy
from treering.testing import ScriptedChatModel


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings.model_validate({"home": tmp_path, "embedder": "hash", "cache_dir": tmp_path / "cache", **more})


def engine(tmp_path: Path, choices: Choices | None = None, **more: object):  # noqa: ANN201 - only looked into
    return compose(settings(tmp_path, **more), choices or Choices(), lambda *_: None)


def test_nothing_is_opened_or_written_before_it_is_used(tmp_path: Path) -> None:
    engine(tmp_path / "home", qdrant_url="http://localhost:1").store.close()
    assert not (tmp_path / "home" / "treering.db").exists()


def test_only_questions_may_have_a_vector_of_a_model_that_loads_quickly(tmp_path: Path) -> None:
    """Its last bits differ, and what is stored must not depend on what was asked before."""
    made = engine(tmp_path, embedder="minilm")
    assert isinstance(made._recalling._querying._embedder, QuestionEmbedder)
    others = (made, made._recalling._reader, made._indexing, made._summarising, made.consolidating, made.importing)
    assert {type(one._embedder) for one in others} == {RememberingEmbedder}


def test_warming_up_loads_the_model_that_stays(tmp_path: Path) -> None:
    made = engine(tmp_path, embedder="minilm", cache_dir=Settings().cache_dir)
    made.warm_up()
    made.store.close()
    questions = made._recalling._querying._embedder
    assert isinstance(questions, QuestionEmbedder)
    assert questions._is_loaded()
    assert questions._quick.known(["warm up"]) is None


def test_without_a_model_the_local_listener_listens(tmp_path: Path) -> None:
    assert isinstance(engine(tmp_path)._listener(), LocalListener)


def test_with_a_model_a_model_listens(tmp_path: Path) -> None:
    choices = Choices(model=ScriptedChatModel("NO_OP()"))
    assert isinstance(engine(tmp_path, choices)._listener(), ModelListener)


def test_the_model_of_the_settings_is_loaded_when_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def load(spec: str) -> ScriptedChatModel:
        asked.append(spec)
        return ScriptedChatModel("NO_OP()")

    monkeypatch.setattr(composition, "load_chat_model", load)
    made = engine(tmp_path, model="openai:gpt-4.1-mini")
    assert asked == []
    assert isinstance(made._listener(), ModelListener)
    assert asked == ["openai:gpt-4.1-mini"]


def test_a_qdrant_url_gives_the_qdrant_index(tmp_path: Path) -> None:
    found = composition._index(settings(tmp_path, qdrant_url="http://localhost:1"), HashEmbedder())
    assert isinstance(found, QdrantVectorIndex)
    assert composition._index(settings(tmp_path), HashEmbedder()) is None


def test_a_model_without_langchain_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(MissingExtra, match=r"treering\[models\]"):
        load_chat_model("openai:gpt-4.1-mini")


def test_where_langchain_is_too_old_it_says_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", ModuleType("langchain.chat_models"))
    with pytest.raises(MissingExtra, match=r"treering\[models\].*cannot import name 'init_chat_model'") as caught:
        load_chat_model("openai:gpt-4.1-mini")
    assert isinstance(caught.value.__cause__, ImportError)


def test_an_unknown_embedder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="minilm"):
        engine(tmp_path, embedder="minilmm")


KEY = base64.b64encode(bytes(range(32))).decode()


def keys_of(**settings: object) -> Keys | None:
    return compose_keys(Settings.model_validate(settings))


def test_a_master_key_seals_and_none_does_not(tmp_path: Path) -> None:
    assert keys_of(home=tmp_path) is None
    assert keys_of(home=tmp_path, master_key=KEY) is not None


def test_the_master_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text(f"{KEY}\n")
    assert keys_of(home=tmp_path, master_key_file=tmp_path / "master.key") is not None


@pytest.mark.parametrize("key", ["hunter2", base64.b64encode(b"hunter2").decode(), KEY[:-4], f"{KEY}{KEY}", "ü"])
def test_a_master_key_that_is_none_is_bad_input_and_is_not_repeated(tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidInput, match="TREERING_MASTER_KEY") as raised:
        keys_of(home=tmp_path, master_key=key)
    assert key not in str(raised.value)


def test_two_master_keys_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="both"):
        keys_of(home=tmp_path, master_key=KEY, master_key_file=tmp_path / "master.key")


def test_a_file_without_a_master_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.key"):
        keys_of(home=tmp_path, master_key_file=tmp_path / "none.key")


def test_a_master_key_without_cryptography_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "treering.memory.stores.encryption.ciphers", None)
    with pytest.raises(MissingExtra, match=r"treering\[encryption\]"):
        keys_of(home=tmp_path, master_key=KEY)


def test_settings_say_what_may_be_kept(tmp_path: Path) -> None:
    policy = engine(tmp_path, consent="special=ask,health.*=never", personal_data="never", claims_a_day=9)._policy
    assert policy == Policy.read("special=ask,health.*=never", personal_data="never", claims_a_day=9)


def test_a_policy_of_the_application_outweighs_the_settings(tmp_path: Path) -> None:
    mine = Policy.read("open=ask")
    assert engine(tmp_path, Choices(policy=mine), consent="open=never")._policy == mine


def test_consent_to_what_the_trunk_does_not_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"names wealth.\*, which is no sensitivity"):
        engine(tmp_path, consent="wealth.*=never")
