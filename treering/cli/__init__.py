"""The command line. A command imports what it needs when it runs, so that `--help` is quick."""

from treering.cli.app import main

__all__ = ["main"]
