"""Questions about time: from their words to an interval, and to what it means for recall. Pure."""
