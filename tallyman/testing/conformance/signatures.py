"""Who gets in: what is signed passes; all else is refused, with the right reason."""

import base64
import time

import pytest

from integrations.errors import InvalidSignature, Unreadable
from tallyman.testing.conformance.subject import Subject

SECRET = "whsec_" + base64.b64encode(b"the secret of these tests").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of the tests").decode()


def signed(
    subject: Subject, body: bytes, *, age: float = 0, secret: str = SECRET
) -> dict[str, str]:
    """Return the headers of a request signed so many seconds ago."""
    return subject.service.sign(body, secret, time.time() - age, "msg_1")


def why_refused(subject: Subject, body: bytes, headers: dict[str, str], *secrets: str) -> str:
    """Return the reason of the refusal; fails where there is none."""
    with pytest.raises(InvalidSignature) as refused:
        subject.service.verify(body, headers, secrets, time.time())
    return refused.value.reason


def passes(subject: Subject, body: bytes, headers: dict[str, str], *secrets: str) -> None:
    """Verify the request; fails where it is refused."""
    subject.service.verify(body, headers, secrets, time.time())


class Signatures:
    """Signed, forged, stale, rotated."""

    def test_a_body_passes_when_it_is_signed(self, subject: Subject) -> None:
        body = subject.body()
        passes(subject, body, signed(subject, body), SECRET)

    def test_a_body_passes_when_any_of_the_secrets_signed_it(self, subject: Subject) -> None:
        body = subject.body()
        for secrets in ([SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET]):
            passes(subject, body, signed(subject, body), *secrets)

    def test_a_body_passes_when_one_of_the_secrets_is_no_usable_key(self, subject: Subject) -> None:
        body = subject.body()
        passes(subject, body, signed(subject, body), "", "whsec_\N{SNOWMAN}", SECRET)

    @pytest.mark.parametrize("body", [b"", b"not JSON", "\N{SNOWMAN}\0".encode()])
    def test_any_utf8_body_passes_when_it_is_signed(self, subject: Subject, body: bytes) -> None:
        passes(subject, body, signed(subject, body), SECRET)

    def test_a_body_that_is_not_utf8_passes_when_it_can_be_signed(self, subject: Subject) -> None:
        try:
            headers = signed(subject, b"\xff")
        except Unreadable:
            return
        passes(subject, b"\xff", headers, SECRET)

    def test_a_forged_body_is_refused_as_a_mismatch(self, subject: Subject) -> None:
        body = subject.body()
        headers = signed(subject, body, secret=OTHER_SECRET)
        assert why_refused(subject, body, headers, SECRET) == "signature_mismatch"

    def test_a_body_is_refused_when_any_one_byte_of_it_was_changed(self, subject: Subject) -> None:
        body = subject.body()
        headers = signed(subject, body)
        for at in range(len(body)):
            changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
            assert why_refused(subject, changed, headers, SECRET) == "signature_mismatch"

    def test_a_body_is_refused_when_its_signature_belongs_to_another_moment(
        self, subject: Subject
    ) -> None:
        only_if_dated(subject)
        body = subject.body()
        now, earlier = int(time.time()), signed(subject, body, age=30)
        stamped_anew = {
            name: value.replace(str(now - 30), str(now)).replace(str(now - 29), str(now + 1))
            for name, value in earlier.items()
        }
        assert stamped_anew != earlier
        assert why_refused(subject, body, stamped_anew, SECRET) == "signature_mismatch"

    @pytest.mark.parametrize(
        ("age", "reason"), [(305, "timestamp_too_old"), (-305, "timestamp_in_future")]
    )
    def test_a_signed_body_is_refused_when_its_time_is_five_minutes_off(
        self, subject: Subject, age: int, reason: str
    ) -> None:
        only_if_dated(subject)
        body = subject.body()
        assert why_refused(subject, body, signed(subject, body, age=age), SECRET) == reason

    @pytest.mark.parametrize("age", [290, -290])
    def test_a_signed_body_passes_when_its_time_is_less_than_five_minutes_off(
        self, subject: Subject, age: int
    ) -> None:
        body = subject.body()
        passes(subject, body, signed(subject, body, age=age), SECRET)

    def test_a_signature_that_is_said_to_have_no_time_has_none(self, subject: Subject) -> None:
        body = subject.body()
        same = signed(subject, body, age=10**6) == signed(subject, body)
        assert same != subject.dated, "say in the Subject whether the signature is dated"

    def test_everything_is_refused_when_no_secret_is_configured(self, subject: Subject) -> None:
        body = subject.body()
        assert why_refused(subject, body, signed(subject, body)) == "no_secret_configured"
        assert why_refused(subject, body, {}) == "no_secret_configured"

    @pytest.mark.parametrize("secret", ["", "whsec_"])
    def test_a_signed_body_is_refused_when_the_secret_is_empty(
        self, subject: Subject, secret: str
    ) -> None:
        body = subject.body()
        assert why_refused(subject, body, signed(subject, body), secret) == "signature_mismatch"

    @pytest.mark.parametrize("value", [None, ""])
    def test_a_request_is_refused_when_a_header_is_missing(
        self, subject: Subject, header: str, value: str | None
    ) -> None:
        headers = {name: v for name, v in signed(subject, b"{}").items() if name != header}
        sent = headers if value is None else headers | {header: value}
        assert why_refused(subject, b"{}", sent, SECRET) == "missing_header"

    @pytest.mark.parametrize("value", ["garbage", "\N{SNOWMAN}", " ", "\0", "=", "t=;v1"])
    def test_a_request_is_refused_when_a_header_is_malformed(
        self, subject: Subject, header: str, value: str
    ) -> None:
        headers = signed(subject, b"{}") | {header: value}
        is_an_id = header.endswith("-id")  # an id has no form of its own
        expected = "signature_mismatch" if is_an_id else "malformed_header"
        assert why_refused(subject, b"{}", headers, SECRET) == expected

    def test_a_signature_does_not_travel_with_the_body(self, subject: Subject) -> None:
        kept = subject.service.kept_headers
        assert not [name for name in kept if "signature" in name]
        assert set(kept) <= set(subject.service.headers)


def only_if_dated(subject: Subject) -> None:
    """Skip the test where the signature covers no time."""
    if not subject.dated:
        pytest.skip(f"{subject} signs no time")


def headers_of(subject: Subject) -> list[str]:
    """Return the headers that a signed request cannot do without."""
    told = [name for name in signed(subject, b"{}") if name in subject.service.headers]
    return [name for name in told if name not in subject.unsigned]
