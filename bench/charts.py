"""Charts of one width below each other, in SVG: lines over time, and phases behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import cycle

WIDTH, HEIGHT = 900, 150  # of a chart, with what stands around it
LEFT, TOP, INNER_WIDTH, INNER_HEIGHT = 70, 34, 810, 88
HEAD = 22  # above all of them, for the names of the phases
COLOURS = ("#1f5fa8", "#2f7d4f", "#b00020")
GROUNDS = ("#fafafa", "#f3e6d3", "#f2d9d9")
_STYLE = """<style>text { font: 11px sans-serif; fill: #444 } .title { font-weight: bold }
.axis { text-anchor: end } .middle { text-anchor: middle }
polyline { fill: none; stroke-width: 1.3 }</style>"""


@dataclass(frozen=True, slots=True)
class Line:
    """Values at times, in seconds from the start."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines with one axis. `ticks` are words for values; without them, its ends are numbers."""

    title: str
    lines: Sequence[Line]
    ticks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """What was done in a part of the time, in seconds from the start."""

    name: str
    begin: float
    end: float


def drawn(charts: Sequence[Chart], phases: Sequence[Phase]) -> str:
    """Return the picture; it ends with the last phase."""
    height = HEAD + len(charts) * HEIGHT
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    scale = INNER_WIDTH / phases[-1].end
    names = [_text(LEFT + (p.begin + p.end) / 2 * scale, 15, p.name, "middle") for p in phases]
    placed = [
        _moved(HEAD + number * HEIGHT, "\n".join(_chart(chart, phases, scale)))
        for number, chart in enumerate(charts)
    ]
    return "\n".join([head, _STYLE, ground, *names, *placed, "</svg>\n"])


def _moved(down: int, parts: str) -> str:
    return f'<g transform="translate(0 {down})">\n{parts}\n</g>'


def _chart(chart: Chart, phases: Sequence[Phase], scale: float) -> Iterator[str]:
    yield _text(LEFT, 14, chart.title, "title")
    for phase, colour in zip(phases, cycle(GROUNDS), strict=False):
        width = (phase.end - phase.begin) * scale
        place = f'x="{LEFT + phase.begin * scale:.1f}" y="{TOP}" width="{width:.1f}"'
        yield f'<rect {place} height="{INNER_HEIGHT}" fill="{colour}"/>'
        yield _text(LEFT + phase.begin * scale, TOP + INNER_HEIGHT + 14, f"{phase.begin:.0f} s")
    last = f"{phases[-1].end:.0f} s"
    yield _text(LEFT + INNER_WIDTH, TOP + INNER_HEIGHT + 14, last, "axis")
    top = _top(chart)
    for value, words in _ticks(chart, top):
        yield _text(LEFT - 5, _y(value, top) + 4, words, "axis")
    for number, line in enumerate(chart.lines):
        colour = COLOURS[number]
        yield _legend(number, line.name, colour)
        places = " ".join(f"{LEFT + at * scale:.1f},{_y(v, top):.1f}" for at, v in line.points)
        yield f'<polyline points="{places}" stroke="{colour}"/>'


def _top(chart: Chart) -> float:
    if chart.ticks:
        return len(chart.ticks) - 1
    return max((value for line in chart.lines for _, value in line.points), default=1) * 1.1 or 1


def _ticks(chart: Chart, top: float) -> list[tuple[float, str]]:
    named = [(float(value), words) for value, words in enumerate(chart.ticks)]
    return named or [(0, "0"), (top / 1.1, f"{top / 1.1:.3g}")]


def _y(value: float, top: float) -> float:
    return TOP + (1 - value / top) * INNER_HEIGHT


def _legend(number: int, name: str, colour: str) -> str:
    place = f'x="{LEFT + number * 190}" y="28" style="fill: {colour}"'
    return f"<text {place}>{escape(name)}</text>"


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'
