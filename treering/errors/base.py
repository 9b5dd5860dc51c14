"""The root of all errors, and the one for what is not installed."""

from __future__ import annotations


class TreeringError(Exception):
    """Base of all of them; catch this at the rim."""


class MissingExtra(TreeringError):
    """An optional dependency is not installed, or too old.

    Args:
        feature: What needs it.
        extra: The extra of the package that brings it.
        otherwise: What else would help.
        because: What could not be imported: where the extra is installed, that alone tells what is wrong.
    """

    def __init__(self, feature: str, extra: str, otherwise: str = "", *, because: ImportError | None = None) -> None:
        told = f" ({because})" if because is not None else ""
        hint = f"; {otherwise}" if otherwise else ""
        super().__init__(f"{feature} needs more packages: pip install 'treering[{extra}]'{hint}{told}")
        self.feature = feature
        self.extra = extra
