"""SQL stores; the only room that knows SQLAlchemy."""
