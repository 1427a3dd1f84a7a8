"""What the soak finds in series: leaks, and nothing where there are none."""

from itertools import accumulate
from random import Random
from xml.etree import ElementTree as ET

import pytest

from proof.context import Context
from proof.kills.faults import PROCESSES, STORES
from proof.parts import PARTS, UNASKED
from proof.report import Part, write
from proof.soak.plot import plot
from proof.soak.series import Kind, Point, Reading, Series, series, settled, thinned
from proof.soak.slope import slope
from proof.soak.trend import findings, table, trends
from proof.soak.weather import ENDING, OUTLIVED, weather

MEMORY = Kind("memory", "MiB", 1)
SECONDS = 1800
CONTEXT = Context(1, SECONDS, print)


def run(value, life=lambda _: 0):
    """Half an hour of a value, every three seconds."""
    return Series("web", MEMORY, [Point(at, value(at), life(at)) for at in range(0, SECONDS, 3)])


def noise(seed, size=0.5):
    """Noise that remembers where it was, as memory does."""
    dice = Random(seed)
    steps = (dice.gauss(0, size) for _ in range(SECONDS))
    return list(accumulate(steps, lambda last, step: 0.9 * last + step))


def found(*all):
    return findings(trends(CONTEXT, all))


@pytest.mark.parametrize("seed", range(8))
def test_a_leak_is_found(seed):
    ripple = noise(seed)
    (finding,) = found(run(lambda at: 100 + at / 3600 * 12 + ripple[at]))
    assert finding.kind == "rises"
    assert "web: memory" in finding.what


@pytest.mark.parametrize("seed", range(8))
def test_noise_is_no_leak(seed):
    ripple = noise(seed)
    assert found(run(lambda at: 100 + ripple[at])) == []


def test_a_leak_too_small_to_matter_is_shown_and_not_found():
    (trend,) = trends(CONTEXT, [run(lambda at: 100 + at / 3600 * 0.5)])
    assert trend.slope
    assert trend.slope.low > 0
    assert not trend.rises


def test_a_process_that_is_killed_again_and_again_hides_no_leak():
    ripple = noise(1, 0.1)
    (finding,) = found(run(lambda at: 100 + at % 600 / 100 + ripple[at], lambda at: 1 + at // 600))
    assert "+3" in finding.what


def test_a_process_that_is_killed_feigns_no_leak():
    """Each life stands higher than the one before, and none of them grows."""
    ripple = noise(2, 0.05)
    assert found(run(lambda at: 100 + at // 600 + ripple[at], lambda at: 1 + at // 600)) == []


def test_what_grows_only_while_it_warms_up_is_no_leak():
    ripple = noise(3)
    assert found(run(lambda at: 100 + min(at, 400) / 10 + ripple[at])) == []


def test_a_young_process_may_grow_as_the_first_ones_did():
    young = [Point(at, at, life) for life, born in ((1, 0), (2, 900)) for at in range(born, 1200)]
    kept = settled(young, after=450, age=120)
    assert min(point.at for point in kept if point.life == 1) == 450
    assert min(point.at for point in kept if point.life == 2) == 1020


def test_a_spike_does_not_move_the_slope():
    (trend,) = trends(CONTEXT, [run(lambda at: 5000 if at % 300 < 9 else 2)])
    assert trend.slope
    assert trend.slope.hourly == 0


def test_a_part_counts_with_its_median():
    points = [Point(1, 10), Point(2, 99), Point(3, 11), Point(40, 5, 7)]
    assert list(thinned(points, 30)) == [Point(2, 11), Point(40, 5, 7)]


def test_lives_that_are_too_short_have_no_slope():
    told = trends(CONTEXT, [run(float, lambda at: 1 + at // 60)])
    assert [trend.slope for trend in told] == []  # none came of age
    assert slope([Point(at, at, at // 2) for at in range(9)]) is None


def test_readings_become_series():
    a, b = Reading("web", MEMORY, 1, 5), Reading("work", MEMORY, 2, 6)
    one, two = series([(0.5, [a, b]), (1.5, [a])])
    assert one == Series("web", MEMORY, [Point(0.5, 1, 5), Point(1.5, 1, 5)])
    assert two == Series("work", MEMORY, [Point(0.5, 2, 6)])


def test_the_table_and_the_picture_show_each_series():
    told = trends(CONTEXT, [run(lambda at: at / 100), run(lambda _: 3, lambda at: 1 + at // 900)])
    assert [row[-1] for row in table(told).rows] == ["RISES", "no"]
    picture = ET.fromstring(plot(told, SECONDS))  # noqa: S314  our own
    assert len(picture.findall(".//{*}polyline")) == 1 + 2


def test_the_picture_lies_beside_the_report(tmp_path):
    write(tmp_path, 1, [Part("Soak", files={"soak.svg": "<svg/>"})])
    assert {file.name for file in tmp_path.iterdir()} == {"report.md", "report.json", "soak.svg"}
    assert (tmp_path / "soak.svg").read_text() == "<svg/>"


def test_it_runs_only_when_asked_for():
    assert PARTS.keys() - set(UNASKED) >= {"soak", "plain"}
    assert "kills" in UNASKED


def test_the_weather_is_the_same_for_the_same_seed():
    first, second = weather(CONTEXT, 450), weather(CONTEXT, 450)
    told = [next(first) for _ in range(80)]
    assert told == [next(second) for _ in range(80)]
    assert {fault.name for fault, _ in told} == {fault.name for fault in [*PROCESSES, *STORES]}
    ending = sum(fault in ENDING for fault, _ in told[22:])
    assert 0 < ending < len(told[22:]) / 8
    assert not set(map(id, ENDING)) & set(map(id, OUTLIVED))
