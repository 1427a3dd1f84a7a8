"""The plain pipeline's door: it verifies, hands on, and says 202 when Redis has it."""

import time

from flask import Flask, request
from flask.typing import ResponseReturnValue

from integrations.errors import InvalidSignature
from integrations.stripe import STRIPE
from proof.plain.tasks import apply
from settings import settings

app = Flask(__name__)
SECRETS = [secret.get_secret_value() for secret in settings().secrets("stripe") or ()]


@app.post("/webhooks/stripe")
def receive() -> ResponseReturnValue:
    """Accept an event. What Celery raises where Redis is away becomes a 500: send it again."""
    body = request.get_data()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        STRIPE.verify(body, headers, SECRETS, time.time())
    except InvalidSignature as error:
        return {"error": error.reason}, 401
    apply.delay(body.decode())
    return {"status": "accepted"}, 202


@app.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer."""
    return {"status": "ready"}
