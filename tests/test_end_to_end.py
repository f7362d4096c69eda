"""A comment's whole way through real processes: API, Redis, worker, case, moderator, API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from config.local.process import until
from tests.comments.sources.test_running import ROWS
from tests.processes import Up, fresh_environment, run

pytestmark = pytest.mark.stack

REQUEST_ID = "a-reader-at-noon"
BODY = "> 橋の費用は三十億円で、市が半分を出す。\n半分でも十五億円です。"
# The default rules, a site that is open, its key, and a moderator of it.
PREPARE = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from comments.models import Floor, Membership, Site, SiteKey
call_command("load_rules")
site = Site.objects.create(slug="hashi", name="橋の新聞", floor=Floor.OPEN)
mori = get_user_model().objects.create_user("mori", password="a-password-of-mori", is_staff=True)
mori.groups.set(Group.objects.filter(name="Moderator"))
Membership.objects.create(user=mori, site=site)
print("KEY", SiteKey.mint(site, "web server")[1])
"""

PROMOTE = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
get_user_model().objects.get(username="mori").groups.add(Group.objects.get(name="Lead"))
"""

# A source whose interval is a second, which no form lets in, rings as it does for every other.
SCHEDULE = """
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from comments.models import ImportSource, Site
from comments.sources.schedules import Rhythm, put_rhythm
site = Site.objects.get(slug="hashi")
source = ImportSource.objects.create(site=site, slug="folder", address={address!r})
put_rhythm(source, Rhythm(every=1, period="days"), timezone.now())
ImportSource.objects.filter(pk=source.pk).update(due_at=timezone.now())
task = PeriodicTask.objects.get(name=f"import-source-{{source.pk}}")
task.interval = IntervalSchedule.objects.create(every=1, period="seconds")
task.save()
"""
SCHEDULED = """
import json
from comments.models import ImportRun, ImportSource
source = ImportSource.objects.get(slug="folder")
run = ImportRun.objects.get(source=source)
created = run.counts["comments"]["created"]
print(json.dumps([run.status, run.path, created, source.claimed_until, source.failures]))
"""


class Running:
    """A running installation, its site key, and the log that it writes."""

    def __init__(self, up: Up, bare: dict[str, str]) -> None:
        self.up = up
        self.url = up.read_until("Ready: ").split("Ready: ")[1].split("/admin/")[0]
        self.environment = {**bare, **json.loads((Path(bare["DATA_DIR"]) / "stack.json").read_text())}
        self.key = self.manage("shell", "-c", PREPARE).partition("KEY ")[2].strip()

    def manage(self, *arguments: str) -> str:
        done = run(self.environment, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def api(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "X-Request-ID": REQUEST_ID}
        data = json.dumps(body).encode() if body is not None else None
        request = Request(
            path if path.startswith("http") else f"{self.url}{path}",
            data,
            {**headers, "Content-Type": "application/json"},
            method=method,
        )
        with build_opener().open(request, timeout=10) as answer:
            return json.loads(answer.read())

    def logged(self, service: str, event: str) -> dict[str, Any]:
        """The next line of JSON that a service writes about an event."""
        while True:
            line = self.up.read_until(f'"{event}"')
            if line.startswith(service):
                entry: dict[str, Any] = json.loads(line.split("| ", 1)[1])
                return entry


class Moderator:
    """A browser with a moderator before it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.submit("/admin/login/", username="mori", password="a-password-of-mori", next="/admin/desk/")

    def read(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=10) as page:
            text: str = page.read().decode()
        return text

    def submit(self, path: str, *, page: str = "", **fields: object) -> str:
        """Send the form that stands on `page`, with its token."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.read(page or path))
        assert token
        data = urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        with self.opener.open(Request(self.url + path, data), timeout=10) as answer:
            text: str = answer.read().decode()
        return text


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("installation")
    (folder / "incoming").mkdir()
    bare = {
        **fresh_environment(folder),
        "LOG_FORMAT": "json",
        "IMPORT_FOLDERS": str(folder / "incoming"),
    }
    up = Up(bare)
    try:
        yield Running(up, bare)
    finally:
        up.stop()


def test_a_comment_is_taken_in_judged_decided_and_shown(running: Running) -> None:
    article = {"id": "hashi-1", "title": "新しい橋", "body": "橋の費用は二十億円で、県が全額を出す。"}
    running.api("PUT", "/api/v1/articles/", article)
    comment = {"article": "hashi-1", "body": BODY, "author_name": "松田", "author_email": ""}
    accepted = running.api("POST", "/api/v1/comments/", comment)
    assert accepted["status"] == "received"

    def status() -> dict[str, Any]:
        answer: dict[str, Any] = running.api("GET", accepted["status_url"])
        return answer

    assert until(lambda: status()["status"] == "held", 10), status()
    assert status()["reasons"], "its author is told why"
    assert published(running) == []

    mori = Moderator(running.url)
    queue = mori.read("/admin/desk/")
    (case,) = set(re.findall(r'href="(/admin/desk/\d+/)', queue))
    page = mori.read(case)
    assert "橋の費用は三十億円で、市が半分を出す。" in page
    version = re.search(r'name="seen_version"[^>]*value="(\d+)"', page)
    reason = re.search(r'name="reject" value="(\d+)"', page)
    assert version
    assert reason
    mori.submit(f"{case}decide/", page=case, action="publish", seen_version=version[1])
    with pytest.raises(HTTPError, match="409"):
        mori.submit(f"{case}decide/", page="/admin/desk/", reject=reason[1], seen_version=version[1])

    assert status()["status"] == "published"
    assert [each["body"] for each in published(running)] == [BODY]
    figures = until_counted(running)
    assert 'sekisho_decisions_total{by="person",status="published"} 1.0' in figures
    assert 'sekisho_open_cases{severity="low"} 0.0' in figures

    assert running.logged("worker", "decided")["request_id"] == REQUEST_ID


def test_the_sample_site_is_decided_and_a_second_time_changes_nothing(running: Running) -> None:
    first, second = (running.manage("seed_demo") for _ in range(2))
    table = r"受付 received +54\n(?s:.*)却下 rejected +2\n.*\n"
    found = [re.search(table, text) for text in (first, second)]
    assert found[0], first
    assert found[1], second
    assert found[0][0] == found[1][0]
    assert re.findall(r"^  (\w+)\S* \w+ +(\d+)$", found[0][0], re.MULTILINE) == [
        ("公開", "30"),
        ("公開", "6"),
        ("保留", "16"),
        ("却下", "2"),
    ]


def published(running: Running, article: str = "hashi-1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = running.api("GET", f"/api/v1/comments/?article={article}")["results"]
    return found


def until_counted(running: Running) -> str:
    """The figures, once web server and worker have sent theirs."""
    texts: list[str] = []

    def counted() -> bool:
        with build_opener().open(f"{running.url}/metrics", timeout=10) as answer:
            texts.append(answer.read().decode())
        return all(f'by="{by}"' in texts[-1] for by in ("system", "person"))

    assert until(counted, 10, pause=0.1), texts[-1]
    return texts[-1]


def test_an_import_is_undone_by_a_worker_and_comes_back(running: Running, tmp_path: Path) -> None:
    rows = [
        {"type": "article", "id": "hashi-9", "title": "橋の昔", "body": "吊り橋は大正のころに架けられた。"}
    ]
    texts = ("祖父が架け替えを見たそうです。", "欄干の飾りはいまも残っています。")
    rows += [
        {"type": "comment", "id": f"k{at}", "article": "hashi-9", "author_name": "岸", "body": text,
         "author_email": f"k{at}@example.jp"}
        for at, text in enumerate(texts)
    ]  # fmt: skip
    path = tmp_path / "old.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")

    def imported() -> Any:
        return json.loads(running.manage("import_comments", str(path), "--site", "hashi", "--json"))

    def shown() -> int:
        return len(published(running, "hashi-9"))

    run = imported()["run"]
    assert until(lambda: shown() == 2, 20)
    running.manage("shell", "-c", PROMOTE)
    mori = Moderator(running.url)
    address = f"/admin/desk/import/{run}/undo/"
    mori.submit(address, reason="よその町の橋だった")
    assert until(lambda: shown() == 0, 20)
    assert until(
        lambda: "よその町の橋だった" in mori.read(address) and "data-progress=" not in mori.read(address), 20
    )
    assert imported()["comments"]["updated"] == 2
    assert until(lambda: shown() == 2, 20)


def test_beat_rings_and_the_worker_of_imports_reads(running: Running) -> None:
    path = Path(running.environment["IMPORT_FOLDERS"]) / "a.jsonl"
    path.write_bytes(ROWS)
    running.manage("shell", "-c", SCHEDULE.format(address=str(path)))
    assert running.up.read_until("is read: 1 runs, 0 faults").startswith("imports ")
    # Its later rings find nothing due.
    told = running.manage("shell", "-c", SCHEDULED)
    assert json.loads(told.splitlines()[-1]) == ["done", str(path), 1, None, 0]
