"""Readers of public benchmark files: the conversations and questions. What is gold about them is read elsewhere."""
