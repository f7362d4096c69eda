"""The page of an import source: its form, its errors, trying and running."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from comments import tasks
from comments.models import Comment, ImportRun, ImportSource, Site, Unchanged
from comments.sources.running import read_source
from comments.sources.schedules import Rhythm, put_rhythm, rhythm_of
from tests import newsroom, world
from tests.comments.sources.conftest import Web, make_source
from tests.comments.sources.test_running import GROWN, ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(home: Site, client: Client) -> User:
    """A member of the site who may edit its sources; `client` is his, in English."""
    user = newsroom.make_person(home, "mori", "Lead", email="mori@example.com")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["add_importsource", "change_importsource"])
    )
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def typed(home: Site, **fields: Any) -> dict[str, Any]:
    """A form as the browser sends it."""
    blank = dict.fromkeys(
        ("credentials", "format", "policy", "zone", "encoding", "columns", "url", "rhythm", "every",
         "crontab", "owner"), "",
    )  # fmt: skip
    given = {"site": home.pk, "slug": "partner", "address": "https://partner.example/a.jsonl"}
    return {**blank, **given, "period": "hours", "max_megabytes": 100, "max_seconds": 60, **fields}


ADD = "admin:comments_importsource_add"
LIST = "admin:comments_importsource_changelist"


def change(source: ImportSource) -> str:
    return reverse("admin:comments_importsource_change", args=[source.pk])


def errors(client: Client, home: Site, **fields: Any) -> dict[str, list[str]]:
    response = client.post(reverse(ADD), typed(home, **fields))
    assert response.status_code == 200
    told: dict[str, list[str]] = dict(response.context["adminform"].form.errors)
    return told


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"address": "partner.example/a"}, "address", "begins with /"),
        ({"address": "file:///etc/passwd"}, "address", "no address that can be read"),
        ({"address": "/etc/passwd"}, "address", "IMPORT_FOLDERS"),
        ({"address": "https://kai:umi@partner.example/"}, "address", "under Credentials"),
        ({"address": "https:///a"}, "address", "no host"),
        ({"address": "https://partner.example:http/"}, "address", "host and port"),
        ({"address": "s3://bucket/a"}, "address", "not installed"),
        ({"address": "upload:../../etc/passwd"}, "address", "no such upload"),
        ({"credentials": "token"}, "credentials", "token = SEKISHO_IMPORT_PARTNER"),
        ({"credentials": "token = DATABASE_URL"}, "credentials", "begin with SEKISHO_IMPORT_"),
        ({"credentials": "trust_env = SEKISHO_IMPORT_PARTNER"}, "credentials", "It takes: username"),
        ({"zone": "Tokyo"}, "zone", "no time zone"),
        ({"encoding": "utf-88"}, "encoding", "shift_jis"),
        ({"columns": "本文 = body"}, "columns", "body = 本文"),
        ({"rhythm": "interval", "every": 1, "period": "minutes"}, "every", "five minutes"),
        ({"rhythm": "interval"}, "every", "five minutes"),
        ({"rhythm": "crontab", "crontab": "at four"}, "crontab", "five fields"),
        ({"rhythm": "crontab", "crontab": "0 0 31 2 *"}, "crontab", "No time fits"),
        ({"rhythm": "crontab"}, "crontab", "five fields"),
        ({"address": "", "rhythm": "interval", "every": 1}, "rhythm", "needs an address"),
        ({"max_megabytes": 0}, "max_megabytes", "greater than or equal to 1"),
    ],
)
def test_errors_stand_at_their_field(
    editor: User, home: Site, client: Client, fields: dict[str, Any], field: str, told: str
) -> None:
    found = errors(client, home, **fields)
    assert list(found) == [field]
    assert told in found[field][0]


def test_a_secret_typed_instead_of_its_name_is_not_repeated(editor: User, home: Site, client: Client) -> None:
    (told,) = errors(client, home, credentials="token = hunter2-hunter2-hunter2")["credentials"]
    assert "hunter2" not in told


def test_a_source_is_stored_with_its_schedule_and_its_owner(editor: User, home: Site, client: Client) -> None:
    assert client.get(reverse(ADD)).context["adminform"].form.initial["owner"] == editor.pk
    sent = typed(
        home, owner=editor.pk, rhythm="crontab", crontab="30  4 * * *", columns="body = 本文",
        credentials="token = SEKISHO_IMPORT_PARTNER", encoding="sjis",
    )  # fmt: skip
    response = client.post(reverse(ADD), sent)
    source = ImportSource.objects.get()
    assert response.headers["Location"] == change(source)
    assert (source.owner, source.encoding) == (editor, "cp932")
    assert (source.columns, source.credentials) == ({"body": "本文"}, {"token": "SEKISHO_IMPORT_PARTNER"})
    assert rhythm_of(source) == Rhythm(crontab="30 4 * * *")

    page = client.get(change(source))
    assert page.context["adminform"].form["columns"].value() == "body = 本文"
    assert len(page.context["panel"]["times"]) == 3
    assert page.context["panel"]["times"][0].endswith(" 04:30")

    client.post(change(source), typed(home, address=source.address))
    source.refresh_from_db()
    assert (rhythm_of(source), source.due_at, source.slug) == (None, None, "partner")


def test_an_upload_takes_the_place_of_the_address(
    editor: User, home: Site, client: Client, settings: Settings
) -> None:
    upload = SimpleUploadedFile("../../evil name.jsonl", ROWS)
    client.post(reverse(ADD), typed(home, address="", upload=upload))
    source = ImportSource.objects.get()
    assert source.address.startswith("upload:")
    assert source.address.endswith("-evil-name.jsonl")
    (path,) = (Path(settings.IMPORT_DATA_DIR) / "uploads").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    read_source(source.pk, by_hand=True)
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("name", ["𠮷" * 99 + ".jsonl", "🏮.jsonl", "--", "a" * 300])
def test_an_upload_of_any_name_is_kept(editor: User, home: Site, client: Client, name: str) -> None:
    client.post(reverse(ADD), typed(home, address="", upload=SimpleUploadedFile(name, ROWS)))
    read_source(ImportSource.objects.get().pk, by_hand=True)
    assert Comment.objects.count() == 1


def test_an_upload_that_is_too_large(editor: User, home: Site, client: Client, settings: Settings) -> None:
    settings.IMPORT_UPLOAD_MEGABYTES = 1
    upload = SimpleUploadedFile("a.jsonl", b"x" * 1_000_001)
    assert "larger than 1 megabytes" in errors(client, home, upload=upload)["upload"][0]


def test_a_schedule_that_only_beats_own_pages_let_in_can_be_mended(
    editor: User, home: Site, client: Client
) -> None:
    source = make_source(home, "https://partner.example/")
    put_rhythm(source, Rhythm(every=1, period="hours"), timezone.now())
    PeriodicTask.objects.update(interval=IntervalSchedule.objects.create(every=1, period="minutes"))
    page = client.get(change(source))
    assert page.status_code == 200
    assert page.context["panel"]["times"] == []


class TestTry:
    def page(self, client: Client, source: ImportSource) -> Any:
        return client.get(reverse("admin:comments_importsource_try", args=[source.pk]))

    def test_it_shows_what_the_command_shows_and_writes_nothing(
        self, editor: User, home: Site, web: Web, client: Client
    ) -> None:
        source = make_source(home, web.put("/a.jsonl", GROWN), zone="UTC")
        page = self.page(client, source)
        tried = page.context["tried"]
        assert (tried.zone, tried.whole, tried.encoding.name) == ("UTC", True, "utf-8")
        assert [row["id"] for row in page.context["rows"]] == ["a1", "c1", "c2"]
        assert "2026-01-10 00:00:00 +0000" in page.content.decode()
        assert (ImportRun.objects.count(), Comment.objects.count()) == (0, 0)

    def test_of_a_large_file_the_head_is_enough(
        self, editor: User, home: Site, web: Web, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("comments.sources.trying.HEAD", len(GROWN) - 40)
        tried = self.page(client, make_source(home, web.put("/a.jsonl", GROWN))).context["tried"]
        assert (tried.whole, tried.encoding.name, len(tried.rows)) == (False, "utf-8", 2)

    def test_what_is_wrong_is_said_with_what_to_do(
        self, editor: User, home: Site, client: Client, web: Web, settings: Settings
    ) -> None:
        source = make_source(home, web.put("/", b"<!doctype html><p>Sign in</p>"))
        assert self.page(client, source).context["fault"]
        settings.IMPORT_ALLOWED_HOSTS = []
        assert "IMPORT_ALLOWED_HOSTS" in self.page(client, source).content.decode()

    def test_what_people_wrote_is_shown_as_text(
        self, editor: User, home: Site, client: Client, web: Web
    ) -> None:
        rows = GROWN.replace("c1 の感想です。".encode(), b"<script>alert(1)</script>")
        text = self.page(client, make_source(home, web.put("/", rows))).content.decode()
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert(1)" not in text


class TestRun:
    def post(self, client: Client, source: ImportSource) -> Any:
        return client.post(reverse("admin:comments_importsource_run", args=[source.pk]), follow=True)

    def test_it_is_due_at_once_and_rings(
        self,
        editor: User,
        home: Site,
        client: Client,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        sent: list[Any] = []
        monkeypatch.setattr(tasks.import_source, "apply_async", lambda *a, **k: sent.append(a[0]))
        source = make_source(home, "https://partner.example/")
        with django_capture_on_commit_callbacks(execute=True):
            self.post(client, source)
        source.refresh_from_db()
        assert source.due_at is not None
        assert source.due_at <= timezone.now()
        assert sent == [(source.pk,)]

    def test_what_was_undone_is_read_again(
        self, editor: User, home: Site, client: Client, folder: Path
    ) -> None:
        (folder / "a.jsonl").write_bytes(GROWN)
        source = make_source(home, str(folder / "a.jsonl"))
        read_source(source.pk, by_hand=True)
        ImportRun.objects.update(undone_at=timezone.now())
        # A schedule brings nothing back by itself.
        read_source(source.pk, by_hand=True)
        assert ImportRun.objects.latest("pk").unchanged
        self.post(client, source)
        read_source(source.pk)
        assert not ImportRun.objects.latest("pk").unchanged

    def test_what_is_being_read_is_left_alone(self, editor: User, home: Site, client: Client) -> None:
        until = timezone.now() + timedelta(minutes=1)
        source = make_source(home, "https://partner.example/", claimed_until=until)
        assert "being read already" in self.post(client, source).content.decode()
        source.refresh_from_db()
        assert source.due_at is None


class TestTold:
    def test_the_owner_sees_why_on_every_page_of_it(
        self, editor: User, home: Site, client: Client, web: Web
    ) -> None:
        source = make_source(home, web.put("/a", b"", 403), owner=editor)
        read_source(source.pk, by_hand=True)
        index = client.get(reverse("admin:index")).content.decode()
        assert "Your import source partner cannot be read." in index
        assert change(source) in index
        assert "cannot be read" in client.get(reverse(LIST)).content.decode()
        page = client.get(change(source)).content.decode()
        assert "does not let us in (403)" in page

    def test_nobody_else_is_told(self, editor: User, home: Site, client: Client) -> None:
        make_source(home, "/etc/passwd", failures=1, owner=world.make_member(home, "kida"))
        assert "cannot be read" not in client.get(reverse("admin:index")).content.decode()

    def test_who_only_looks_on_sees_no_query_and_no_names_of_credentials(
        self, home: Site, client: Client
    ) -> None:
        client.force_login(newsroom.make_person(home, "audit", "Auditor"))
        source = make_source(
            home, "https://partner.example/a?key=geheim",
            credentials={"token": "SEKISHO_IMPORT_PARTNER"},
        )  # fmt: skip
        pages = [client.get(address).content.decode() for address in (reverse(LIST), change(source))]
        assert all("https://partner.example/a" in page for page in pages)
        assert not any("geheim" in page or "SEKISHO_IMPORT" in page for page in pages)

    def test_an_empty_list_says_what_to_do(self, editor: User, client: Client) -> None:
        assert "There is no import source yet." in client.get(reverse(LIST)).content.decode()

    def test_a_run_of_zero_rows_says_why(self, editor: User, home: Site, client: Client) -> None:
        source = make_source(home, "https://partner.example/")
        ImportRun.objects.create(
            source=source, path="https://partner.example/", unchanged=Unchanged.NOT_MODIFIED, status="done"
        )
        for address in (change(source), reverse("admin:comments_importrun_changelist")):
            assert "its server says that it has not changed" in client.get(address).content.decode()

    def test_the_list_asks_as_often_for_many_as_for_few(
        self, editor: User, home: Site, client: Client, django_assert_num_queries: Any
    ) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        asked = []
        for number in range(1, 9):
            source = make_source(home, "https://partner.example/", slug=f"s{number}")
            ImportRun.objects.create(source=source, path="x", status="done")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(reverse(LIST))
            asked.append(len(queries))
        assert asked[-1] == asked[1]
