"""How signals and commands put figures into words."""

_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def age(seconds: float | None) -> str:
    """Return a length of time in its two largest units: `3 h 12 min`."""
    if seconds is None:
        return "-"
    for length, unit, smaller_length, smaller in _UNITS:
        if seconds >= length:
            large, rest = divmod(int(seconds), length)
            return f"{large} {unit} {rest // smaller_length} {smaller}"
    return f"{seconds:.0f} s"


def counted(count: int, what: str, plural: str = "") -> str:
    """Return `1 event`, `1,200 events`."""
    return f"{count:,} {what if count == 1 else plural or what + 's'}"


def percent(share: float) -> str:
    """Return a share of 1 as `0.4 %` or `31 %`."""
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"
