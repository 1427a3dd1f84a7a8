"""Settings that are lists."""


def split(value: object) -> object:
    """Return what is between the commas of a text; what is no text as it is."""
    return [p.strip() for p in value.split(",") if p.strip()] if isinstance(value, str) else value
