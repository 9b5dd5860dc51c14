"""A run as one page of HTML that needs nothing beside it: for people who would rather look than read JSON."""
