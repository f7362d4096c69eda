"""Log lines: one JSON object each, with the id of the request, in the worker too."""

import json
import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import structlog
from django.test import RequestFactory

from config import celery, env, logs


@pytest.fixture
def formatter(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Formatter]:
    monkeypatch.setenv("LOG_FORMAT", "json")
    shape = logs.configuration()["formatters"]["sekisho"]
    yield structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shape["foreign_pre_chain"], processors=shape["processors"]
    )
    structlog.contextvars.clear_contextvars()


def test_a_librarys_line_is_json_with_the_request_id(formatter: logging.Formatter) -> None:
    record = logging.LogRecord("some.library", logging.WARNING, "x.py", 1, "%s は来た\n二行目", ("人",), None)
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        line = formatter.format(record)
    assert "\n" not in line
    read = json.loads(line)
    assert {**read, "timestamp": ""} == {
        "event": "人 は来た\n二行目",
        "logger": "some.library",
        "level": "warning",
        "request_id": "r-1",
        "timestamp": "",
    }


def test_the_request_id_follows_the_ring_into_the_worker() -> None:
    headers: dict[str, str] = {}
    with structlog.contextvars.bound_contextvars(request_id="r-2"):
        celery.send_request_id(headers=headers)
    celery.bind_request_id(task=SimpleNamespace(name="screen", request=SimpleNamespace(**headers)))
    assert structlog.contextvars.get_contextvars() == {"task": "screen", "request_id": "r-2"}
    celery.forget_request_id()
    assert structlog.contextvars.get_contextvars() == {}


def test_an_unknown_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(env.ConfigurationError, match="json or console"):
        logs.chosen_format()


@pytest.mark.parametrize(("status", "told"), [(400, False), (404, False), (500, True)])
def test_only_a_fault_of_ours_is_told_with_its_traceback(
    formatter: logging.Formatter, status: int, told: bool
) -> None:
    try:
        raise ValueError("beyond")
    except ValueError:
        record = logging.LogRecord(
            "django.request", logging.WARNING, "x.py", 1, "%s", ("/a",), sys.exc_info()
        )
    record.status_code = status
    read = json.loads(formatter.format(record))
    assert (read["event"], "exception" in read) == ("/a", told)


def test_what_was_searched_for_stays_out_of_it(formatter: logging.Formatter, rf: RequestFactory) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, "%s", ("/a",), None)
    record.request = rf.get("/a/?q=taro@example.jp")
    line = formatter.format(record)
    assert json.loads(line)["request"] == "GET /a/"
    assert "taro" not in line
