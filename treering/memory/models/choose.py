"""From the name of an embedder in the settings to the embedder."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from treering.errors import InvalidInput, MissingExtra
from treering.memory.models.counted import CountedEmbedder
from treering.memory.models.questions import QuestionEmbedder
from treering.memory.models.remembering import RememberingEmbedder

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.embeddings import Embeddings

    from treering.memory.ports.models import Embedder
    from treering.telemetry.happenings import Happenings


def make_embedder(
    spec: str, cache_dir: Path, *, happenings: Happenings | None = None, is_brief: bool = False
) -> RememberingEmbedder:
    """The embedder that `spec` names; it loads or connects at its first use, and embeds a text once.

    Args:
        spec: `minilm` (the default), `hash` (for tests), `sentence-transformers:MODEL`, or `PROVIDER:MODEL` as
            LangChain writes it, e.g. `openai:text-embedding-3-small`.
        cache_dir: Where a local model may keep files.
        happenings: Told what is embedded, and not what was remembered; none: nobody is.
        is_brief: Only a few texts will be embedded, so what loads quickly is better than what runs quickly.

    Raises:
        InvalidInput: `spec` has another form.

    Example:
        >>> from pathlib import Path
        >>> make_embedder("hash", Path(".treering/cache")).dimension
        256
    """
    return _remembering(_named(spec, cache_dir, is_brief=is_brief), happenings)


def make_embedders(
    given: str | Embedder, cache_dir: Path, *, happenings: Happenings | None = None
) -> tuple[Embedder, Embedder]:
    """An embedder, and what embeds questions: the same, but for the first question with `minilm`.

    Args:
        given: As for `make_embedder`, or an embedder, which is only counted.
        cache_dir: As for `make_embedder`.
        happenings: Likewise.

    Raises:
        InvalidInput: A name has another form.
    """
    if not isinstance(given, str):
        embedder = given if happenings is None else CountedEmbedder(given, happenings)
        return embedder, embedder
    if given != "minilm":
        named = make_embedder(given, cache_dir, happenings=happenings)
        return named, named
    from treering.memory.models.minilm import MiniLMEmbedder  # noqa: PLC0415 - only the chosen one is imported

    model, brief = MiniLMEmbedder(cache_dir), MiniLMEmbedder(cache_dir, is_brief=True)
    embedder, quick = _remembering(model, happenings), _remembering(brief, happenings)
    return embedder, QuestionEmbedder(embedder, quick, is_loaded=lambda: model.is_loaded, let_go=brief.let_go)


def _remembering(embedder: Embedder, happenings: Happenings | None) -> RememberingEmbedder:
    return RememberingEmbedder(embedder if happenings is None else CountedEmbedder(embedder, happenings))


def _named(spec: str, cache_dir: Path, *, is_brief: bool) -> Embedder:
    provider, _, model = spec.partition(":")
    match provider, model:
        case "minilm", "":
            from treering.memory.models.minilm import MiniLMEmbedder  # noqa: PLC0415 - only the chosen one is imported

            return MiniLMEmbedder(cache_dir, is_brief=is_brief)
        case "hash", "":
            from treering.memory.models.hashing import HashEmbedder  # noqa: PLC0415 - likewise

            return HashEmbedder()
        case "sentence-transformers", str(model) if model:
            from treering.memory.models.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415

            return SentenceTransformerEmbedder(model)
        case str(provider), str(model) if provider and model:
            from treering.memory.models.langchain_embedder import LangChainEmbedder  # noqa: PLC0415

            return LangChainEmbedder(partial(_from_langchain, spec), spec)
    raise InvalidInput(f"embedder {spec!r}", "known are minilm, hash, sentence-transformers:MODEL and PROVIDER:MODEL")


def _from_langchain(spec: str) -> Embeddings:
    if find_spec("langchain") is None:
        raise MissingExtra(f"the embedder {spec}", "models")
    from langchain.embeddings import init_embeddings  # noqa: PLC0415 - heavy, and only for this kind

    try:
        return init_embeddings(spec)
    except ValueError as error:
        raise InvalidInput(f"embedder {spec!r}", str(error)) from error
    except ImportError as error:
        raise MissingExtra(f"the embedder {spec}", "models", because=error) from error
