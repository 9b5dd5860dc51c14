"""The trunks that ship, as YAML."""
