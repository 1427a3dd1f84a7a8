"""What was tried, what came back, and what was wrong with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from proof.hostile.answers import FORGERY, LOST, SERVER_ERROR, Answer, Try, judge
from proof.hostile.door import digest
from proof.report import Finding, Table

NO_ANSWER, NOT_SENT = "none", "not sent"


class Book:
    """Takes down every try with its answers; `signed` are the bodies that may get in."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.signed: set[str] = set()
        self.accepted: dict[str, str] = {}
        """What was answered 202, by digest: what it was, one of settled.py's kinds."""
        self.notes: list[str] = []
        self.tries: Counter[str] = Counter()
        """What was tried without a request, by what it was tried on."""
        self._answers: dict[str, Counter[str]] = defaultdict(Counter)
        self._sent: Counter[str] = Counter()

    def enter(self, tried: Try, answers: Sequence[Answer], nothing: str = NO_ANSWER) -> None:
        """Take down one try; an answer that came where none was due is as good as any.

        `nothing` says what it means when there is none.
        """
        self._sent[tried.attack] += 1
        self._answers[tried.attack].update(str(a.status) for a in answers)
        if not answers:
            self._answers[tried.attack][nothing] += 1
        self.findings += judge(tried, answers)

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
            "lost": kinds[LOST],
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
