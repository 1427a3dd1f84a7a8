"""What was tried, what came back, and what was wrong with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from proof.hostile.answers import FORGERY, SERVER_ERROR, Answer, Attempt, judge
from proof.hostile.door import digest
from proof.report import Finding, Table

NO_ANSWER = "none"


class Book:
    """Takes down every attempt with its answers; `signed` are the bodies that may get in."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.signed: set[str] = set()
        self.tries: Counter[str] = Counter()
        """What was tried without a request, by what it was tried on."""
        self._answers: dict[str, Counter[str]] = defaultdict(Counter)
        self._sent: Counter[str] = Counter()

    def enter(self, attempt: Attempt, answers: Sequence[Answer]) -> None:
        """Take down one attempt; an answer that came where none was due is as good as any."""
        self._sent[attempt.attack] += 1
        self._answers[attempt.attack].update(str(a.status) for a in answers)
        if not answers:
            self._answers[attempt.attack][NO_ANSWER] += 1
        self.findings += judge(attempt, answers)

    def find(self, kind: str, what: Iterable[str]) -> None:
        """Take down findings of one kind."""
        self.findings += [Finding(kind, words) for words in what]

    def sign(self, body: bytes) -> bytes:
        """Return the body, which from now on may get in."""
        self.signed.add(digest(body))
        return body

    def counts(self) -> dict[str, int]:
        """Return what the report counts."""
        kinds = Counter(finding.kind for finding in self.findings)
        return {
            "hostile_requests": self._sent.total(),
            "server_errors": kinds[SERVER_ERROR],
            "forgeries_accepted": kinds[FORGERY],
        }

    def tables(self) -> list[Table]:
        """Return what came back to each attack, and how often each parser was tried."""
        asked = [(name, sent, _shown(self._answers[name])) for name, sent in self._sent.items()]
        return [
            Table(["attack", "requests", "answers by status"], asked),
            Table(["parser", "inputs"], sorted(self.tries.items())),
        ]


def _shown(answers: Counter[str]) -> str:
    return ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
