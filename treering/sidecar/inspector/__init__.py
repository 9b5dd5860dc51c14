"""The inspector: a web page that shows memories, and lets people put them right by the routes under /v1."""
