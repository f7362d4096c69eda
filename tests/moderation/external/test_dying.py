"""No transaction is open while a service is asked, and a worker that is killed then loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from comments import bulk
from comments.models import Article, Comment
from moderation.models import ExternalAnswer, Pending
from moderation.services import screen
from tests import world
from tests.moderation.external.conftest import HOST, NAME, NO, SECRET, YES, Service, make_rule
from tests.world import NOON, send, stored

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def article() -> Article:
    return world.make_article(world.make_site())


def test_nothing_is_locked_while_a_service_is_asked(service: Service, article: Article) -> None:
    make_rule(service)
    sent = send(article, "楽しみです。")
    seen: list[object] = []

    def answer(_asked: object) -> tuple[int, dict[str, str], bytes]:
        # From a thread of the server, on a connection of its own.
        try:
            with transaction.atomic():
                seen.append(list(Pending.objects.select_for_update(nowait=True).values_list("pk", flat=True)))
                seen.append(list(Comment.objects.select_for_update(nowait=True).values_list("pk", flat=True)))
            seen.append(screen(now=lambda: NOON).claimed)
        finally:
            connection.close()
        return NO

    service.answer = answer
    assert screen(now=lambda: NOON).claimed == 1
    assert seen == [[sent.comment_id], [sent.comment_id], 0]
    assert len(service.asked) == 1


_WORKER = """
import os, signal, sys
import django
django.setup()
from django.utils import timezone
from moderation.external import answers
from moderation.services import screen

if sys.argv[1] == "kept":
    keep = answers.keep
    def keep_and_die(*given):
        keep(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    answers.keep = keep_and_die
screen(now=timezone.now)
"""


@pytest.fixture
def killed(service: Service) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def database_url() -> str:
    """The test database, as a process of its own is told."""
    settings = connection.settings_dict
    return (
        f"postgres://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}"
        f"?host={settings['HOST']}&port={settings['PORT']}"
    )


def start(where: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "EXTERNAL_ALLOWED_HOSTS": HOST,
        NAME: SECRET,
        f"{NAME}_HOSTS": HOST,
    }
    return subprocess.Popen([sys.executable, "-c", _WORKER, where], cwd=ROOT, env=environment)


def time_goes_on() -> None:
    bulk.execute("UPDATE moderation_pending SET asking_until = clock_timestamp() - interval '1 second'")


@pytest.mark.stack
def test_a_worker_that_is_killed_while_it_asks(
    service: Service, article: Article, killed: list[subprocess.Popen[bytes]]
) -> None:
    make_rule(service)
    sent = send(article, "副業で稼げます。", now=timezone.now())
    there, over = threading.Event(), threading.Event()

    def answer(_asked: object) -> tuple[int, dict[str, str], bytes]:
        there.set()
        over.wait(60)
        return YES

    service.answer = answer
    killed.append(start("asking"))
    assert there.wait(60)
    os.kill(killed[0].pid, signal.SIGKILL)
    assert killed[0].wait(60) == -signal.SIGKILL
    over.set()

    assert screen().claimed == 0
    assert not ExternalAnswer.objects.exists()
    time_goes_on()
    service.answer = lambda _asked: YES
    assert screen().claimed == 1
    assert stored(sent).status == "held"
    assert len(service.asked) == 2


@pytest.mark.stack
def test_a_worker_that_is_killed_between_asking_and_claiming(
    service: Service, article: Article, killed: list[subprocess.Popen[bytes]]
) -> None:
    make_rule(service)
    service.answer = lambda _asked: YES
    sent = send(article, "副業で稼げます。", now=timezone.now())
    killed.append(start("kept"))
    assert killed[0].wait(60) == -signal.SIGKILL
    assert (stored(sent).status, Pending.objects.count()) == ("received", 1)

    assert screen().claimed == 1
    assert stored(sent).status == "held"
    assert len(service.asked) == 1
