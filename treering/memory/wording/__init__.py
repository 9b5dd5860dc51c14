"""What of a message is the person's own wording, and how to read it past tricks of typing. Pure."""
