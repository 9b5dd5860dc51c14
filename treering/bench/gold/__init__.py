"""The right answers. Only the scorer opens them: an import contract keeps systems and samples from this room."""
