"""OpenAI's chat API with memory in it: an application changes its base URL, and nothing else."""
