"""Numbers given to commands: a wrong one is told of, none reaches the database."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from comments.management.arguments import HIGHEST, number


@pytest.mark.parametrize("text", ["1", "42", "0042", str(HIGHEST)])
def test_numbers_of_things_and_rows_are_taken(text: str) -> None:
    assert number(text) == int(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "七", "٣", "1e3", str(HIGHEST + 1), "9" * 5_000])
def test_what_no_row_can_have_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="no number from 1 to"):
        number(text)


@pytest.mark.parametrize(
    "line",
    [
        "import_comments --resume 0",
        "import_runs --most 99999999999999999999",
        "import_ledger 0",
        "undo_import 99999999999999999999",
        "explain --decision 99999999999999999999",
        "tryout --rule-set 0",
        "site_key revoke 0",
    ],
)
def test_commands_refuse_it_before_they_ask_the_database(line: str) -> None:
    with pytest.raises(CommandError, match="no number from 1 to"):
        call_command(*line.split())
