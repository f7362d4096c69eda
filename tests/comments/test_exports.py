"""Exports: what comes out, and that it comes back as it was."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import imports
from comments.drafts import CommentDraft, Kind, SourceState
from comments.exports import WRITERS, Selection, selection
from comments.formats import by_slug
from comments.models import Article, Comment, Site, Status
from comments.services import Arrival, Origin, new_keys, receive
from moderation.services import screen
from tests.world import NOON, make_article, make_rule, make_site, stored

pytestmark = pytest.mark.django_db


def exported(site: Site, form: str = "jsonl", **wanted: Any) -> bytes:
    return b"".join(WRITERS[form](Selection(site=site, **wanted)))


def rows_of(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def imported(data: bytes, site: Site, path: Path, form: str = "jsonl") -> dict[str, Any]:
    path.write_bytes(data)
    source = imports.Source(
        path=path, name=str(path), digest=imports.digest_of(path), format=by_slug(form), zone="Asia/Tokyo"
    )
    run = imports.execute(imports.begin(site, form, source.wanted("trusted")), source)
    screen()
    counts: dict[str, Any] = run.counts
    return counts


def arrive(article: Article, source: str, *drafts: CommentDraft, reply: bool = False) -> list[Comment]:
    """Comments of a source, each an answer to the one before it if `reply`."""
    keys = new_keys(len(drafts))
    parents = [None, *keys] if reply else [None] * len(keys)
    arrivals = [
        Arrival(draft, article.pk, parent, key)
        for draft, parent, key in zip(drafts, parents, keys, strict=False)
    ]
    received = receive(arrivals, Origin(article.site_id, source), now=NOON)
    return [stored(one) for one in received]


@pytest.fixture
def site() -> Site:
    """Two articles, comments of three sources in every status, a thread of three."""
    site = make_site()
    harbour = make_article(
        site,
        external_id="a1",
        url="https://example.com/1",
        title="港 <再開発>",
        body="市は「再開発」を始める。\n\n> 費用 & 工期",
        source="市役所",
        related=("橋の架け替え",),
        credit="Photo: M.",
        published_at=NOON - timedelta(days=1),
    )
    bridge = make_article(site, external_id="", url="https://example.com/橋", title="", body="", closed=True)
    thread: list[dict[str, Any]] = [
        {"author_name": "A <b> & C", "author_email": "a@example.com", "state": SourceState.APPROVED},
        {"author_url": "https://b.example.org", "author_id": "r2", "state": SourceState.PENDING},
        {"number": 40, "ip": ip_address("192.0.2.7"), "user_agent": "Lynx", "state": SourceState.TRASH},
    ]
    bodies = ["> 費用 & 工期\n高い。", "Agreed ]]> so far.", "三つ目です。"]
    drafts = [
        CommentDraft(body=body, external_id=str(at), posted_at=NOON + timedelta(seconds=at), **fields)
        for at, (body, fields) in enumerate(zip(bodies, thread, strict=True), 7)
    ]
    arrive(harbour, "wxr", *drafts, reply=True)
    ping: dict[str, Any] = {"kind": Kind.PINGBACK, "state": SourceState.SPAM, "identity": False}
    arrive(bridge, "jsonl", CommentDraft(body="橋の話", external_id="7", posted_at=NOON, **ping))
    make_rule("links", action="flag")
    screen()
    # This one nobody has decided yet.
    arrive(
        bridge, "api", CommentDraft(body="書き込み\tです\x0b。", posted_at=NOON, state=SourceState.APPROVED)
    )
    return site


def test_what_a_line_holds(site: Site) -> None:
    rows = rows_of(exported(site))
    assert rows[0] == {
        "type": "article",
        "id": "a1",
        "url": "https://example.com/1",
        "title": "港 <再開発>",
        "published_at": "2026-01-09T12:00:00+00:00",
        "source": "市役所",
        "related": ["橋の架け替え"],
        "credit": "Photo: M.",
        "body": "市は「再開発」を始める。\n\n> 費用 & 工期",
    }
    assert rows[2] == {
        "type": "comment",
        "id": "wxr:8",
        "article": "a1",
        "parent": "wxr:7",
        "kind": "comment",
        "author_url": "https://b.example.org",
        "author_id": "r2",
        "number": 2,
        "posted_at": "2026-01-10T12:00:08+00:00",
        "state": "pending",
        "body": "Agreed ]]> so far.",
    }
    assert rows[4] == {
        "type": "article",
        "url": "https://example.com/%E6%A9%8B",
        "closed": True,
        "body": "",
    }
    states = {row["id"]: row.get("state") for row in rows if row["type"] == "comment"}
    live = str(Comment.objects.get(source="api").public_id)
    assert states == {
        "wxr:7": "approved",
        "wxr:8": "pending",
        "wxr:9": "trash",
        "7": "spam",
        live: "approved",
    }


@pytest.mark.parametrize("personal", [False, True])
def test_an_import_into_an_empty_site_gives_it_back(site: Site, tmp_path: Path, personal: bool) -> None:
    screen()
    data = exported(site, personal=personal)
    assert (b"a@example.com" in data, b"192.0.2.7" in data, b"Lynx" in data) == (personal,) * 3
    other = make_site("kasumi")
    counts = imported(data, other, tmp_path / "all.jsonl")
    assert counts["articles"]["created"] == 2
    assert (counts["comments"]["created"], counts["pings"]["created"]) == (4, 1)
    assert sum(counts[kind]["problems"] for kind in counts) == 0
    assert rows_of(exported(other, personal=personal)) == rows_of(data)
    given = dict(Comment.objects.filter(site=other).values_list("external_id", "status"))
    live = str(Comment.objects.get(source="api").public_id)
    # Its article is closed, so the one that came in live is held, there as here.
    assert given == {
        "wxr:7": "published",
        "wxr:8": "held",
        "wxr:9": "rejected",
        "7": "rejected",
        live: "held",
    }


def test_wordpress_gives_it_back(site: Site, tmp_path: Path) -> None:
    other = make_site("kasumi")
    counts = imported(exported(site, "wxr", personal=True), other, tmp_path / "all.xml", "wxr")
    assert [counts[kind]["created"] for kind in ("articles", "comments", "pings")] == [2, 4, 1]
    told = ("kind", "author_name", "author_email", "author_url", "ip", "posted_at")
    for before in Comment.objects.filter(site=site).exclude(source="api"):
        after = Comment.objects.get(site=other, external_id=f"{before.article_id}:{before.pk}")
        assert [getattr(before, name) for name in told] == [getattr(after, name) for name in told]
        assert (after.body, after.article.url) == (before.body, before.article.url)
        assert (after.parent and after.parent.body) == (before.parent and before.parent.body)
    states = dict(Comment.objects.filter(site=other).values_list("body", "source_state"))
    assert states == {
        "> 費用 & 工期\n高い。": "approved",
        "Agreed ]]> so far.": "pending",
        "三つ目です。": "trash",
        "橋の話": "spam",
        "書き込み\tです\ufffd。": "pending",
    }
    harbour = Article.objects.get(site=other, url="https://example.com/1")
    assert (harbour.title, harbour.body) == ("港 <再開発>", "市は「再開発」を始める。\n\n> 費用 & 工期")
    assert Article.objects.get(site=other, url="https://example.com/%E6%A9%8B").floor == "closed"


def test_what_is_chosen(site: Site) -> None:
    def ids(**wanted: Any) -> list[str]:
        return [row.get("id") or row["url"] for row in rows_of(exported(site, **wanted))]

    bridge = Article.objects.get(external_id=None)
    assert ids(status=Status.HELD) == ["a1", "wxr:8"]
    assert ids(since=NOON + timedelta(seconds=9)) == ["a1", "wxr:9"]
    assert len(ids(article=bridge.pk)) == 3
    assert ids(article=bridge.pk, status=Status.PUBLISHED) == []
    assert ids(status=Status.PUBLISHED) == ["a1", "wxr:7"]
    assert exported(make_site("kasumi")) == b""


def test_the_chunks_make_no_difference(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [exported(site, form) for form in WRITERS]
    monkeypatch.setattr(selection, "ARTICLES_AT_ONCE", 1)
    monkeypatch.setattr(selection, "COMMENTS_AT_ONCE", 1)
    assert [exported(site, form) for form in WRITERS] == whole


def test_queries_do_not_grow_with_rows(site: Site) -> None:
    harbour = Article.objects.get(external_id="a1")
    with CaptureQueriesContext(
        connection,
    ) as few:
        exported(site)
    arrive(
        harbour,
        "wxr",
        *(CommentDraft(body=f"{n} 回目。", external_id=f"n{n}") for n in range(60)),
        reply=True,
    )
    with CaptureQueriesContext(connection) as many:
        exported(site)
    assert len(many) == len(few)


# --- the command --------------------------------------------------------------


def command(*arguments: str) -> str:
    err = io.StringIO()
    call_command("export_comments", *arguments, stderr=err)
    return err.getvalue()


def test_a_file_takes_its_name_when_it_is_whole(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.jsonl"
    assert command("--site", "asagiri", "-o", str(path)) == f"Wrote 2 articles and 5 comments to {path}.\n"
    assert path.read_bytes() == exported(site)
    assert path.stat().st_mode & 0o777 == 0o600

    def failing(_: Selection) -> Any:
        yield b"half"
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(WRITERS, "jsonl", failing)
    with pytest.raises(CommandError, match="No space left"):
        command("--site", "asagiri", "-o", str(path))
    assert [file.name for file in tmp_path.iterdir()] == ["all.jsonl"]


def test_standard_output_and_choices(site: Site, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    said = command(
        "--site", "asagiri", "--article", "https://example.com/1", "--since", "2026-01-10 21:00:08"
    )
    assert said == "Wrote 1 articles and 2 comments.\n"
    assert [row.get("id") for row in rows_of(capfdbinary.readouterr().out)] == ["a1", "wxr:8", "wxr:9"]


WRONG = [
    (["--site", "nowhere"], "there is no site 'nowhere'. Known are: asagiri."),
    (["--site", "asagiri", "--article", "a9"], "has no article with the id or URL 'a9'"),
    (["--site", "asagiri", "--since", "03/04/2026"], "--since: is no date"),
    (["--site", "asagiri", "-o", "/nowhere/at/all"], "/nowhere/at/all: No such file or directory."),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_arguments_say_how_to_mend_them(site: Site, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError) as raised:
        command(*arguments)
    assert said in str(raised.value)
