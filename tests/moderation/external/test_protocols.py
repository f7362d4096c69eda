"""What is sent to a service, to the letter, and what is taken for an answer."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.checks.external import AKISMET, External
from moderation.checks.facts import ServiceAnswer
from moderation.external.failures import FAILURES, in_words
from moderation.external.protocols import About, Request, Unasked, answer_of, request_of, sign

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
KEY = b"0123456789abcdefghijklmn"
SECRET = "whsec_" + b64encode(KEY).decode()
SIGNED = External(protocol="signed", url="https://service.example/check")
ABOUT = About(
    id="0190-abc",
    revision=1,
    site="asagiri",
    kind="comment",
    language="ja",
    body="駅前の図書館、遅くまで開くと助かります。",
    posted_at=datetime(2026, 4, 1, 2, 59, tzinfo=UTC),
    author_name="渡し守",
    author_email="ferry@example.jp",
    author_url="https://ferry.example/",
    address="203.0.113.9",
    user_agent="Mozilla/5.0",
    article="a1",
    article_title="図書館の開館時間",
    article_url="https://news.example:8443/articles/1?x=1",
)


def fields(request: Request) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(request.body.decode(), strict_parsing=True).items()}


def data(request: Request) -> dict[str, object]:
    found: dict[str, object] = json.loads(request.body)["data"]
    return found


def test_what_akismet_gets() -> None:
    request = request_of(External(), ABOUT, "the-key", NOW)
    assert request.url == AKISMET == "https://rest.akismet.com/1.1/comment-check"
    assert fields(request) == {
        "api_key": "the-key",
        "blog": "https://news.example:8443",
        "user_ip": "203.0.113.9",
        "user_agent": "Mozilla/5.0",
        "comment_type": "comment",
        "comment_author": "渡し守",
        "comment_author_url": "https://ferry.example/",
        "comment_content": ABOUT.body,
        "comment_date_gmt": "2026-04-01T02:59:00+00:00",
        "permalink": "https://news.example:8443/articles/1?x=1",
        "blog_lang": "ja",
        "blog_charset": "UTF-8",
    }


def test_what_akismet_gets_of_an_edited_reply_and_where_the_rule_says_more() -> None:
    check = External(send_email=True, blog="https://blog.example/")
    sent = fields(request_of(check, replace(ABOUT, revision=2, reply=True, test=True), "k", NOW))
    assert sent["comment_author_email"] == "ferry@example.jp"
    assert (sent["blog"], sent["comment_type"]) == ("https://blog.example/", "reply")
    assert (sent["recheck_reason"], sent["is_test"]) == ("edit", "1")


@pytest.mark.parametrize(
    ("about", "failure"),
    [(replace(ABOUT, address=""), "no-address"), (replace(ABOUT, article_url=""), "no-blog")],
)
def test_akismet_is_not_asked_without_what_it_requires(about: About, failure: str) -> None:
    with pytest.raises(Unasked) as no:
        request_of(External(), about, "k", NOW)
    assert no.value.failure == failure


def test_what_a_signed_service_gets_and_how_it_is_signed() -> None:
    request = request_of(SIGNED, ABOUT, SECRET, NOW)
    assert json.loads(request.body) == {
        "type": "comment.check",
        "timestamp": "2026-04-01T03:00:00+00:00",
        "data": {
            "id": "0190-abc",
            "revision": 1,
            "site": "asagiri",
            "kind": "comment",
            "language": "ja",
            "live": True,
            "posted_at": "2026-04-01T02:59:00+00:00",
            "body": ABOUT.body,
            "author_name": "渡し守",
            "author_url": "https://ferry.example/",
            "author_verified": False,
            "article": {
                "id": "a1",
                "title": "図書館の開館時間",
                "url": "https://news.example:8443/articles/1?x=1",
            },
            "test": False,
        },
    }
    assert request.headers["webhook-id"] == "0190-abc-1"
    assert request.headers["webhook-timestamp"] == "1775012400"
    digest = hmac.new(KEY, b"0190-abc-1.1775012400." + request.body, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + b64encode(digest).decode()


def test_the_signature_is_that_of_the_public_standard() -> None:
    """The example of the Standard Webhooks libraries' own tests."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    message, timestamp = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, message, timestamp, b'{"test": 2432232314}') == expected


