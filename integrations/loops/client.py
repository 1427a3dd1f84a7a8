"""What we ask of Loops (https://loops.so/docs/api-reference/intro, OpenAPI 1.21.6)."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from integrations import outbound
from integrations.effects import Sending
from integrations.errors import Blocked, Permanent, Transient
from integrations.outbound import Answer
from integrations.schema import JSON
from settings import settings

NAME = "loops"
_LONGEST_KEY = 100  # characters, of an Idempotency-Key
_KEY_REFUSED = 60.0  # seconds until the key is tried again


def upsert_contact(contact: JSON, attempt: int) -> None:
    """Update the contact with this `userId` or `email`, or make it. Raises Permanent.

    Where there is one with either, the other is written over. No `subscribed` means that it stays
    as it is.
    """
    answer = _call("contacts/update", contact, attempt, method="PUT", fine=[400])
    if answer.status == 400:
        raise Permanent(f"loops refused the contact: {_why(answer)}")


def _why(answer: Answer) -> str:
    """Return what is known of a 400; its own words may hold an address."""
    if b"multiple contacts" in answer.body.lower():
        return "one has the user's id, another the e-mail address: merge them in Loops"
    return "it answered 400"


def delete_contact(user_id: str, attempt: int) -> None:
    """Delete the contact; one that is not there is as good."""
    _call("contacts/delete", {"userId": user_id}, attempt, fine=[404])


def send_event(event: JSON, sending: Sending) -> None:
    """Send an event, by which workflows begin; 409 says that this was done before."""
    _call("events/send", event, sending.attempt, key=sending.key, fine=[409])


def send_mail(mail: JSON, sending: Sending) -> None:
    """Send a transactional mail; 409 says that this was done before."""
    _call("transactional", mail, sending.attempt, key=sending.key, fine=[409])


def found_by(user_id: str) -> Answer:
    """Return the contacts with this `userId`, as a list. 400 and 404 are answers, too."""
    asked = {"userId": user_id}
    return _ask("contacts/find", None, 1, method="GET", params=asked, fine=[400, 404])


def check_key() -> None:
    """Ask whose key it is, which changes nothing. Raises Permanent for a wrong one."""
    _ask("api-key", None, 1, method="GET")


def _call(
    path: str,
    body: JSON,
    attempt: int,
    *,
    method: str = "POST",
    key: str = "",
    fine: Sequence[int] = (),
) -> Answer:
    """Have something done. Raises Blocked if the key is refused: what is due waits for another.

    Done is what a 2xx says `success` of (OpenAPI: every SuccessResponse has it).
    """
    refused = [401, 403]
    answer = _ask(path, body, attempt, method=method, key=key, fine=[*fine, *refused])
    if answer.status in refused:
        raise Blocked(f"loops refuses LOOPS_API_KEY ({answer.status})", wait=_KEY_REFUSED)
    if answer.status not in fine:
        _check(answer)
    return answer


def _check(answer: Answer) -> None:
    said = answer.json()
    if not isinstance(said, dict) or said.get("success") is not True:
        what = f"loops answered {answer.status} without saying that it was done"
        raise Transient(what, unknown=True)


def _ask(
    path: str,
    body: JSON | None,
    attempt: int,
    *,
    method: str,
    key: str = "",
    params: Mapping[str, str] | None = None,
    fine: Sequence[int] = (),
) -> Answer:
    own = settings().loops
    headers = {"Authorization": f"Bearer {own.loops_api_key.get_secret_value()}"}
    if key:
        headers["Idempotency-Key"] = key if len(key) <= _LONGEST_KEY else _short(key)
    return outbound.request(
        NAME,
        path.replace("/", "."),
        method,
        f"{own.loops_api_base}/v1/{path}",
        headers=headers,
        params=params,
        json=body,
        fine=fine,
        attempt=attempt,
    )


def _short(key: str) -> str:
    return sha256(key.encode()).hexdigest()
