"""The refused rows of a run, mended in place and run alone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from comments.imports import again
from comments.imports.mended import place_of
from comments.imports.mending import rows_of, to_mend
from comments.models import Article, Comment, CommentRevision, ImportProblem, ImportRun, Site
from tests.comments.test_imports import Row, article, comment, figures, run_file, run_rows, source_of, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def command(*arguments: str) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    try:
        call_command("import_comments", *arguments, "--json", stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def again_only(path: Path, run: ImportRun) -> ImportRun:
    _, line = command(str(path), "--only-problems-of", str(run.pk))
    return ImportRun.objects.get(pk=line["run"])


def bodies() -> dict[str, str]:
    return {comment.external_id or "": comment.body for comment in Comment.objects.all()}


ROWS: list[Row] = [
    article("a1"),
    comment("c1", "a1"),
    comment("c2", "a1", body=" "),
    comment("c3", "a1", parent="c2"),
    comment("c4", "missing"),
    comment("c1", "a1", body="二度目のc1です。"),
    comment("c5", "a1"),
]


def test_only_what_was_refused_is_taken_in(site: Site, path: Path) -> None:
    first = run_rows(path, site, ROWS)
    assert figures(first) == {"read": 6, "created": 3, "problems": 3, "notices": 1}
    mended = [*ROWS]
    mended[2] = comment("c2", "a1", body="書き直しました。")
    mended[4] = comment("c4", "a1")
    # Nobody asked for this change: its row was not refused.
    mended[6] = comment("c5", "a1", body="勝手に変わった。")
    run = again_only(write(path, mended), first)
    # The reply that stood without its parent, and the row that has the id of an earlier one still.
    assert figures(run) == {"read": 4, "created": 2, "unchanged": 1, "problems": 1}
    assert run.options["only_problems_of"] == first.pk
    assert (run.source_id, run.policy) == (first.source_id, first.policy)
    assert bodies()["c1"] == "c1 の感想です。"
    assert bodies()["c5"] == "c5 の感想です。"
    assert Comment.objects.get(external_id="c3").parent == Comment.objects.get(external_id="c2")
    assert ImportProblem.objects.get(run=run).code == "duplicate-id"
    assert not CommentRevision.objects.exists()


def test_twice_changes_nothing(site: Site, path: Path) -> None:
    first = run_rows(path, site, ROWS)
    mended = [*ROWS]
    mended[5] = comment("c6", "a1")
    write(path, mended)
    assert figures(again_only(path, first))["created"] == 1
    assert figures(again_only(path, first)) == {
        "read": 4, "unchanged": 2, "problems": 2, "notices": 1,
    }  # fmt: skip


def test_an_article_that_was_refused_comes_with_its_comments(site: Site, path: Path) -> None:
    rows = [article("a1", body=5), comment("c1", "a1"), article("a2"), comment("c2", "a2")]
    first = run_rows(path, site, rows)
    assert figures(first) == {"read": 2, "created": 1, "problems": 1}
    run = again_only(write(path, [article("a1"), *rows[1:]]), first)
    assert figures(run, "articles") == {"read": 1, "created": 1}
    assert figures(run) == {"read": 1, "created": 1}


def test_a_second_article_of_one_id_overwrites_nothing(site: Site, path: Path) -> None:
    rows = [article("a1"), article("a1", title="別の題"), comment("c1", "a1")]
    first = run_rows(path, site, rows)
    run = again_only(path, first)
    assert figures(run, "articles") == {"read": 1, "problems": 1}
    assert Article.objects.get().title == "記事 a1"


def test_a_mended_record_may_become_two_rows(site: Site, tmp_path: Path) -> None:
    """A table's first comment of an article brings the article: the places behind it shift."""
    path = tmp_path / "table.csv"
    lines = ["id,記事,名前,本文", "1,a1,渡し守,", "2,a1,灯台守,灯りが見えた。", "3,a2,,", "4,a2,,二つ目"]
    path.write_text("\n".join(lines), encoding="utf-8")
    first = run_file(path, site, "csv")
    assert figures(first) == {"read": 4, "created": 2, "problems": 2}
    path.write_text("\n".join([*lines[:1], "1,a1,渡し守,書いた。", lines[2], "3,a3,,新しい記事へ", lines[4]]))
    run = again_only(path, first)
    assert figures(run) == {"read": 2, "created": 2}
    assert {comment.external_id: comment.article.external_id for comment in Comment.objects.all()} == {
        "1": "a1", "2": "a1", "3": "a3", "4": "a2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "mended"),
    [
        ("item 3, comment 2", "item 3, comment 2 (id 44)"),
        ("entry 2, comment 1 (line 40)", "entry 2, comment 1 (line 43)"),
        ("part.csv: line 12", "part.csv: line 12"),
        ("x" * 250, "x" * 250),
    ],
)
def test_a_place_without_what_mending_changes(refused: str, mended: str) -> None:
    assert place_of(refused[:200]) == place_of(mended)


