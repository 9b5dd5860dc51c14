"""A pool of real workers, people who talk meanwhile, and what may befall both: for the crash suite and the soak."""
