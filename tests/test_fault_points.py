"""The places at which the proof ends processes are all named, and all of them are struck."""

import re

from fault_points import POINTS
from proof.kills.points import LEADS_TO
from settings import ROOT

CODE = ("integrations", "receiver", "tallyman", "worker")
# nothing in the proof leads to these: tests/worker and tests/integrations end processes there
ELSEWHERE = {
    *("archive.stored", "pull.kept", "sync.asked", "sync.committed"),
    *("oauth.marked", "oauth.exchanged", "canary.written", "canary.committed"),
}


def test_every_point_that_the_code_reaches_is_named_and_no_other():
    files = (file for folder in CODE for file in (ROOT / folder).rglob("*.py"))
    reached = {name for file in files for name in re.findall(r'\breach\("(.+?)"', file.read_text())}
    assert sorted(reached) == sorted(POINTS)


def test_every_point_is_struck_by_the_proof_or_by_a_test():
    assert sorted([*LEADS_TO, *ELSEWHERE]) == sorted(POINTS)
