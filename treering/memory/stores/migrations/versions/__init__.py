"""One module a store format, with the way up from the former one and back down."""
