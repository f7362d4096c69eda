"""docs/external.md: its service runs and its answers are understood; its tables are those of the code."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

from moderation.checks.external import External
from moderation.checks.facts import ServiceAnswer
from moderation.external.calling import Batch, call
from moderation.external.failures import FAILURES
from moderation.external.protocols import answer_of, request_of
from tests.moderation.external.conftest import HOST, NAME, SECRET
from tests.moderation.external.test_protocols import ABOUT, NOW, SIGNED

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "external.md").read_text(encoding="utf-8")


def block(language: str, position: int = 0) -> str:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return found[position]


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service of the page, as it is printed there."""
    monkeypatch.setenv("SECRET", SECRET)
    made: dict[str, Any] = {"__name__": "service"}
    exec(compile(block("python"), "docs/external.md", "exec"), made)
    monkeypatch.setattr(made["Service"], "log_message", lambda *_: None)
    with HTTPServer((HOST, 0), made["Service"]) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/"
        server.shutdown()


def said(url: str, body: str, secret: str, now: datetime) -> ServiceAnswer:
    check = External(protocol="signed", url=url, credential=NAME)
    request = request_of(check, replace(ABOUT, body=body), secret, now)
    ((reply,),) = call([Batch("s", [request], 10, partial(answer_of, check))], {})
    return reply.answer


def test_the_service_of_the_page_answers(url: str) -> None:
    now = datetime.now(UTC)
    assert said(url, "副業で稼げます。", SECRET, now) == ServiceAnswer(hit=True, label="side-job")
    assert said(url, "楽しみです。", SECRET, now) == ServiceAnswer()


def test_it_refuses_what_others_have_signed_and_what_is_old(url: str) -> None:
    now = datetime.now(UTC)
    other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert said(url, "楽しみです。", other, now) == ServiceAnswer(failure="status-401")
    assert said(url, "楽しみです。", SECRET, now - timedelta(minutes=6)) == ServiceAnswer(
        failure="status-401"
    )


def test_the_question_and_the_answer_of_the_page(url: str) -> None:
    shown = json.loads(block("json"))
    sent = json.loads(request_of(SIGNED, ABOUT, SECRET, NOW).body)
    assert shown.keys() == sent.keys()
    assert shown["data"].keys() == sent["data"].keys()
    assert shown["data"]["article"].keys() == sent["data"]["article"].keys()
    answer = answer_of(SIGNED, 200, {}, block("json", 1).encode())
    assert answer == ServiceAnswer(hit=True, score=97, label="side-job")


def test_every_failure_is_named() -> None:
    for failure in FAILURES:
        assert f"`{failure}" in PAGE
