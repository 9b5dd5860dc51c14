"""Make what Treering derives from its weights and its trunks, so that an image carries it."""  # noqa: INP001 - a script

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from treering import Memory, Settings
from treering.schemas.trunks import shipped_trunks

if __name__ == "__main__":
    settings = Settings.read(os.environ)
    for trunk in shipped_trunks():
        with tempfile.TemporaryDirectory() as folder:
            of_trunk = settings.model_copy(update={"home": Path(folder), "trunk": trunk})
            with Memory(settings=of_trunk, background=False) as memory:
                memory.warm_up()
                memory.remember("nobody", "I live in Porto.")
                memory.flush()
