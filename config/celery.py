"""The Celery application. Messages are doorbells: losing one loses nothing."""

import os
import warnings
from typing import Any

import structlog
from celery import Celery, signals
from celery.app.amqp import AMQP
from django.db import close_old_connections
from kombu import Connection
from kombu.transport.redis import Channel

# Root is warned of because a message could carry code in a pickle; ours carry
# JSON and nothing else is accepted.
warnings.filterwarnings("ignore", "You're running the worker with superuser privileges")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


# When Redis goes while a message is unacknowledged, kombu 5.7 gives the message
# back through the connection that Celery has just taken apart, and the error
# ends the worker, or leaves it hanging. A ring need not come back.
Channel.do_restore = False


class PatientConnection(Connection):
    """A connection to the broker that is tried again and again, never more than a second apart.

    kombu waits two seconds longer each time, up to half a minute, and Celery
    has no setting for it: comments would wait as long after Redis is back.
    """

    def _ensure_connection(
        self, errback: Any = None, max_retries: int | None = None, *_: Any, **options: Any
    ) -> Any:
        options |= {"interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}
        return super()._ensure_connection(errback, max_retries, **options)


class Amqp(AMQP):
    Connection = PatientConnection


class Application(Celery):
    """Celery with bounded waits for a broker that is gone."""

    amqp_cls = "config.celery:Amqp"

    def connection_for_write(self, url: str | None = None, **kwargs: Any) -> Connection:
        """A connection to send by: a request that rings waits a fifth of a second at most, and once."""
        options = {"max_retries": 0, "socket_timeout": 0.2}
        return super().connection_for_write(url, transport_options=options, **kwargs)


app = Application("sekisho")
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


@signals.task_prerun.connect
@signals.task_postrun.connect
def keep_healthy_connections(**_: Any) -> None:
    """Django's rule for requests, for tasks: a connection lives until it is old or does not answer."""
    close_old_connections()


@signals.worker_process_shutdown.connect
def send_counts(**_: Any) -> None:
    """A worker's process ends without `atexit`."""
    from comments import counters  # noqa: PLC0415 - as above

    counters.flush()


@signals.task_postrun.connect
def forget_request_id(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()
