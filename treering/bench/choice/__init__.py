"""`treering bench run`: questions with options or without, answered from what each system would put before a model."""
