"""YAML files that ship with the package, read ten times as fast as PyYAML reads them by itself."""

from __future__ import annotations

from typing import Any

import yaml

#: libyaml's, which PyYAML is sometimes installed without. It crashes the process on brackets nested ten thousand deep.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str) -> Any:  # noqa: ANN401 - what a file of ours says
    """The one document of a text that nobody else wrote.

    Raises:
        yaml.YAMLError: It is none.

    Example:
        >>> load_yaml("answers: [1, two]")
        {'answers': [1, 'two']}
    """
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe one
