"""The team's own application: a target of effects."""
