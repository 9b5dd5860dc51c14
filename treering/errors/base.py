"""The root of all errors, and the one for what is not installed."""

from __future__ import annotations


class TreeringError(Exception):
    """Base of all of them; catch this at the rim."""


class MissingExtra(TreeringError):
    """An optional dependency is not installed."""

    def __init__(self, feature: str, extra: str, otherwise: str = "") -> None:
        hint = f"; {otherwise}" if otherwise else ""
        super().__init__(f"{feature} needs more packages: pip install 'treering[{extra}]'{hint}")
        self.feature = feature
        self.extra = extra
