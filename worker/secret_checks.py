"""Whether secrets and keys are what they are taken for: for `tallyman doctor`. None is shown."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from settings import environment
from worker.checks import Finding, verdict

_WEBHOOK = "_WEBHOOK_SECRETS"
# what a key begins with, and for what it is
_KINDS = {
    "sk_": "a secret key",
    "rk_": "a restricted key",
    "pk_": "a publishable key",
    "whsec_": "a webhook secret",
    "phc_": "a project's key",
    "phx_": "a personal key",
    "xox": "a token of Slack's",
}
# what each is to begin with; what is not here has no form that is known
_FITS: Mapping[str, tuple[str, ...]] = {
    "STRIPE_API_KEY": ("sk_", "rk_"),
    "CLERK_SECRET_KEY": ("sk_",),
    "POSTHOG_PROJECT_KEY": ("phc_",),
    "POSTHOG_PERSONAL_API_KEY": ("phx_",),
}
_MODES = ("STRIPE_API_KEY", "CLERK_SECRET_KEY")


def findings() -> Iterator[Finding]:
    """Yield what is wrong; one line where nothing is."""
    given = {name.upper(): value.strip() for name, value in environment().items()}
    found = [*_empty(given), *_misplaced(given), *_shared(given), *_mixed(given)]
    yield from found or [
        Finding("ok", "secrets and keys are of the right kinds, none is in two places")
    ]


def _secrets(given: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each variable of webhook secrets, and what stands in it."""
    for name, value in sorted(given.items()):
        if _WEBHOOK in name and value:
            yield name, [part.strip() for part in value.split(",")]


def _empty(given: Mapping[str, str]) -> Iterator[Finding]:
    """Yield where a comma stands beside nothing, or beside a mere prefix: nothing can fit that."""
    for name, parts in _secrets(given):
        if bare := sum(not part.removeprefix("whsec_") for part in parts):
            what = f"{name}: {bare} of {len(parts)} empty, or nothing but a prefix"
            yield Finding("warn", what, "copy it again, or take the comma away: it is left out")


def _misplaced(given: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is of another kind than its variable."""
    for name, fits in _FITS.items():
        value = given.get(name, "")
        if value and not value.startswith(fits) and (kind := _kind(value)):
            yield Finding(
                "warn", f"{name} holds {kind}", f"it is to begin with {' or '.join(fits)}"
            )
    for name, parts in _secrets(given):
        kinds = {kind for part in parts if (kind := _kind(part)) and not part.startswith("whsec_")}
        for kind in sorted(kinds):
            mend = "put the endpoint's signing secret there: nothing fits that one"
            yield Finding("warn", f"{name} holds {kind}", mend)


def _kind(value: str) -> str:
    return next((kind for prefix, kind in _KINDS.items() if value.startswith(prefix)), "")


def _shared(given: Mapping[str, str]) -> Iterator[Finding]:
    """Yield where one secret is in several places: who has it may sign for all of them."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    listed = [*_secrets(given), ("APP_WEBHOOK_SECRET", [given.get("APP_WEBHOOK_SECRET", "")])]
    for name, parts in listed:
        for part in dict.fromkeys(parts):
            if part.removeprefix("whsec_"):
                places[part].append(name)
    for names in places.values():
        if len(names) > 1:
            what = f"the same secret is in {' and '.join(names)}"
            yield Finding("warn", what, "give each endpoint its own: who has one signs for both")


def _mixed(given: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whether some keys are live and others for testing."""
    live = {name: "_live_" in value for name in _MODES if "_" in (value := given.get(name, ""))}
    known = {name: mode for name, mode in live.items() if _moded(given[name])}
    if len(set(known.values())) > 1:
        is_live = next(name for name, mode in known.items() if mode)
        others = " and ".join(name for name, mode in known.items() if not mode)
        yield verdict(
            False,
            f"{is_live} is live, {others} is for testing",
            "use those of one kind: else customers and users do not fit together",
        )


def _moded(value: str) -> bool:
    return "_live_" in value or "_test_" in value
