"""What tests of moderation share."""

from pathlib import Path

import pytest

from comments.models import Site
from tests import world
from tests.undone import Archive


@pytest.fixture
def bare(tmp_path: Path, site: Site) -> Archive:
    """An archive at a site where no rules are in force."""
    return Archive(tmp_path / "rows.jsonl", site)


@pytest.fixture
def archive(bare: Archive) -> Archive:
    """An archive at a site that is open, with a rule about quotes."""
    world.make_rule("quotes", slug="quote-missing", severity=1)
    return bare
