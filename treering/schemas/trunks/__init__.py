"""The trunks that ship, as YAML, and the way to load these or one's own."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from treering.errors import InvalidTrunk, UnknownTrunk
from treering.schemas.trunk import Branch, Slot, Trunk

DEFAULT_TRUNK = "core"
"""The trunk of those who choose none: everyday life, with preferences by domain."""

MAX_TRUNK_BYTES = 1_048_576
"""Largest trunk file, in bytes (1 MiB); eight times the largest that ships."""

_CACHED_TRUNKS = 32
"""Files kept parsed: one a tenant in a small installation, a few megabytes in all."""

_FOLDER = Path(__file__).parent
_SUFFIXES = (".yaml", ".yml")


def load_trunk(name_or_path: str | Path = DEFAULT_TRUNK, *, cache_dir: Path | None = None) -> Trunk:
    """The trunk of this name, or in this YAML file. Kept until the file changes.

    Args:
        name_or_path: A name out of `shipped_trunks()`, or the path of a file. A string is a path if it holds a
            folder separator or ends in `.yaml` or `.yml`.
        cache_dir: Folder to keep the parsed trunk in as JSON, which reads ten times as fast as YAML; none: nowhere.

    Raises:
        UnknownTrunk: No trunk of this name ships.
        InvalidTrunk: The file is not there, cannot be read, or breaks the rules of trunks; the message says which
            line of which file, and what to do.

    Example:
        >>> load_trunk("core").by_path["home.city"].cardinality
        'one'
    """
    path = _locate(name_or_path)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return _load(path, status.st_mtime_ns, status.st_size, cache_dir)


def shipped_trunks() -> tuple[str, ...]:
    """The names of the trunks that come with Treering, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def _locate(name_or_path: str | Path) -> Path:
    if isinstance(name_or_path, Path):
        return name_or_path
    if "/" in name_or_path or "\\" in name_or_path or name_or_path.endswith(_SUFFIXES):
        return Path(name_or_path)
    known = shipped_trunks()
    if name_or_path not in known:
        raise UnknownTrunk(name_or_path, known)
    return _FOLDER / f"{name_or_path}.yaml"


@lru_cache(maxsize=_CACHED_TRUNKS)
def _load(path: Path, modified_ns: int, size_bytes: int, cache_dir: Path | None) -> Trunk:
    """Parse a file; the time of its last change and its size are there as a part of the cache's key."""
    del modified_ns
    if size_bytes > MAX_TRUNK_BYTES:
        raise InvalidTrunk(str(path), f"has {size_bytes} bytes, over the limit of {MAX_TRUNK_BYTES}; is it a trunk?")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidTrunk(str(path), f"is not UTF-8 text ({error.reason}); save it as UTF-8") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    return _parse(text, path) if cache_dir is None else _parse_once(text, path, cache_dir)


def _parse(text: str, path: Path) -> Trunk:
    # PyYAML is half of this module's import time, and many who import it never parse a trunk.
    from treering.schemas.trunks.reading import read_trunk  # noqa: PLC0415

    return read_trunk(text, str(path))


def _parse_once(text: str, path: Path, cache_dir: Path) -> Trunk:
    """The trunk out of the cache, whose file is named by the text and by what a trunk of this release is made of."""
    shape = [*Trunk.model_fields, *Branch.model_fields, *Slot.model_fields]
    key = hashlib.sha256("\x1f".join((text, *shape)).encode()).hexdigest()[:32]
    file = cache_dir / f"trunk-{key}.json"
    with suppress(OSError, ValueError):  # not there, or not whole
        return Trunk.model_validate_json(file.read_bytes())
    trunk = _parse(text, path)
    with suppress(OSError):  # a cache that cannot be kept costs milliseconds, an error would cost the service
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache_dir, prefix=".trunk-", delete=False) as aside:
            aside.write(trunk.model_dump_json().encode())
        Path(aside.name).replace(file)
    return trunk


def _unreadable(path: Path, error: Exception) -> InvalidTrunk:
    if isinstance(error, FileNotFoundError):
        return InvalidTrunk(str(path), "there is no such file; check the path")
    reason = getattr(error, "strerror", None) or str(error)
    return InvalidTrunk(str(path), f"cannot be read: {reason}; give the path of a readable YAML file")
