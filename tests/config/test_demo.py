"""`manage.py demo` as somebody meets Sekisho for the first time."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from comments.drafts import CommentDraft
from comments.formats import detect
from comments.models import Article
from config.demo import outcome_table, width
from moderation import services
from moderation.quote_file import Found, QuoteFile
from tests import world
from tests.processes import TOP, fresh_environment, run
from tests.tracing import as_lines

SAMPLE = TOP / "seeds" / "demo"


@pytest.mark.stack
def test_once_ends_after_the_table(tmp_path: Path) -> None:
    bare = fresh_environment(tmp_path)
    done = run(bare, "demo", "--once", "--port", "0")
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^  (\S.*?) +(\d+)$", done.stdout, re.MULTILINE)
    assert rows == [
        ("受付 received", "54"),
        ("公開 published", "30"),
        ("公開・要確認 flagged", "6"),
        ("保留 held", "16"),
        ("却下 rejected", "2"),
    ]
    assert "16 read, 16 created" in done.stderr
    assert re.search(r"Password +\S{12}\b", done.stdout)
    assert re.search(r"Admin +http://127\.0\.0\.1:\d+/admin/", done.stdout)
    assert not Path(bare["DATA_DIR"]).exists()
    assert list(Path(bare["TMPDIR"]).iterdir()) == []


def test_the_sample_holds_what_it_promises() -> None:
    sample = json.loads((SAMPLE / "comments.json").read_text(encoding="utf-8"))
    comments = sample["comments"]
    articles = {article["id"]: article["body"] for article in sample["articles"]}
    assert len({each["id"] for each in comments}) == len(comments)
    assert {each["article"] for each in comments} == set(articles)
    assert max(Counter(each["author_email"] for each in comments).values()) > 4, "a flood"
    assert any(not each["author_name"] for each in comments)
    assert any(not each["author_email"] for each in comments)
    quotes = [line[2:] for each in comments for line in each["body"].splitlines() if line.startswith("> ")]
    assert any(quote in articles[each["article"]] for quote in quotes for each in comments)
    for each in comments:
        CommentDraft(body=each["body"], author_name=each["author_name"], author_email=each["author_email"])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_shows_every_fault_of_a_quote(language: str) -> None:
    found = list(sample_quotes(language))
    verdicts = {str(each.traced.verdict) for each in found}
    assert verdicts >= {"verbatim", "elided", "altered", "missing"}
    assert any(each.traced.misattributed for each in found)


def sample_quotes(language: str) -> Iterator[Found]:
    """The quotes of the sample's Japanese or English comments."""
    if language == "en":
        rows = (SAMPLE / "archive.jsonl").read_bytes()
    else:
        sample = json.loads((SAMPLE / "comments.json").read_text(encoding="utf-8"))
        articles = ({"type": "article", **article} for article in sample["articles"])
        comments = ({"type": "comment", **comment} for comment in sample["comments"])
        rows = as_lines(*articles, *comments)
    file = QuoteFile(io.BytesIO(rows))
    assert list(file.read()) == []
    return file.trace()


@pytest.mark.parametrize(("name", "slug"), [("archive.jsonl", "jsonl"), ("page.txt", "pagetext")])
def test_the_files_are_known_by_their_content(name: str, slug: str) -> None:
    assert detect((SAMPLE / name).read_bytes()[:4096]).slug == slug


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("公開", 4), ("ｶﾅ", 2), ("公開 published", 14), ("！", 2)]
)
def test_wide_characters_take_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.django_db
def test_the_table_is_aligned_and_names_the_reasons(article: Article) -> None:
    world.make_rule("required_name", name_ja="名前がない", name_en="No name", action="hold")
    world.make_rule("links", name_ja="リンク", name_en="Links", params={"most": 0}, action="flag")
    world.send_many(article, ["よい", "https://example.com を読んで"])
    world.send(article, "名なし", author_name="")
    services.screen()
    assert outcome_table(article.site).splitlines() == [
        "  受付 received                 3",
        "  公開 published                1",
        "  公開・要確認 flagged          1",
        "      リンク / Links            1",
        "  保留 held                     1",
        "      名前がない / No name      1",
        "  却下 rejected                 0",
    ]
