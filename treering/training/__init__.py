"""Training of the local listener's heads, from sentences of our own: what `treering train local` does."""