def test_dry_run_counts_alike(site: Site, path: Path) -> None:
    first = run_rows(path, site, ROWS)
    status, line = command(str(path), "--only-problems-of", str(first.pk), "--dry-run")
    assert (status, line["comments"]["read"], line["comments"]["problems"]) == (1, 4, 3)
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["--only-problems-of", "999999"], "there is no run 999999"),
        (["--source", "other"], "is of source 'archive'"),
        (["--site", "other"], "is of site 'asagiri'"),
    ],
)
def test_what_can_not_be_is_said(site: Site, path: Path, change: list[str], told: str) -> None:
    first = run_rows(path, site, ROWS)
    with pytest.raises(CommandError, match=told):
        call_command("import_comments", str(path), "--only-problems-of", str(first.pk), *change)


def test_a_run_that_refused_nothing(site: Site, path: Path) -> None:
    first = run_rows(path, site, ROWS[:2])
    with pytest.raises(CommandError, match="refused no row"):
        call_command("import_comments", str(path), "--only-problems-of", str(first.pk))


def test_it_is_resumed_as_it_began(site: Site, path: Path) -> None:
    first = run_rows(path, site, ROWS)
    begun = ImportRun.objects.create(
        source=first.source, path=str(path), digest=source_of(path).digest, format="jsonl", policy="enforce",
        options={**first.options, "only_problems_of": first.pk}, status="failed",
    )  # fmt: skip
    assert figures(again.go_on(begun.pk)) == {
        "read": 4, "unchanged": 1, "problems": 3, "notices": 1,
    }  # fmt: skip


# --- the file of rows to mend -------------------------------------------------


def mended_file(run: ImportRun) -> str:
    return b"".join(to_mend(run)).decode("utf-8-sig")


def test_lines_come_as_they_stood_and_can_be_imported(site: Site, path: Path, tmp_path: Path) -> None:
    rows = [*ROWS, {"type": "comment", "id": "c7", "article": "a1", "body": "読点" * 5_000, "x": "y"}]
    first = run_rows(path, site, rows)
    lines = [json.loads(line) for line in mended_file(first).splitlines()]
    assert [line["id"] for line in lines] == ["c2", "c4", "c1"]
    assert lines[0] == ROWS[2]
    assert lines[1] == {
        **ROWS[4],
        "kind": "comment",
        "identity": True,
        "posted_at": "2026-01-10 00:00:00+00:00",
    }
    # What is kept in part only is not there, and counted.
    assert rows_of(first).count() == 3
    lines[0]["body"] = "書き直しました。"
    lines[1]["article"] = "a1"
    lines[2]["id"] = "c9"
    status, line = command(
        str(write(tmp_path / "mended.jsonl", lines)), "--site", "asagiri", "--source", "archive"
    )
    assert (status, line["comments"]["created"]) == (0, 3)


