"""The shape of what services tell, as it was learned, and what changed in it."""
