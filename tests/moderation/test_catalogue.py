"""The reference of the checks is what the code says."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from moderation.catalogue import reference
from moderation.checks import CHECKS


def test_every_check_parameter_and_sentence_is_there() -> None:
    page = reference(CHECKS)
    for check in CHECKS:
        assert f"`{check.slug}`, version {check.version}." in page
        for sentence in check.sentences.values():
            assert sentence["ja"] in page
    assert "| `author_most` | 4 | 0 – 1,000 |" in page


def test_the_page_in_docs_is_fresh() -> None:
    call_command("docs", "--check")


def test_a_stale_page_is_named(tmp_path: Path, settings: Any) -> None:
    # Into this page only a table is written, between marks that must be there.
    shutil.copytree(Path(settings.BASE_DIR) / "docs", tmp_path / "docs")
    (tmp_path / "docs" / "checks.md").write_text("old")
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match=r"checks\.md is stale"):
        call_command("docs", "--check")
    call_command("docs")
    call_command("docs", "--check")
