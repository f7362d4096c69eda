"""`manage.py seed_demo`: the sample site, its comments sent by every way in, and what became of them."""

import json
import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models.functions import Now

from comments.models import Comment, Floor, Membership, Site, SiteKey
from config.demo import outcome_table
from moderation.models import Pending

HELP = """Fill a running installation with the sample site: three articles and a page, some fifty comments.

The comments go in as a publisher's would: through the REST API at BASE_URL, and by import. When all are
decided, a table says what became of them. To run it again changes nothing but the login and the key."""

# What does not go through the API.
IMPORTS: Sequence[tuple[str, Sequence[str]]] = (
    ("archive.jsonl", ("--source", "archive")),
    ("page.txt", ("--source", "page", "--url", "https://asagiri-shimpo.example/town/morning-market")),
)
LOGIN = "demo"
KEY_NAME = "demo"


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base-url",
            default=os.environ.get("BASE_URL", "http://127.0.0.1:8000"),
            help="Where the web server answers ($BASE_URL, else %(default)s).",
        )
        parser.add_argument(
            "--deadline", type=int, default=60, metavar="SECONDS", help="How long to wait for the decisions."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "seeds"
        sample = json.loads((folder / "demo" / "comments.json").read_text(encoding="utf-8"))
        call_command("load_rules", stdout=StringIO())
        site, key, password = _prepare(sample["site"])
        self._send(sample, key, options["base_url"])
        self._import(site, folder / "demo")
        decided = self._wait(site, options["deadline"])
        self.stdout.write(outcome_table(site))
        self.stdout.write(
            f"\n  管理画面 Admin  {options['base_url']}/admin/\n"
            f"  ログイン Login  {LOGIN}    パスワード Password  {password}\n"
            f"  API             {options['base_url']}/api/v1/docs/    サイトキー Site key  {key}\n"
        )
        if not decided:
            raise CommandError(f"Not all comments were decided within {options['deadline']} s.")

    def _send(self, sample: Mapping[str, Any], key: str, base_url: str) -> None:
        """Put the articles and post the comments, each with an Idempotency-Key of its own."""
        publisher = Publisher(base_url, key)
        for article in sample["articles"]:
            publisher.send("PUT", "/api/v1/articles/", article)
        ids: dict[str, str] = {}
        for comment in sample["comments"]:
            name = f"demo-{comment['id']}"
            body = {
                "external_id": name,
                **{field: value for field, value in comment.items() if field != "id"},
            }
            if parent := body.pop("parent", ""):
                body["parent"] = ids[parent]
            ids[comment["id"]] = publisher.send("POST", "/api/v1/comments/", body, name)["id"]
        publisher.close()
        self._say(f"API: {len(sample['articles'])} articles, {len(ids)} comments.")

    def _import(self, site: Site, folder: Path) -> None:
        for name, options in IMPORTS:
            said = StringIO()
            call_command(
                "import_comments",
                str(folder / name),
                *("--site", site.slug, "--json", "--no-progress", *options),
                stdout=said,
            )
            counts = json.loads(said.getvalue())["comments"]
            told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
            self._say(f"Import {name}: {told}.")

    def _wait(self, site: Site, deadline: int) -> bool:
        """Until every comment is decided; False when it takes too long."""
        comments = Comment.objects.filter(site=site).count()
        started = time.monotonic()
        while True:
            waiting = Pending.objects.filter(comment__site=site).count()
            if sys.stderr.isatty():
                self.stderr.write(f"\rDecided: {comments - waiting} of {comments}", ending="")
            if not waiting or time.monotonic() - started > deadline:
                break
            time.sleep(0.1)
        if sys.stderr.isatty():
            self.stderr.write("")
        return not waiting

    def _say(self, line: str) -> None:
        self.stderr.write(line)


def _prepare(values: Mapping[str, str]) -> tuple[Site, str, str]:
    """The sample site, open; a new key for it; a new password for its moderator."""
    site, _ = Site.objects.get_or_create(slug=values["slug"], defaults={**values, "floor": Floor.OPEN})
    SiteKey.objects.filter(site=site, name=KEY_NAME, revoked_at=None).update(revoked_at=Now())
    _, key = SiteKey.mint(site, KEY_NAME)
    user, _ = get_user_model().objects.get_or_create(username=LOGIN, defaults={"is_staff": True})
    password = secrets.token_urlsafe(9)
    user.set_password(password)
    user.save(update_fields=["password"])
    user.groups.set(Group.objects.filter(name__in=("Moderator", "Lead", "Auditor")))
    # In no group: who may edit sources is the operator's to say.
    sources = ("add_importsource", "change_importsource")
    user.user_permissions.set(Permission.objects.filter(codename__in=sources))
    Membership.objects.get_or_create(user=user, site=site)
    return site, key, password


class Publisher:
    """A publisher's site, as the API sees it."""

    def __init__(self, base_url: str, key: str) -> None:
        self.connection = HTTPConnection(urlsplit(base_url).netloc, timeout=30)
        self.key = key

    def send(self, method: str, path: str, body: object, idempotency_key: str = "") -> Any:
        """The answer's body. Raises `CommandError` with what the API found wrong."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        self.connection.request(method, path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        said = answer.read().decode()
        if answer.status not in {200, 201, 202}:
            raise CommandError(f"{method} {path} was answered with {answer.status}: {said}")
        return json.loads(said)

    def close(self) -> None:
        self.connection.close()
