"""What Clerk tells of what is not kept: e-mails and sessions."""

from simulator.text import JSON


def email(at: int) -> JSON:
    """Return an e-mail with a code, as Clerk tells of it."""
    return {
        "id": "ema_Example",
        "object": "email",
        "body": "<p>123456</p>",
        "body_plain": "123456 is your code",
        "created_at": at,
        "data": {"otp_code": "123456"},
        "slug": "verification_code",
        "status": "queued",
        "subject": "123456 is your code",
        "to_email_address": "ada@example.com",
        "user_id": "user_ExampleUser",
    }


def session(at: int) -> JSON:
    """Return a session."""
    return {
        "id": "sess_ExampleSession",
        "object": "session",
        "client_id": "client_Example",
        "created_at": at,
        "status": "active",
        "updated_at": at,
        "user_id": "user_ExampleUser",
    }
