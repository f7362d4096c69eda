"""A publisher's server as tests see it: a client of the API with a site key."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from comments.models import Site, SiteKey

ARTICLES, COMMENTS = "/api/v1/articles/", "/api/v1/comments/"


class Publisher:
    """Speaks to the API with a key of `site`, or with none."""

    def __init__(self, site: Site | None) -> None:
        self.secret = SiteKey.mint(site, "web server")[1] if site else ""
        self.client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, raw: bytes | str = b"", **headers: str) -> Any:
        """A request with a body as it stands; `headers` by their names with `_` for `-`."""
        given = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = given.pop("Content-Type", "application/json")
        return self.client.generic(method, path, raw, content_type, headers=given)

    def post(self, path: str = COMMENTS, /, *, key: Any = "", **fields: Any) -> Any:
        headers = {"Idempotency_Key": key} if key else {}
        return self.send("POST", path, json.dumps(fields), **headers)

    def put(self, **fields: Any) -> Any:
        return self.send("PUT", ARTICLES, json.dumps(fields))

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query, headers={"Authorization": f"Bearer {self.secret}"})


def problem(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem that a response is; asserts that it is one, and this one."""
    assert response["Content-Type"] == "application/problem+json", response.content
    document: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, document["type"]) == (status, f"urn:sekisho:problem:{kind}"), document
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document
