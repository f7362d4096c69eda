"""A dry run says beforehand what the run then does."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from comments import imports
from comments.erasing import erase
from comments.formats import by_slug
from comments.imports import chunks
from comments.models import Comment, ImportRun, Site

pytestmark = pytest.mark.django_db

Counts = dict[str, dict[str, int]]


def article(key: str, page: str) -> dict[str, Any]:
    return {"type": "article", "id": key, "url": f"https://example.com/{page}", "body": "桟橋が開いた。"}


def comment(key: str, of: str) -> dict[str, Any]:
    return {"type": "comment", "id": key, "article": of, "body": f"{key} の感想です。"}


def both(path: Path, site: Site, rows: list[dict[str, Any]]) -> tuple[Counts, Counts]:
    """What a dry run of the rows counts, and what the run then does."""
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    source = imports.Source(
        path=path, name="rows", digest=imports.digest_of(path), format=by_slug("jsonl"), zone="Asia/Tokyo"
    )
    foreseen = imports.preview(site, "jsonl", source).ledger.counts
    run = imports.execute(imports.begin(site, "jsonl", source.wanted("enforce")), source)
    return outcomes(foreseen), outcomes(ImportRun.objects.get(pk=run.pk).counts)


def outcomes(counts: Counts) -> Counts:
    """Without the notices: those on replies come with a real run."""
    return {
        kind: {name: number for name, number in numbers.items() if name != "notices"}
        for kind, numbers in counts.items()
    }


def test_a_refused_article_names_nothing(site: Site, tmp_path: Path) -> None:
    rows = [article("a1", "1"), article("a2", "1"), comment("c1", "a1"), comment("c2", "a2")]
    foreseen, done = both(tmp_path / "rows", site, rows)
    assert foreseen == done
    assert done["comments"] == {"read": 2, "created": 1, "updated": 0, "unchanged": 0, "problems": 1}


def test_what_was_erased_stays_so(site: Site, tmp_path: Path) -> None:
    rows = [article("a1", "1"), comment("c1", "a1"), comment("c2", "a1")]
    both(tmp_path / "rows", site, rows)
    erase([Comment.objects.get(external_id="c1").pk], now=timezone.now())
    foreseen, done = both(tmp_path / "rows", site, rows)
    assert foreseen == done
    assert done["comments"] == {"read": 2, "created": 0, "updated": 0, "unchanged": 2, "problems": 0}


@pytest.mark.parametrize("rows_a_chunk", [1, 2, 500])
def test_the_borders_of_chunks_refuse_no_article(
    site: Site, tmp_path: Path, rows_a_chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", rows_a_chunk)
    foreseen, done = both(
        tmp_path / "rows", site, [article("a1", "1"), article("a2", "1"), article("a2", "2")]
    )
    assert foreseen == done
    assert (done["articles"]["created"], done["articles"]["problems"]) == (2, 1)


@pytest.mark.parametrize("seed", range(8))
def test_a_dry_run_foresees_the_run(
    site: Site, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of few ids and pages in any order, so that most of them stand in another's way."""
    draw = random.Random(seed)
    monkeypatch.setattr(chunks, "CHUNK_ROWS", draw.choice([1, 2, 7, 500]))
    pages, rows = "1234", []
    for _ in range(2):
        for _ in range(30):
            if draw.random() < 0.35:
                rows.append(article(f"a{draw.choice(pages)}", draw.choice(pages)))
            else:
                of = draw.choice([f"a{draw.choice(pages)}", f"https://example.com/{draw.choice(pages)}#c"])
                rows.append(comment(f"c{draw.randrange(20)}", of))
        foreseen, done = both(tmp_path / "rows", site, rows)
        assert foreseen == done
        for numbers in done.values():
            assert numbers["read"] == sum(numbers.values()) - numbers["read"]
