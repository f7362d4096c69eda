"""Requests that are wrong as such: keys, bodies, types, paths."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from comments.models import Comment, SiteKey
from tests.publisher import ARTICLES, COMMENTS, Publisher, problem

SOME_ID = "0197c1f0-0000-7000-8000-000000000000"
PATHS = [
    ("PUT", ARTICLES),
    ("GET", ARTICLES),
    ("POST", COMMENTS),
    ("GET", COMMENTS),
    ("GET", f"{COMMENTS}{SOME_ID}/"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer sk_unknown", "Bearer \xff", "Basic c2s6", "sk_bare"]
)
def test_without_a_key_in_force_nothing_opens(
    publisher: Publisher, method: str, path: str, header: str
) -> None:
    response = publisher.send(method, path, b"{}", Authorization=header)
    problem(response, 401, "no-key")
    assert response["WWW-Authenticate"] == 'Bearer realm="sekisho"'


def test_a_revoked_key_is_refused_at_once(publisher: Publisher, known: str) -> None:
    assert publisher.post(article=known, body="まだ使える鍵").status_code == 202
    SiteKey.objects.update(revoked_at=timezone.now())
    refused = publisher.post(article=known, body="もう使えない鍵")
    problem(refused, 401, "no-key")
    assert refused["WWW-Authenticate"] == 'Bearer realm="sekisho"'
    assert Comment.objects.count() == 1


UNREADABLE = [
    (b"", 411, "length-required", "Content-Length"),
    (b"{}", 422, "refused", "body"),
    (b"[]", 422, "refused", "one JSON object"),
    (b'"text"', 422, "refused", "one JSON object"),
    (b"{", 400, "unreadable", "line 1, column 2"),
    (b'{"body": "a",}', 400, "unreadable", "column"),
    (b'{"body": NaN}', 400, "unreadable", "NaN"),
    (b'{"body": -Infinity}', 400, "unreadable", "Infinity"),
    (b'{"body": "a", "body": "b"}', 400, "unreadable", "'body'"),
    (b'{"\\ud800": 1, "\\ud800": 2}', 400, "unreadable", "twice"),
    (b"\xef\xbb\xbf{}", 422, "refused", "body"),
    ('{"body": "港"}'.encode("shift_jis"), 400, "unreadable", "byte 10"),
    (b'{"body": "a\x00"}', 400, "unreadable", "control character"),
    (b"[" * 200_000, 400, "unreadable", "too deep"),
    (b'{"a":' * 50_000, 400, "unreadable", "too deep"),
    (b"9" * 5_000, 400, "unreadable", "digits"),
]


@pytest.mark.parametrize(("raw", "status", "kind", "word"), UNREADABLE)
def test_a_body_that_is_no_object_is_refused(
    publisher: Publisher, raw: bytes, status: int, kind: str, word: str
) -> None:
    told = problem(publisher.send("POST", COMMENTS, raw), status, kind)["detail"]
    assert word in told
    assert not told.startswith(":")
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"]
)
def test_a_body_of_another_type_is_refused(publisher: Publisher, kind: str) -> None:
    problem(publisher.send("POST", COMMENTS, b"body=a", Content_Type=kind), 415, "media-type")


def test_a_chunked_body_needs_its_length(publisher: Publisher) -> None:
    problem(publisher.send("POST", COMMENTS, b"{}", Transfer_Encoding="chunked"), 411, "length-required")


@pytest.mark.parametrize("length", ["", "-1", "1e3", "²"])
def test_a_length_that_is_none_is_refused(publisher: Publisher, length: str) -> None:
    response = publisher.client.generic(
        "POST",
        COMMENTS,
        b"{}",
        "application/json",
        CONTENT_LENGTH=length,
        HTTP_AUTHORIZATION=f"Bearer {publisher.secret}",
    )
    problem(response, 411, "length-required")


@pytest.mark.parametrize(
    ("method", "path", "limit"), [("POST", COMMENTS, 524_288), ("PUT", ARTICLES, 6_291_456)]
)
@pytest.mark.parametrize("excess", [1, 10**20])
def test_an_oversize_body_is_refused_by_its_length_alone(
    publisher: Publisher, method: str, path: str, limit: int, excess: int
) -> None:
    response = publisher.client.generic(
        method, path, b"{}", "application/json",
        CONTENT_LENGTH=str(limit + excess), HTTP_AUTHORIZATION=f"Bearer {publisher.secret}",
    )  # fmt: skip
    problem(response, 413, "too-large")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/api/", 404, "not-found"),
        ("GET", "/api/v1/comments", 404, "not-found"),
        ("POST", "/api/v2/comments/", 404, "not-found"),
        ("GET", f"{COMMENTS}not-a-uuid/", 404, "not-found"),
        ("GET", f"{COMMENTS}{SOME_ID}/", 404, "not-found"),
        ("GET", f"{COMMENTS}?article=nowhere", 404, "not-found"),
        ("GET", f"{ARTICLES}?article=nowhere", 404, "not-found"),
        ("DELETE", COMMENTS, 405, "method"),
        ("PATCH", ARTICLES, 405, "method"),
        ("OPTIONS", COMMENTS, 405, "method"),
        ("BREW", COMMENTS, 405, "method"),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_wrong_addresses_and_methods(
    publisher: Publisher, method: str, path: str, status: int, kind: str, *, debug: bool
) -> None:
    with override_settings(DEBUG=debug):
        problem(publisher.send(method, path, b""), status, kind)


def test_only_json_is_answered(publisher: Publisher) -> None:
    problem(publisher.send("GET", ARTICLES, Accept="text/html"), 406, "not-acceptable")


def test_what_django_refuses_is_a_problem_too(publisher: Publisher) -> None:
    problem(publisher.send("POST", COMMENTS, b"{}", Host="evil.example"), 400, "unreadable")
    assert publisher.client.get("/admin/nowhere", headers={"Host": "evil.example"})[
        "Content-Type"
    ].startswith("text/html")


def test_an_unforeseen_error_is_a_problem_too(
    publisher: Publisher, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comments.api.intake.receive", lambda *_, **__: 1 / 0)
    problem(publisher.post(article=known, body="壊れる"), 500, "internal")


def test_a_database_that_does_not_answer_is_a_problem_too(
    publisher: Publisher, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("comments.api.intake.receive", gone)
    response = publisher.post(article=known, body="待ちぼうけ")
    problem(response, 503, "unavailable")
    assert response["Retry-After"] == "2"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("name", ["body", "parent", "unknown"])
def test_a_value_nested_almost_too_deep_is_refused(
    publisher: Publisher, known: str, name: str, opening: str, closing: str
) -> None:
    """Deep enough to break whoever repeats the value, not deep enough for the parser to refuse it."""
    for depth in range(400, 1000, 20):
        fields = {"article": f'"{known}"', "body": '"港"'} | {name: f"{opening * depth}1{closing * depth}"}
        raw = ", ".join(f'"{field}": {value}' for field, value in fields.items())
        response = publisher.send("POST", COMMENTS, f"{{{raw}}}")
        assert response.status_code in {400, 422}, depth
        assert response["Content-Type"] == "application/problem+json"
    assert not Comment.objects.exists()
