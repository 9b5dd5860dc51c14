"""Consolidation: what claims of many sessions say of each other. Pure rules, one a module; `planning` joins them."""