def test_a_table_comes_under_its_headers(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    header = "番号;記事;名前;感想;日時"
    lines = [
        header,
        '1;a1;"渡; 守";;2026-01-10 09:00',
        "2;a1;灯台守;見えた。;2026-01-10 10:00",
        "2;a1;誰か;同じ番号;",
    ]
    path.write_text("\n".join(lines), encoding="cp932")
    told = ["--columns", "id=番号,body=感想", "--source", "forum", "--encoding", "cp932"]
    status, line = command(str(path), "--site", "asagiri", *told)
    assert (status, line["comments"]["problems"]) == (1, 2)
    text = mended_file(ImportRun.objects.get())
    found = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert found[0] == header.split(";")
    assert text.splitlines()[1] == lines[1]
    assert found[2] == ["2", "a1", "誰か", "同じ番号", ""]
    mended = tmp_path / "mended.csv"
    mended.write_text(
        text.replace('渡; 守";;', '渡; 守";書いた。;').replace("2;a1;誰か", "3;a1;誰か"), "utf-8"
    )
    told[-1] = "utf-8"
    assert command(str(mended), "--site", "asagiri", *told)[1]["comments"]["created"] == 2


def test_of_another_format_a_row_is_a_form_to_fill_in(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    path.write_text(
        """<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>
        <title>港</title><link>https://example.com/1</link><wp:post_id>1</wp:post_id>
        <wp:post_type>post</wp:post_type><wp:status>publish</wp:status>
        <wp:comment><wp:comment_id>7</wp:comment_id><wp:comment_author>渡し守</wp:comment_author>
        <wp:comment_date_gmt>2026-13-41 09:00:00</wp:comment_date_gmt>
        <wp:comment_content>よい港です。</wp:comment_content></wp:comment>
        </item></channel></rss>""",
        encoding="utf-8",
    )
    first = run_file(path, site, "wxr")
    problem = ImportProblem.objects.get(run=first, refused=True)
    (line,) = map(json.loads, mended_file(first).splitlines())
    assert line == {
        "type": "comment", "id": "", "article": "", "body": "", "place": problem.place,
        "reason": problem.reason, "row": problem.raw,
    }  # fmt: skip


def test_a_line_without_its_type_is_given_back_as_it_stood(site: Site, path: Path) -> None:
    typeless = {
        "article": "a1",
        "id": "c1",
        "author_name": "渡辺",
        "body": "型がありません。",
        "state": "approved",
    }
    run = run_rows(path, site, [article("a1"), typeless])
    assert figures(run)["problems"] == 1
    [line] = b"".join(to_mend(run)).splitlines()
    assert json.loads(line) == typeless


def test_half_a_surrogate_pair_does_not_stop_the_file_to_mend(site: Site, path: Path) -> None:
    half = '{"external_id": "c1", "article": "a1", "body": "half \\ud83d"}'
    path.write_text(json.dumps(article("a1")) + "\n" + half + "\n" + json.dumps({"type": "comment"}) + "\n")
    run = run_file(path, site)
    assert figures(run)["problems"] == 2
    first, second = b"".join(to_mend(run)).splitlines()
    assert "half ?" in first.decode()
    assert json.loads(second) == {"type": "comment"}


def test_a_line_that_lost_its_bytes_is_a_form_and_not_taken_as_it_is(site: Site, path: Path) -> None:
    line = b'{"type": "comment", "id": "c1", "article": "a1", "body": "\x8d\x60"}'
    path.write_bytes(json.dumps(article("a1")).encode() + b"\n" + line + b"\n")
    path.write_bytes(b"".join(to_mend(run_file(path, site))))
    assert "\N{REPLACEMENT CHARACTER}" in json.loads(path.read_text("utf-8"))["row"]
    assert figures(run_file(path, site)) == {"read": 1, "problems": 1}
    assert not Comment.objects.exists()
