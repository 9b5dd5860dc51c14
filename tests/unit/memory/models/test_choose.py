"""From a name in the settings to an embedder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from treering.errors import EmbedderUnavailable, InvalidInput, MissingExtra
from treering.memory.models import choose
from treering.memory.models.choose import make_embedder


@pytest.mark.parametrize(
    ("spec", "fingerprint"),
    [
        ("minilm", "all-MiniLM-L6-v2:53aa51172d14:mean:256"),
        ("hash", "hash:1:256"),
        ("sentence-transformers:some/model", "sentence-transformers:some/model"),
        ("openai:text-embedding-3-small", "openai:text-embedding-3-small"),
    ],
)
def test_each_form_gives_its_embedder_without_loading_it(spec: str, fingerprint: str, tmp_path: Path) -> None:
    assert make_embedder(spec, tmp_path / "cache").fingerprint == fingerprint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spec", ["", "miniml", "openai:", ":model", "sentence-transformers:", "minilm:x:"])
def test_other_forms_are_refused(spec: str, tmp_path: Path) -> None:
    with pytest.raises((InvalidInput, EmbedderUnavailable), match="embedder"):
        make_embedder(spec, tmp_path).embed(["x"])


def test_a_provider_that_langchain_does_not_know_is_refused_at_the_first_use(tmp_path: Path) -> None:
    embedder = make_embedder("nobody:model", tmp_path)
    with pytest.raises(InvalidInput, match="nobody"):
        embedder.embed(["x"])


def test_without_langchain_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"treering\[models\]"):
        make_embedder("openai:text-embedding-3-small", tmp_path).embed(["x"])


def test_the_default_is_chosen_without_heavy_imports(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from treering.memory.models.choose import make_embedder\n"
        "make_embedder('minilm', Path('x'))\n"
        "heavy = ('torch', 'onnxruntime', 'tokenizers', 'langchain_core', 'langgraph', 'sqlalchemy')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