@pytest.mark.parametrize("secret", ["whsec_", "plain text", "whsec_" + b64encode(KEY[:23]).decode(), "鍵"])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(Unasked) as no:
        sign(secret, "a", "1", b"")
    assert no.value.failure == "bad-secret"


def test_personal_data_goes_out_only_where_the_rule_says_so() -> None:
    personal = ("ferry@example.jp", "203.0.113.9", "Mozilla")
    silent = request_of(SIGNED, ABOUT, SECRET, NOW).body.decode()
    assert not [each for each in personal if each in silent]
    telling = External(protocol="signed", url=SIGNED.url, send_email=True, send_address=True)
    sent = data(request_of(telling, ABOUT, SECRET, NOW))
    assert (sent["author_email"], sent["address"], sent["user_agent"]) == (
        "ferry@example.jp",
        "203.0.113.9",
        "Mozilla/5.0",
    )
    assert "ferry@example.jp" not in request_of(External(), ABOUT, "k", NOW).body.decode()


@pytest.mark.parametrize(
    ("body", "headers", "answer"),
    [
        (b"true", {}, ServiceAnswer(hit=True)),
        (b"true\n", {"X-akismet-pro-tip": "discard"}, ServiceAnswer(hit=True, label="discard")),
        (b"true", {"X-akismet-pro-tip": "<b>"}, ServiceAnswer(hit=True)),
        (b"false", {}, ServiceAnswer()),
        (b"invalid", {"X-akismet-debug-help": "no key"}, ServiceAnswer(failure="key-refused")),
        (b"", {}, ServiceAnswer(failure="bad-answer")),
        (b"True", {}, ServiceAnswer(failure="bad-answer")),
        (b"<html>", {}, ServiceAnswer(failure="bad-answer")),
    ],
)
def test_what_akismet_says(body: bytes, headers: dict[str, str], answer: ServiceAnswer) -> None:
    assert answer_of(External(), 200, headers, body) == answer


BAD = ServiceAnswer(failure="bad-answer")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"hit": true}', ServiceAnswer(hit=True)),
        (b'{"hit": false, "score": 0, "label": null}', ServiceAnswer(score=0)),
        (b'{"hit": true, "score": 100, "label": "spam-1"}', ServiceAnswer(True, 100, "spam-1")),
        (b'{"hit": true, "more": {"x": 1}}', ServiceAnswer(hit=True)),
        *((body, BAD) for body in (b"", b"{", b"\xff", b"[]", b"null", b"true", b"{}", b'{"hit": 1}')),
        *((b'{"hit": true, "score": %s}' % score, BAD) for score in (b"101", b"-1", b"1.5", b"true", b'"9"')),
        *(
            (b'{"hit": true, "label": %s}' % label, BAD)
            for label in (b'"Spam"', b'"a b"', b'"-a"', b"7", b'"%s"' % (b"a" * 31), '"宣伝"'.encode())
        ),
        (b"[" * 60_000, BAD),
        (b'{"hit": true, "score": NaN}', BAD),
    ],
)
def test_what_a_signed_service_says(body: bytes, answer: ServiceAnswer) -> None:
    assert answer_of(SIGNED, 200, {}, body) == answer


@given(body=st.binary(max_size=200), status=st.integers(100, 599))
def test_any_bytes_are_an_answer_or_a_failure_with_words(body: bytes, status: int) -> None:
    for check in (SIGNED, External()):
        said = answer_of(check, status, {}, body)
        if said.failure:
            for language in ("ja", "en"):
                told = in_words(said.failure, language)
                assert told != said.failure
                assert "{" not in told
        else:
            assert status == 200


def test_the_words_of_failures() -> None:
    assert in_words("status-503", "en") == "It answered with HTTP 503."
    assert in_words("unheard-of", "ja") == "unheard-of"
    assert all(texts.keys() == {"ja", "en"} for texts in FAILURES.values())
