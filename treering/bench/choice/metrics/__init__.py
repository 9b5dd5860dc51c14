"""What is measured of a run, a file a kind of thing; all of it may open the answer key."""
