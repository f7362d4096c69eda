"""A folder of files as the source of a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import CommandError

from comments import imports
from comments.formats.base import Unreadable
from comments.models import Comment
from tests.comments.formats.test_staticman import YAML, entry
from tests.comments.test_import_command import as_json, run
from tests.world import make_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("sakura/1.yml", YAML), ("sakura/2.yml", entry(replying_to="1")), ("umi/1.json", "{")):
        path = tmp_path / "comments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "comments"


def digest(folder: Path) -> str:
    with imports.readable(str(folder)) as path:
        return imports.digest_of(path)


@pytest.mark.django_db
def test_a_folder_twice(folder: Path) -> None:
    make_site()
    status, line = as_json(str(folder), "--site", "asagiri")
    assert (status, line["format"], line["articles"]["created"]) == (1, "staticman", 2)
    assert (line["comments"]["created"], line["comments"]["problems"]) == (2, 1)
    parents = Comment.objects.values_list("external_id", "parent__external_id")
    assert dict(parents) == {"sakura:6f0a5c90": None, "sakura:2": "sakura:6f0a5c90"}
    _, line = as_json(str(folder), "--site", "asagiri")
    assert (line["comments"]["unchanged"], line["comments"]["created"]) == (2, 0)


def test_the_digest_is_that_of_names_and_bytes(folder: Path) -> None:
    before = digest(folder)
    os.utime(folder / "umi" / "1.json", (1, 1))
    (folder / "README.md").write_text("Not a comment.", encoding="utf-8")
    (folder / "link.yml").symlink_to(folder / "umi" / "1.json")
    assert digest(folder) == before
    (folder / "umi" / "1.json").write_text("{}", encoding="utf-8")
    assert digest(folder) != before


def test_a_folder_without_comments(tmp_path: Path) -> None:
    with (
        pytest.raises(Unreadable, match="without files of comments"),
        imports.readable(str(tmp_path)),
    ):
        pass


@pytest.mark.django_db
def test_an_empty_folder_is_told_of(tmp_path: Path) -> None:
    make_site()
    with pytest.raises(CommandError, match="folder without files") as refused:
        run(str(tmp_path), "--site", "asagiri")
    assert refused.value.returncode == 2
