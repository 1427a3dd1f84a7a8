"""The plot of a service's last hour, as SVG that is made here: no script, no library."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from worker.recent import Minute

_BAR, _GAP, _HIGH = 4, 1, 34  # units of the SVG


def plot(minutes: Sequence[Minute]) -> Markup:
    """Return bars, one a minute: what failed stands below what did not, in another colour."""
    ok, failed = sum(m.ok for m in minutes), sum(m.failed for m in minutes)
    words = f"Last hour: {ok + failed:,} events, {failed:,} of them failed so far"
    wide = len(minutes) * (_BAR + _GAP)
    bars = Markup("").join(_bars(minutes))
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><title>{}</title><rect class="base" x="0" y="{}" width="{}" height="1"/>'
        "{}</svg>"
    ).format(wide, _HIGH, words, words, _HIGH - 1, wide, bars)


def _bars(minutes: Sequence[Minute]) -> Iterator[Markup]:
    most = max((m.ok + m.failed for m in minutes), default=0) or 1
    for n, minute in enumerate(minutes):
        failed = _height(minute.failed, most)
        ok = min(_height(minute.ok, most), _HIGH - 1 - failed)
        yield _bar("failed", n, _HIGH - 1 - failed, failed)
        yield _bar("ok", n, _HIGH - 1 - failed - ok, ok)


def _height(count: int, most: int) -> int:
    """Return how high a bar is; a single event can be seen beside thousands."""
    return max(2, round((_HIGH - 1) * count / most)) if count else 0


def _bar(kind: str, n: int, y: int, height: int) -> Markup:
    if not height:
        return Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, n * (_BAR + _GAP), y, _BAR, height
    )
