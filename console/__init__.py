"""The web console: what the operator sees, and mends. Its own process."""
