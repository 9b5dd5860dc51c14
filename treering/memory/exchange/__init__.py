"""What goes out of a store as a document, and what comes in: our own export, and what other memories left behind."""
