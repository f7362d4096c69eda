"""Imports of packed files and of files in other encodings, and what is said of them beforehand."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
import zstandard
from django.core.management import CommandError, call_command

from comments.models import Article, Comment, ImportProblem, ImportRun
from tests.comments.test_import_command import as_json, run
from tests.comments.test_imports import article, comment
from tests.world import make_site

pytestmark = pytest.mark.django_db

ROWS = "".join(json.dumps(row) + "\n" for row in (article("a1"), comment("c1", "a1"), comment("c2", "a1")))
DIARY = """TITLE: 渡し舟の一日
BASENAME: ferry_day
DATE: 06/01/2004 08:00:00 AM
-----
BODY:
始発は五時です。
-----
COMMENT:
AUTHOR: 船頭の弟
DATE: 06/02/2004 09:00:00 PM
兄がいつもお世話になっています。
-----
--------
"""


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


PACKED = {
    "rows.jsonl.gz": gzip.compress(ROWS.encode()),
    "rows.jsonl.zst": zstandard.ZstdCompressor().compress(ROWS.encode()),
    "rows.zip": zipped({"rows.jsonl": ROWS}),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_files(tmp_path: Path, name: str) -> None:
    make_site()
    path = tmp_path / name
    path.write_bytes(PACKED[name])
    status, line = as_json(str(path), "--site", "asagiri")
    assert (status, line["format"], line["encoding"]) == (0, "jsonl", "utf-8")
    assert (line["articles"]["created"], line["comments"]["created"]) == (1, 2)
    assert as_json(str(path), "--site", "asagiri")[1]["comments"]["unchanged"] == 2


def test_an_archive_of_several_files(tmp_path: Path) -> None:
    make_site()
    path = tmp_path / "all.zip"
    second = ROWS.replace("a1", "a2").replace("c1", "c3").replace("c2", "")
    path.write_bytes(zipped({"about.txt": "何でもない\n", "one.jsonl": ROWS, "sub/two.jsonl": second}))
    status, line = as_json(str(path), "--site", "asagiri")
    assert (status, line["articles"]["created"], line["comments"]["created"]) == (1, 2, 3)
    problems = ImportProblem.objects.filter(refused=True).order_by("pk")
    assert list(problems.values_list("place", "code")) == [
        ("about.txt", "other-format"),
        ("sub/two.jsonl: line 3", "required"),
    ]


def test_a_file_that_is_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    make_site()
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(ROWS.encode())[:-12])
    status, line = as_json(str(path), "--site", "asagiri")
    assert (status, line["status"]) == (1, "failed")
    assert "is damaged or cut off" in line["error"]
    assert Comment.objects.exists()


def test_a_diary_in_shift_jis(tmp_path: Path) -> None:
    make_site()
    path = tmp_path / "diary.txt"
    path.write_bytes(DIARY.encode("cp932").replace("弟".encode("cp932"), "弟".encode("cp932") + b"\xfd"))
    status, line = as_json(str(path), "--site", "asagiri")
    assert (status, line["encoding"]) == (1, "cp932")
    assert 0.9 < line["confidence"] < 1
    assert Article.objects.get().title == "渡し舟の一日"
    assert sorted(ImportProblem.objects.values_list("code", flat=True)) == [
        "assumed-encoding", "assumed-zone", "encoding",
    ]  # fmt: skip
    assert ImportRun.objects.get().options["encoding"] == "cp932"


def test_a_dry_run_shows_encoding_zone_and_rows(tmp_path: Path) -> None:
    make_site()
    path = tmp_path / "diary.txt"
    path.write_bytes(DIARY.encode("euc-jp"))
    _, printed = run(str(path), "--site", "asagiri", "--dry-run", "--zone", "Asia/Seoul")
    assert "Encoding: euc_jp (100% sure; --encoding) · dates without a zone: Asia/Seoul (--zone)" in printed
    assert "船頭の弟 · 兄がいつもお世話になっています。" in printed
    _, printed = run(str(path), "--site", "asagiri", "--dry-run", "--encoding", "iso-8859-1")
    assert "Encoding: cp1252 (100% sure; --encoding)" in printed
    assert "船頭の弟" not in printed
    with pytest.raises(CommandError, match="'klingon' is no encoding that we know"):
        run(str(path), "--site", "asagiri", "--encoding", "klingon")


def test_a_terminal_sees_it_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_site()
    path = tmp_path / "diary.txt"
    path.write_bytes(DIARY.encode("cp932"))
    shown: list[tuple[str, int]] = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:
            shown.append((text, ImportRun.objects.count()))
            return len(text)

    monkeypatch.setattr(sys, "stderr", Terminal())
    call_command("import_comments", str(path), "--site", "asagiri", stdout=io.StringIO(), stderr=sys.stderr)
    before = "".join(text for text, runs in shown if not runs)
    assert "Encoding: cp932 (100% sure; --encoding) · dates without a zone: Asia/Tokyo (--zone)" in before
    assert "船頭の弟 · 兄がいつもお世話になっています。" in before
    assert ImportRun.objects.count() == 1
