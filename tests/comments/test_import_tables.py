"""`manage.py import_comments` with what only some formats are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from comments.models import Comment, ImportRun, RunStatus
from tests.comments.test_import_command import as_json, run
from tests.world import make_article, make_site

pytestmark = pytest.mark.django_db

TABLE = "記事,書いた人,感想\na1,松田,湯が熱い。\na1,Ines,Too hot for me.\n"
MAPPED = ("--site", "asagiri", "--columns", "author_name=書いた人,body=感想")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "bath.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_a_table_twice(path: Path) -> None:
    make_article(make_site(), external_id="a1", title="共同浴場")
    status, line = as_json(str(path), *MAPPED)
    assert (status, line["format"], line["comments"]["created"], line["articles"]["unchanged"]) == (
        0,
        "csv",
        2,
        1,
    )
    assert set(Comment.objects.values_list("author_name", "body", "article__title")) == {
        ("松田", "湯が熱い。", "共同浴場"),
        ("Ines", "Too hot for me.", "共同浴場"),
    }
    status, line = as_json(str(path), *MAPPED)
    assert (status, line["comments"]["unchanged"], Comment.objects.count()) == (0, 2, 2)


def test_a_run_goes_on_with_its_columns(path: Path) -> None:
    make_site()
    as_json(str(path), *MAPPED)
    ended = ImportRun.objects.get()
    assert ended.options["columns"] == {"author_name": "書いた人", "body": "感想"}
    ended.chunks.all().delete()
    ImportRun.objects.update(finished_at=None, status=RunStatus.FAILED, position=0, counts={})
    status, line = as_json("--resume", str(ended.pk), str(path))
    assert (status, line["format"], line["comments"]["read"]) == (0, "csv", 2)


def test_a_mapping_that_does_not_fit(path: Path) -> None:
    make_site()
    with pytest.raises(CommandError, match="colour") as refused:
        run(str(path), "--site", "asagiri", "--columns", "colour=x")
    assert refused.value.returncode == 2
    status, printed = run(str(path), "--site", "asagiri", "--columns", "body=本文")
    assert status == 2
    assert "has no column '本文'" in printed
    assert "書いた人" in printed
