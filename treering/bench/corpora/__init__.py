"""Corpora of our own, as readable files: what the benches ship, and need not be downloaded."""
