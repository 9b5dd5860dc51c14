"""Frozen values, and trunks as data. No behaviour beyond their own validity."""
