"""The policies of imports as docs/formats.md has them, and each format's chapter there."""

import re
from pathlib import Path

import pytest

from comments.drafts import SourceState
from comments.formats import FORMATS
from comments.formats.base import Format
from comments.models import Policy
from moderation.policies import POLICIES, outcomes, table, with_policies

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def chapter(form: Format) -> str:
    found = re.search(rf"^## [^\n]*\(`{form.slug}`\)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"{form.slug} has no chapter"
    return found[1]


def states(form: Format) -> list[list[str]]:
    """The lines of the chapter's table of states: at the source, here, and under each policy."""
    _, _, behind = chapter(form).partition(
        "| state at the source | state here | enforce | flag | trusted |\n"
    )
    lines = behind.split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_policy_has_its_column() -> None:
    assert set(POLICIES) == set(Policy.values)
    assert f"\n{table()}\n" in PAGE


def test_the_table_is_made_anew_in_its_place() -> None:
    assert with_policies(PAGE.replace(table(), "| stale |")) == PAGE
    with pytest.raises(ValueError, match="no place"):
        with_policies("# Other page")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.slug)
def test_every_format_says_how_it_maps(form: Format) -> None:
    _, heading, mapped = chapter(form).partition("\n### How it maps\n")
    assert heading
    for what in ("Identities", "Threads", "Times", "Dropped"):
        (cell,) = re.findall(rf"^\| {what} \| (.+) \|$", mapped, re.MULTILINE)
        assert cell.strip()
    assert f"| `{form.slug}` |" in PAGE.split("\n## ")[0]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.slug)
def test_every_format_says_what_becomes_of_its_states(form: Format) -> None:
    assert states(form)
    for at_source, here, *under in states(form):
        assert at_source
        if here == "–":
            assert under == ["problem `deleted`"] * len(POLICIES)
        else:
            assert under == outcomes(SourceState("" if here == "none" else here))
