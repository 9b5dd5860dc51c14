"""Prompts as versioned files, with their response models beside them."""
