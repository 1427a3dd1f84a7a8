"""What the receiver's signature doctor found, in words, and what mends it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words. `{of}` is an endpoint of ours or a way to sign, `{by}` a span of time."""

    words: str
    mend: str


FINDINGS = {
    "clock": Told(
        "Rightly signed, but {by} {way} our clock",
        "Set the clock here by NTP. If it is right, somebody sends an old delivery again.",
    ),
    "old_and_unsigned": Told(
        "{by} {way} our clock, and not signed with any secret of this endpoint",
        "Compare the endpoint's secret at the service with the one here.",
    ),
    "other_secret": Told(
        "Signed with the secret of {of}",
        "It is sent to the wrong address, or two secrets are mixed up: swap one of the two.",
    ),
    "wrong_family": Told(
        "Signed as {of} signs, which this service does not",
        "Another service sends to this address: mend the address there.",
    ),
    "unsigned": Told(
        "Not signed at all",
        "A scanner, or a proxy that drops headers it does not know.",
    ),
    "secret_mistyped": Told(
        "Rightly signed, if the secret here were without quotes and with whsec_ just once",
        "Copy the secret anew from the service.",
    ),
    "body_trimmed": Told(
        "Rightly signed, before something on the way changed blanks or line ends",
        "Have the proxy pass bodies on byte for byte.",
    ),
    "body_reencoded": Told(
        "Rightly signed, before something on the way wrote its JSON anew",
        "Have the proxy, or its inspection of bodies, pass them on byte for byte.",
    ),
    "body_compressed": Told(
        "Its body is compressed, which something on the way may have done after it was signed",
        "Have the proxy pass bodies on as they are.",
    ),
}

_NOTHING = Told("", "")
REASONS = {
    "no_secret_configured": Told(
        "No secret is configured for this endpoint, so that everything is refused",
        "Set {variable}, and restart the receiver.",
    ),
    "missing_header": Told("A header that the service signs with is missing", ""),
    "malformed_header": Told("The signature's header cannot be read", ""),
    "signature_mismatch": Told(
        "No secret of this endpoint signed it, and nothing says why",
        "After a rotation: {variable} takes the old and the new secret, with a comma between; then"
        " restart the receiver.",
    ),
}


def told(finding: str, reason: str, of: str, number: int, variable: str) -> tuple[str, str]:
    """Return what was found and what mends it, each '' where nothing is known."""
    found = FINDINGS.get(finding) or REASONS.get(reason, _NOTHING)
    way = "behind" if number >= 0 else "ahead of"
    given = {"of": of, "by": _span(abs(number)), "way": way, "variable": variable}
    return found.words.format(**given), found.mend.format(**given)


def _span(seconds: int) -> str:
    """Return a span as a person says it."""
    if seconds < 600:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
