"""What Clerk answered: the JSON as it came, by the calls of its library."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
from clerk_backend_api import Clerk, models
from pydantic import ValidationError

from integrations import outbound
from integrations.clerk.client import asking, client, hearing
from integrations.errors import Permanent, Transient, Unreadable
from integrations.schema import JSON, parse

Call = Callable[[Clerk], object]
_OFF = "organization_not_enabled_in_instance"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `begun` and `unfit` are as a page's: integrations/syncs.py."""

    status: int
    told: Any
    begun: int
    unfit: Sequence[str] = ()

    @property
    def objects(self) -> list[JSON]:
        """Return the objects of a page. Raises Transient where it is none.

        What is no object becomes an empty one, that it may be counted and refused by itself. An
        instance without organizations has none of them.
        """
        if self.status == 403:
            return []
        found = self.told.get("data") if isinstance(self.told, dict) else self.told
        if not isinstance(found, list):
            raise Transient("clerk answered without a list", unknown=True)
        return [one if isinstance(one, dict) else {} for one in found]

    @property
    def total(self) -> int | None:
        """Return how many there are in all, None where it does not say so."""
        found = self.told.get("total_count") if isinstance(self.told, dict) else None
        return found if type(found) is int else None


def ask(call: Call) -> Answer:
    """Return what a call is answered, also where the library cannot make objects of it.

    Raises Transient, Permanent, Deferred. That there is no such object is an answer, 404, and that
    organizations are switched off, 403.
    """
    began = monotonic()
    with hearing() as heard, asking():
        refused = _refused(call)
    if not heard:
        raise Transient("clerk: the library asked nothing", unknown=True)
    begun = outbound.begun(heard[-1].headers, monotonic() - began)
    status, told = heard[-1].status_code, _read(heard[-1])
    if status >= 400 and not _answers(status, _code(told)):
        raise Permanent(f"clerk answered {status}")
    return Answer(status, told, begun, sorted(set(_unfit(refused, told))))


def _refused(call: Call) -> BaseException | None:
    """Call; return why the library refused what came: it is stricter than what Clerk sends.

    One object that does not fit leaves it none of a page: models/responsevalidationerror.py.
    """
    try:
        call(client())
    except models.ResponseValidationError as error:
        return error.cause or error
    except models.ClerkBaseError as error:
        if error.status_code not in {403, 404}:
            raise
    return None


def _read(answer: httpx.Response) -> Any:
    """Return the JSON, fit for Postgres: a page of users is a list. None of a refusal without."""
    try:
        return parse(b'{"told":%b}' % answer.content)["told"]
    except Unreadable:
        if answer.status_code >= 400:
            return None
        what = f"clerk answered {answer.status_code} without JSON"
        raise Transient(what, unknown=True) from None


def _answers(status: int, code: str) -> bool:
    """Return whether Clerk itself says it, such as resource_not_found, and no proxy's page."""
    return code == _OFF if status == 403 else code.endswith("_not_found")


def _code(told: Any) -> str:
    """Return the code of the first error that was answered. models/clerkerrors.py."""
    errors = told.get("errors") if isinstance(told, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("code")) if isinstance(first, dict) else ""


def _unfit(refused: BaseException | None, told: Any) -> Iterator[str]:
    """Yield where in the JSON it is that the library refused, without any value; * is the whole."""
    if refused is None:
        return
    if not isinstance(refused, ValidationError):
        yield "*"
    else:
        for one in refused.errors(include_url=False, include_input=False, include_context=False):
            yield _path(one["loc"][1:], told, missing=one["type"] == "missing")


def _path(loc: Sequence[int | str], told: Any, *, missing: bool) -> str:
    """Return the steps that there are in the JSON: among them are types that were tried, too."""
    path, at = "", told
    for step in loc:
        if isinstance(at, list) and isinstance(step, int) and step < len(at):
            path, at = f"{path}[]", at[step]
        elif isinstance(at, Mapping) and step in at:
            path, at = f"{path}.{step}", at[step]
    return (f"{path}.{loc[-1]}" if missing else path).removeprefix(".") or "*"
