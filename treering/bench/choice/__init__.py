"""`treering bench run`: questions with options, answered from what each system would put before a model."""
