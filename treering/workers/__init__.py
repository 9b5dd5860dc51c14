"""Runs jobs: the in-process thread here, Celery beside it."""
