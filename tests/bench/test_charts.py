"""Charts over time: every line, phase and tick is drawn, inside of its chart."""

from xml.etree import ElementTree as ET

from bench.charts import HEIGHT, INNER_WIDTH, LEFT, TOP, Chart, Line, Phase, drawn

SVG = "{http://www.w3.org/2000/svg}"
PHASES = [Phase("well", 0, 10), Phase("5 < 500", 10, 40)]


def read(picture):
    return ET.fromstring(picture)  # noqa: S314  we drew it


def test_a_picture_has_all_that_it_is_given():
    calls = Chart("calls", [Line("done", [(0, 0), (40, 8)]), Line("failed", [(20, 4)])])
    breaker = Chart("breaker", [Line("", [(0, 0), (40, 1)])], ["closed", "open"])

    picture = read(drawn([calls, breaker], PHASES))

    texts = [text.text for text in picture.iter(f"{SVG}text") if text.text]
    assert {"well", "5 < 500", "calls", "done", "failed", "closed", "open", "8", "40 s"} <= {*texts}
    assert len(list(picture.iter(f"{SVG}polyline"))) == 3
    done = next(picture.iter(f"{SVG}polyline")).attrib["points"].split()
    assert [point.split(",")[0] for point in done] == [f"{LEFT:.1f}", f"{LEFT + INNER_WIDTH:.1f}"]
    assert all(TOP <= float(point.split(",")[1]) < HEIGHT for point in done)


def test_a_line_on_which_nothing_happened_lies_on_the_ground():
    picture = drawn([Chart("quiet", [Line("", [(0, 0), (40, 0)])])], PHASES)
    [line] = read(picture).iter(f"{SVG}polyline")
    assert {point.split(",")[1] for point in line.attrib["points"].split()} == {"122.0"}
