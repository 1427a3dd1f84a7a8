"""A module that does not get through its own import."""

raise RuntimeError("it is broken")
