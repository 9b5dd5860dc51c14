"""What an operator sees of a running system: traces, and lines of log. Never a word that anybody said."""
