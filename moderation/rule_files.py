"""Files of rules, as `seeds/rules.yaml` is one, made ready to run without a database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from moderation.engine import ActiveRule
from moderation.rules import build_check


def read_rules(path: Path, folder: Path) -> list[ActiveRule]:
    """The rules of a file, numbered as they stand; its word lists are files below `folder`.

    Raises `WrongParameters`, `KeyError` or `OSError` where the file is at fault.
    """
    book: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    lists = {
        row["slug"]: (folder / row["file"]).read_text(encoding="utf-8").splitlines()
        for row in book.get("word_lists", ())
    }
    return [
        ActiveRule(
            version=number,
            check=build_check(
                row["check"], row["params"], lists[row["word_list"]] if "word_list" in row else None
            ),
            action=row["action"],
            enforced=row["mode"] == "enforce",
            severity=row["severity"],
            reason=number,
            only_new=row["applies_to"] == "new",
        )
        for number, row in enumerate(book["rules"], start=1)
        if row["mode"] != "off"
    ]
