"""Settings come from the environment once, and never show their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from treering import Settings
from treering.errors import InvalidInput


def test_an_empty_environment_gives_an_embedded_memory() -> None:
    settings = Settings.read({})
    assert settings.store_url == "sqlite:///.treering/treering.db"
    assert (settings.model, settings.qdrant_url, settings.embedder, settings.trunk) == (None, None, "minilm", "core")


def test_variables_are_read_by_name_and_empty_ones_count_as_absent() -> None:
    settings = Settings.read(
        {"TREERING_HOME": "/data", "TREERING_MODEL": "", "TREERING_LEASE_S": "2.5", "HOME": "/root"}
    )
    assert settings.home == Path("/data")
    assert settings.model is None
    assert settings.lease_s == 2.5


def test_a_database_url_takes_the_place_of_the_file() -> None:
    assert Settings(database_url="postgresql://host/db").store_url == "postgresql://host/db"


def test_a_bad_value_is_named_but_not_repeated() -> None:
    with pytest.raises(InvalidInput, match="TREERING_LEASE_S") as raised:
        Settings.read({"TREERING_LEASE_S": "soon-secret"})
    assert "soon-secret" not in str(raised.value)


def test_a_price_is_two_numbers_and_everything_else_is_refused_with_an_example() -> None:
    assert Settings.read({"TREERING_MODEL_PRICE": "0.40/1.60"}).model_price == (0.4, 1.6)
    assert Settings.read({}).model_price is None
    for bad in ("1.60", "-1/2", "nan/1", "a/b", "1/2/3"):
        with pytest.raises(InvalidInput, match=r"TREERING_MODEL_PRICE: should be US dollars .* such as 0\.40/1\.60"):
            Settings.read({"TREERING_MODEL_PRICE": bad})


def test_the_representation_holds_no_url_with_a_password() -> None:
    settings = Settings(
        database_url="postgresql://u:hunter2@host/db", qdrant_url="http://k:hunter2@host", qdrant_api_key="hunter2"
    )
    assert "hunter2" not in repr(settings)


def test_the_representation_holds_no_key() -> None:
    assert "hunter2" not in repr(Settings(master_key="hunter2", keys_url="postgresql://u:hunter2@host/keys"))


def test_the_keyring_of_an_embedded_store_lies_beside_it() -> None:
    assert Settings(home="/data").keyring_url == "sqlite:////data/keys.db"
    assert Settings(home="/data", keys_url="sqlite:////safe/keys.db").keyring_url == "sqlite:////safe/keys.db"


def test_a_store_on_a_server_needs_a_keyring_that_is_named() -> None:
    with pytest.raises(InvalidInput, match="TREERING_KEYS_URL"):
        _ = Settings(database_url="postgresql://host/db").keyring_url


def test_the_keyring_is_not_the_store() -> None:
    with pytest.raises(InvalidInput, match="another database") as raised:
        _ = Settings(
            database_url="postgresql://u:hunter2@host/db", keys_url="postgresql://u:hunter2@host/db"
        ).keyring_url
    assert "hunter2" not in str(raised.value)


def test_settings_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError):
        Settings().home = Path("/other")  # type: ignore[misc]  # that is the fault
    with pytest.raises(ValidationError):
        Settings.model_validate({"hoem": "/data"})
