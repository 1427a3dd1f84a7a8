"""The series as one picture: small charts side by side, in SVG."""

from collections.abc import Iterator, Sequence
from html import escape

from proof.soak.series import Point, lives
from proof.soak.trend import WARM_UP, Trend

COLUMNS = 3
WIDTH, HEIGHT = 400, 170  # of a chart, with what stands around it
LEFT, TOP, INNER_WIDTH, INNER_HEIGHT = 58, 34, 320, 104
COLOURS = ("#1f5fa8", "#c2571a", "#2f7d4f", "#8a4fa3", "#7a6a1f")
_STYLE = """<style>text { font: 11px sans-serif; fill: #444 } .title { font-weight: bold }
.rises { fill: #b00020 } .axis { text-anchor: end } .end { text-anchor: middle }
polyline { fill: none; stroke-width: 1.3 }</style>"""


def plot(told: Sequence[Trend], seconds: float) -> str:
    """Return the picture. The time before the end of the warm-up is grey."""
    rows = -(-len(told) // COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    ground = f'<rect width="{width}" height="{height}" fill="white"/>'
    charts = [_placed(number, trend, seconds) for number, trend in enumerate(told)]
    return "\n".join([head, _STYLE, ground, *charts, "</svg>\n"])


def _placed(number: int, trend: Trend, seconds: float) -> str:
    row, column = divmod(number, COLUMNS)
    chart = "\n".join(_chart(trend, seconds))
    return f'<g transform="translate({column * WIDTH} {row * HEIGHT})">\n{chart}\n</g>'


def _chart(trend: Trend, seconds: float) -> Iterator[str]:
    points = trend.series.points
    low, high = _range([point.value for point in points])
    unit = f" ({trend.series.kind.unit})" if trend.series.kind.unit else ""
    yield _text(LEFT, 14, trend.series.title + unit, "title")
    rise = f"{trend.slope} in an hour" if trend.slope else "lived too short for a slope"
    yield _text(LEFT, 27, rise, "rises" if trend.rises else "")
    yield _box(INNER_WIDTH, "#fafafa")
    yield _box(INNER_WIDTH * WARM_UP, "#e8e8e8")
    yield _text(LEFT - 5, TOP + 9, f"{high:,.1f}", "axis")
    yield _text(LEFT - 5, TOP + INNER_HEIGHT, f"{low:,.1f}", "axis")
    yield _text(LEFT, TOP + INNER_HEIGHT + 14, "0", "end")
    last = f"{seconds / 60:g} min"
    yield _text(LEFT + INNER_WIDTH, TOP + INNER_HEIGHT + 14, last, "end")
    for number, life in enumerate(lives(points)):
        yield _line(life, seconds, (low, high), COLOURS[number % len(COLOURS)])


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the axis: never so near that a ripple looks like a wave."""
    low, high = min(values), max(values)
    spare = max((high - low) * 0.05, high * 0.02, 0.5)
    return max(0, low - spare), high + spare


def _line(life: Sequence[Point], seconds: float, ends: tuple[float, float], colour: str) -> str:
    low, high = ends
    places = " ".join(
        f"{LEFT + point.at / seconds * INNER_WIDTH:.1f},"
        f"{TOP + (high - point.value) / (high - low) * INNER_HEIGHT:.1f}"
        for point in life
        if point.at <= seconds
    )
    return f'<polyline points="{places}" stroke="{colour}"/>'


def _box(width: float, colour: str) -> str:
    place = f'x="{LEFT}" y="{TOP}" width="{width}" height="{INNER_HEIGHT}"'
    return f'<rect {place} fill="{colour}"/>'


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'
