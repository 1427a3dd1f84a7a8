"""Sentry, as somebody who is told of incidents; errors go there by its own library."""
