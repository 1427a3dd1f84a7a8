"""The peer of the receiver: a Flask route that only answers."""

from flask import Flask, Response

app = Flask("bare", static_folder=None)


@app.post("/webhooks/<service>")
def receive(service: str) -> Response:  # noqa: ARG001  the route has it
    return Response(b'{"status":"accepted"}\n', 202, content_type="application/json")
