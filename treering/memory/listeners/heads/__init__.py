"""Three small trained heads over sentence vectors: worth keeping or not, which slot, and how two claims relate."""
