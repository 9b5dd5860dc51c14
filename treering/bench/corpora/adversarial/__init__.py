"""Attacks on a memory and honest look-alikes, a file a kind; `injections.yaml` says how they are written."""
