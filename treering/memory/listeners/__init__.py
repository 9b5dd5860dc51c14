"""Listeners: what proposes operations from turns."""
