"""What stands where the console is not set up: its reason, and nothing that could be entered.

To end instead would have Compose start it over and over, and a Procfile's runner stop all others.
"""

from http import HTTPStatus as Status

from flask import Flask, Response


def application(words: str) -> Flask:
    """Return an application that answers everything with 503 and these words."""
    app = Flask("console", static_folder=None)
    app.before_request(lambda: _answer(words))
    return app


def _answer(words: str) -> Response:
    said = f"The console is not open. {words}\n"
    answer = Response(said, Status.SERVICE_UNAVAILABLE, content_type="text/plain; charset=utf-8")
    answer.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
    return answer
