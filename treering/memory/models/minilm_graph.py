"""The network of all-MiniLM-L6-v2 as an ONNX graph, built from its safetensors with plain `onnx` and numpy.

BERT (Devlin et al. 2018) with six layers, then the mean over the tokens, then the unit sphere. There is no attention
mask: texts of equal length go through together, so nothing is ever padded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = 6
HEADS = 12
DIMENSION = 384

EPSILON = 1e-12
"""Of the layer norms, as in the model's `config.json`."""

FUSED = "com.microsoft"
"""ONNX Runtime's own operators. Written out here, so that no session ever spends time on optimising the graph."""

OPSET = 17
IR_VERSION = 9
"""Read by every ONNX Runtime since 1.16."""

INLINE_BYTES = 1024
"""Larger tensors go to the data file, which ONNX Runtime maps into memory instead of copying: 42 ms, not 120."""

Weights = Mapping[str, NDArray[np.float32]]


def build(safetensors: Path, graph: Path, data_name: str) -> None:
    """Write the graph to `graph` and its tensors to `data_name` beside it."""
    model = model_of(load_file(safetensors))
    onnx.save_model(model, str(graph), save_as_external_data=True, location=data_name, size_threshold=INLINE_BYTES)


def model_of(weights: Weights) -> onnx.ModelProto:
    """The whole network: `ids` (batch, tokens) to `vectors` (batch, 384), each of length one."""
    draft = _Draft(weights)
    states = _embeddings(draft)
    for layer in range(LAYERS):
        states = _layer(draft, states, f"encoder.layer.{layer}")
    # A product with ones, as ReduceMean adds up in another order when the batch has one text.
    draft.node("ConstantOfShape", ["length"], "ones", value=helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]))
    draft.node("MatMul", ["ones", states], "sum")
    draft.node("LpNormalization", ["sum"], "vectors", axis=-1, p=2)
    graph = helper.make_graph(
        draft.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", DIMENSION])],
        draft.tensors,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A graph that is being written."""

    weights: Weights
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    tensors: list[onnx.TensorProto] = field(default_factory=list)

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401 - as helper.make_node
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def tensor(self, name: str, values: NDArray[np.generic]) -> str:
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weight(self, name: str, *, transposed: bool = False) -> str:
        return self.tensor(name, self.weights[name].T if transposed else self.weights[name])

    def norm(self, name: str) -> list[str]:
        return [self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]


def _embeddings(draft: _Draft) -> str:
    """Word + position + token type (always the first), normalised."""
    place = "embeddings.position_embeddings.weight"
    kind = draft.weights["embeddings.token_type_embeddings.weight"][0]
    draft.tensor("places", draft.weights[place] + kind)
    for name, value in (("first", 0), ("tokens_axis", 1), ("end_axis", 2)):
        draft.tensor(name, np.array([value], np.int64))
    draft.node("Gather", [draft.weight("embeddings.word_embeddings.weight"), "ids"], "words")
    draft.node("Shape", ["ids"], "shape")
    draft.node("Slice", ["shape", "tokens_axis", "end_axis"], "length")
    draft.node("Slice", ["places", "first", "length"], "used_places")
    draft.node("Add", ["words", "used_places"], "raw")
    return draft.node(
        "LayerNormalization", ["raw", *draft.norm("embeddings.LayerNorm")], "states", axis=-1, epsilon=EPSILON
    )


def _layer(draft: _Draft, states: str, name: str) -> str:
    attended = _attention(draft, states, name)
    hidden = draft.node("MatMul", [attended, _matrix(draft, f"{name}.intermediate.dense")], f"{name}.hidden")
    bias = draft.weight(f"{name}.intermediate.dense.bias")
    active = draft.node("BiasGelu", [hidden, bias], f"{name}.active", FUSED)
    return _add_and_norm(draft, active, attended, f"{name}.output", f"{name}.states")


def _attention(draft: _Draft, states: str, name: str) -> str:
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    matrix = np.concatenate([draft.weights[f"{part}.weight"].T for part in parts], axis=1)
    bias = np.concatenate([draft.weights[f"{part}.bias"] for part in parts])
    inputs = [states, draft.tensor(f"{name}.qkv", matrix), draft.tensor(f"{name}.qkv_bias", bias)]
    mixed = draft.node("Attention", inputs, f"{name}.mixed", FUSED, num_heads=HEADS)
    return _add_and_norm(draft, mixed, states, f"{name}.attention.output", f"{name}.attended")


def _add_and_norm(draft: _Draft, inner: str, skipped: str, name: str, output: str) -> str:
    """Layer norm of (inner x matrix + bias + skipped)."""
    product = draft.node("MatMul", [inner, _matrix(draft, f"{name}.dense")], f"{output}.product")
    inputs = [product, skipped, *draft.norm(f"{name}.LayerNorm"), draft.weight(f"{name}.dense.bias")]
    return draft.node("SkipLayerNormalization", inputs, output, FUSED, epsilon=EPSILON)


def _matrix(draft: _Draft, name: str) -> str:
    return draft.weight(f"{name}.weight", transposed=True)
