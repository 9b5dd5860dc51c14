"""The engine over ports over a pure core."""
