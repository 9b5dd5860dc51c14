"""Files of other memories, one module a format: JSON in, facts and turns out. Pure."""
