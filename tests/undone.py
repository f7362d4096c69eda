"""An archive that is imported, worked with and taken back, for tests of the undo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from comments import imports
from comments.drafts import CommentDraft
from comments.formats import by_slug
from comments.models import Comment, ImportRun, Site
from comments.services import Arrival, Origin, Received, receive
from moderation.models import Case, ImportUndo
from moderation.services import Wanted, begin_undo, decide, go_on, screen
from moderation.undoing import Options
from tests import world

Row = dict[str, Any]
PLAIN = Options()
BOTH = Options(include_decided=True, include_answered=True)
MORNING = "2026-01-10T09:00:00+09:00"


def article(key: str = "a1", **fields: Any) -> Row:
    return {"type": "article", "id": key, "title": "桟橋の再建", "body": "港の桟橋が開いた。", **fields}


def comment(key: str, body: str = "", **fields: Any) -> Row:
    row = {"type": "comment", "id": key, "article": "a1", "author_name": "渡し守", "posted_at": MORNING}
    return {**row, "body": body or f"{key} 便で渡りましたが、桟橋はまだ新しい木の匂いがしました。", **fields}


class Archive:
    """A file of rows, imported into a site by the one way in, and screened."""

    def __init__(self, path: Path, site: Site) -> None:
        self.path, self.site = path, site

    def run(
        self, *rows: Row, slug: str = "archive", policy: str = "enforce", screened: bool = True
    ) -> ImportRun:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in (article(), *rows))
        self.path.write_text("".join(lines), encoding="utf-8")
        source = imports.Source(
            path=self.path, name="rows.jsonl", digest=imports.digest_of(self.path), format=by_slug("jsonl"),
            zone="Asia/Tokyo",
        )  # fmt: skip
        run = imports.execute(imports.begin(self.site, slug, source.wanted(policy)), source)
        if screened:
            screen_all()
        return run


def screen_all() -> None:
    while screen().claimed:
        pass


def of(key: str) -> Comment:
    return Comment.objects.get(external_id=key)


def take_back(run: ImportRun, options: Options = PLAIN) -> ImportUndo:
    return go_on(begin_undo(run.pk, options, now=timezone.now()))


def statuses() -> dict[str | None, str]:
    return dict(Comment.objects.order_by("external_id").values_list("external_id", "status"))


def reply_to(key: str, body: str = "それは三便のことでは。") -> Received:
    parent = of(key)
    draft = CommentDraft(body=body, author_name="岸", author_email="kishi@example.com")
    arrival = Arrival(draft, parent.article_id, parent_id=parent.pk)
    (received,) = receive([arrival], Origin(parent.site_id), now=timezone.now())
    screen_all()
    return received


def decide_on(key: str, action: str = "publish") -> int:
    """A person decides on a comment by a case; the decision."""
    target = of(key)
    member = target.site.memberships.first()
    person = member.user if member else world.make_member(target.site)
    now = timezone.now()
    case = Case.objects.filter(comment=target, closed_at=None).first() or Case.objects.create(
        comment=target, site=target.site, severity=2, opened_at=now, due_at=now
    )
    wanted = Wanted(case.pk, action, target.version, reason_id=world.make_reason().pk)
    (result,) = decide([wanted], by=person, now=now)
    assert result.decision_id
    return result.decision_id
