"""The Celery application. Messages are doorbells: losing one loses nothing."""

import os
import warnings
from typing import Any

import structlog
from celery import Celery, signals

# Root is warned of because a message could carry code in a pickle; ours carry
# JSON and nothing else is accepted.
warnings.filterwarnings("ignore", "You're running the worker with superuser privileges")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("sekisho")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """A receiver here keeps Celery from replacing what the settings have set up."""


@signals.celeryd_init.connect
@signals.beat_init.connect
def require_settings(**_: Any) -> None:
    # The checks read the settings, and this module is imported before them.
    from config.checks import require_serving  # noqa: PLC0415

    require_serving()


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any], **_: Any) -> None:
    """The id of the request that rang travels with the ring."""
    if number := structlog.contextvars.get_contextvars().get("request_id"):
        headers["request_id"] = number


@signals.task_prerun.connect
def bind_request_id(task: Any, **_: Any) -> None:
    structlog.contextvars.clear_contextvars()
    number = getattr(task.request, "request_id", None)
    structlog.contextvars.bind_contextvars(task=task.name, **({"request_id": number} if number else {}))


@signals.task_postrun.connect
def forget_request_id(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()
