"""Looks whether what is derived still fits what is true, and mends it where nothing can be lost."""
