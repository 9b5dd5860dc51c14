"""The HTTP server beside an assistant: health, version and metrics."""
