"""Grafana's dashboard and Prometheus' rules: what they ask for is on a real page."""

import json
import re
import shlex
from collections import defaultdict
from typing import Any

import click
import promql_parser
import pytest
import yaml

from db.models.effects import EFFECT_STATUSES
from db.models.events import STATUSES
from db.models.oauth import OAUTH_STATUSES
from settings import ROOT
from tallyman.cli import tallyman
from tests.receiver.pages import fill, samples

RULES = ROOT / "ops" / "prometheus" / "tallyman.rules.yml"
DASHBOARD = ROOT / "ops" / "grafana" / "tallyman.json"
ADDED_UP = {"tallyman_receiver_requests", "tallyman_receive_seconds", "tallyman_oauth_flows"}
ONE = {"service": "stripe", "target": "loops"}
# as Gate ends a call, and `deferred`, which is none that was made
OUTCOMES = ("ok", "permanent", "transient", "ours", "deferred")
PER_HOST = re.compile("|".join(ADDED_UP))


def rules():
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return group["rules"]


def panels():
    found = json.loads(DASHBOARD.read_text())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def queries():
    """Return {what asks: the PromQL}, Grafana's variables filled in as it would."""
    asked = {rule["alert"]: rule["expr"] for rule in rules()}
    for panel in panels():
        for target in panel["targets"]:
            filled = target["expr"].replace("$__rate_interval", "5m").replace("$service", ".*")
            asked[f"{panel['title']} {target['refId']}"] = filled
    return asked


@pytest.fixture(scope="module")
def parsed():
    return {name: promql_parser.parse(query) for name, query in queries().items()}


def _nodes(expression):
    found: list[Any] = []
    promql_parser.walk(expression, found.append)
    return found


def _selectors(expression):
    for node in _nodes(expression):
        if isinstance(node, promql_parser.VectorSelector):
            yield node
        elif isinstance(node, promql_parser.MatrixSelector):
            yield node.vector_selector


@pytest.fixture
def page(client, post, sql, setting):
    """Give the samples of a page on which everything has one."""
    setting("OAUTH_PUBLIC_URL", "https://x.example")
    setting("OAUTH_LINK_KEY", "x" * 44)
    setting("EVENTS_RETENTION_DAYS", "30")
    fill(post, sql)
    return samples(client)


def test_every_metric_and_label_that_is_asked_for_is_on_a_real_page(parsed, page):
    there: dict[str, set[str]] = defaultdict(set)
    for sample in page:
        there[sample.name] |= set(sample.labels)
    for name, expression in parsed.items():
        asked = list(_selectors(expression))
        assert asked, name
        for selector in asked:
            assert selector.name in there, (name, selector.name)
            labels = {matcher.name for matcher in selector.matchers.matchers}
            assert labels <= there[selector.name], (name, selector.name, labels)
        grouped = {
            label
            for node in _nodes(expression)
            if isinstance(node, promql_parser.AggregateExpr) and node.modifier
            for label in node.modifier.labels
        }
        assert grouped <= {label for s in asked for label in there[s.name]}, (name, grouped)


# what stands in a label at other times than on the page of this test
ELSE = {
    ("tallyman_receiver_requests_total", "outcome"): {"unavailable"},  # test_probes counts one
    ("tallyman_calls_total", "outcome"): {*OUTCOMES},
    ("tallyman_events_unsettled", "status"): {*STATUSES},
    ("tallyman_effects_unsettled", "status"): {*EFFECT_STATUSES},
    ("tallyman_oauth_expires_seconds", "status"): {*OAUTH_STATUSES},
    ("tallyman_sync_age_seconds", "kind"): {"catch_up", "backfill", "reconcile"},
}


def test_every_value_that_is_asked_for_is_one_that_is_told(parsed, page):
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sample in page:
        for label, value in sample.labels.items():
            told[sample.name, label].add(value)
    for name, expression in parsed.items():
        for selector in _selectors(expression):
            for matcher in selector.matchers.matchers:
                asked = {*matcher.value.split("|")} - {".*"}
                where = (selector.name, matcher.name)
                assert asked <= told[where] | ELSE.get(where, set()), (name, where)
                assert str(matcher.op) in {"MatchOp.Equal", "MatchOp.Re"}, name


def test_what_every_host_tells_alike_is_not_added_up(parsed):
    for name, expression in parsed.items():
        for node in _nodes(expression):
            if not isinstance(node, promql_parser.AggregateExpr):
                continue
            inner = isinstance(node.expr, promql_parser.AggregateExpr)
            wanted = "sum" if inner or PER_HOST.search(str(node)) else "max|min"
            assert re.fullmatch(wanted, str(node.op)), (name, str(node.op))


def test_every_alert_says_for_how_long_how_grave_and_what_to_do():
    for rule in rules():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.fullmatch(r"\d+[mh]", rule["for"])
        assert rule["annotations"]["summary"]
        _parsed(rule["annotations"]["description"])


def _parsed(description):
    """See to it that a description ends with a command of ours, one that click takes."""
    _, _, said = description.partition("Run: ")
    program, *words = shlex.split(re.sub(r"{{ \$labels\.(\w+) }}", lambda m: ONE[m[1]], said))
    assert program == "tallyman", description
    command: click.Command | None = tallyman
    while isinstance(command, click.Group):
        _, command, words = command.resolve_command(click.Context(command), words)
    assert command
    command.make_context(command.name, words)


@pytest.mark.parametrize(
    "said",
    ["See the log", "Run: tallyman mend", "Run: tallyman effects list --state dead", "Run: ls"],
)
def test_that_test_takes_no_command_that_is_not_there(said):
    with pytest.raises((AssertionError, ValueError, click.ClickException)):
        _parsed(said)


def test_alerts_name_only_labels_that_their_query_leaves(parsed):
    for rule in rules():
        said = " ".join(rule["annotations"].values())
        used = set(re.findall(r"\$labels\.(\w+)", said))
        left = {
            label
            for node in _nodes(parsed[rule["alert"]])
            if isinstance(node, promql_parser.AggregateExpr) and node.modifier
            for label in node.modifier.labels
        }
        assert used <= left, rule["alert"]


def test_the_dashboard_is_one_that_grafana_loads():
    made = json.loads(DASHBOARD.read_text())
    assert (made["uid"], made["title"]) == ("tallyman", "Tallyman")
    ids = [panel["id"] for panel in made["panels"]]
    assert len(set(ids)) == len(ids)
    assert {v["name"] for v in made["templating"]["list"]} == {"datasource", "service"}
    for panel in panels():
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["type"] in {"timeseries", "stat"}
        assert panel["title"]


def test_no_panel_covers_another():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert x < 24
                assert (x, y) not in taken, panel["title"]
                taken.add((x, y))
