"""Vector indexes outside SQL; the only room that knows Qdrant."""
