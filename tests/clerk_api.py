"""A Clerk that lists and fetches what a test puts into it, and answers else what it is told to."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

DATE = "Fri, 24 May 2024 19:36:44 GMT"  # 1_716_579_404


def error(status: int, code: str) -> httpx.Response:
    one = {"message": "no", "long_message": "no", "code": code}
    return httpx.Response(status, json={"errors": [one]}, headers={"date": DATE})


class FakeClerk:
    """What `httpx.MockTransport` asks. `before` is called before each answer, with its number."""

    def __init__(self) -> None:
        self.of: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.answers: dict[str, httpx.Response] = {}
        self.before: Callable[[int], None] = lambda _number: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/")
        self.before(len(self.asked))
        self.asked.append(f"{path}?{request.url.query.decode()}".rstrip("?"))
        if path in self.answers:
            return self.answers[path]
        return httpx.Response(200, json=self.say(path, request.url.params), headers={"date": DATE})

    def say(self, path: str, params: httpx.QueryParams) -> Any:
        if path == "instance":
            return {"object": "instance", "id": "ins_1", "environment_type": "production"} | {
                "allowed_origins": None
            }
        if path == "users/count":
            return {"object": "total_count", "total_count": len(self.of.get("users", []))}
        page = self.page(self.of[path], params)
        return page if path == "users" else {"data": page, "total_count": len(self.of[path])}

    def page(self, objects: list[dict[str, Any]], params: Mapping[str, str]) -> list[Any]:
        order, begin = params["order_by"], int(params["offset"])
        found = sorted(objects, key=lambda one: one[order[1:]], reverse=order[0] == "-")
        return found[begin : begin + int(params["limit"])]


def json_of(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body), headers={"date": DATE} | _TYPE)


_TYPE = {"content-type": "application/json"}
