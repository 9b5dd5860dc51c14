"""Long-term, personalised memory for any chat model."""

__version__ = "0.1.0.dev0"
