"""Steps from one store format to the next, by alembic; imported only where a store is upgraded or compared."""
