"""Logs: JSON lines, or readable ones on a terminal; the request's id on each of them.

The standard library's records (Django, Celery, libraries) and structlog's go
through the same processors to stderr.
"""

import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from config import env

FORMATS = ("json", "console")


def without_trace_of_refusals(_: Any, __: str, event: EventDict) -> EventDict:
    """A request that is refused (4xx) is told in one line: the traceback is where we refuse it, and ours."""
    if event.get("status_code", 500) < 500:
        event.pop("exc_info", None)
    return event


def without_query(_: Any, __: str, event: EventDict) -> EventDict:
    """A request is told by its path: what somebody searched for, an address maybe, stays out of the logs."""
    request = event.get("request")
    if method := getattr(request, "method", None):
        event["request"] = f"{method} {getattr(request, 'path', '')}"
    return event


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    without_trace_of_refusals,
    without_query,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def chosen_format() -> str:
    """LOG_FORMAT, or console on a terminal and json elsewhere."""
    wanted = env.text("LOG_FORMAT").lower() or ("console" if sys.stderr.isatty() else "json")
    if wanted not in FORMATS:
        raise env.ConfigurationError(f"LOG_FORMAT={wanted!r} is unknown: write {' or '.join(FORMATS)}.")
    return wanted


def _renderers() -> list[Processor]:
    if chosen_format() == "console":
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def configuration() -> dict[str, Any]:
    """Configure structlog, and give what Django's LOGGING wants for the rest."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    level = env.text("LOG_LEVEL", "INFO").upper()
    # A line for each task says nothing: tasks are doorbells and sweeps.
    quiet = ("celery.app.trace", "celery.worker.strategy", "celery.beat")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "sekisho": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "sekisho"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would write each line a second time.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            **{name: {"level": "WARNING"} for name in quiet},
        },
    }
