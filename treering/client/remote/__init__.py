"""The SDK on a memory of a server: one file a subject, as beside it. See docs/client.md."""
