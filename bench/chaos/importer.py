"""`manage.py import_comments` with points to die at: `python -m bench.chaos.importer PATH …`."""

import sys
from typing import Any

import django


def install() -> None:
    from bench.chaos.points import after, before
    from comments import imports
    from comments.imports import runs

    install_storing()
    after(imports, "read", "import: between chunks", _place)
    before(imports, "link_waiting", "import: linking", lambda run: "all rows stored, replies not linked")
    after(runs, "announce", "import: announcing", lambda count: f"{count} comments listed, not committed")


def install_storing() -> None:
    """The points of whoever stores: the importer itself, and the workers."""
    from bench.chaos.points import after, before
    from comments.imports import marks, storing

    after(storing, "receive", "import: in a chunk", lambda rows: f"{len(rows)} rows stored, not counted")
    before(marks, "write", "import: counted", lambda *_: "a chunk stored, its counts not written")


def _place(run: Any) -> str:
    return f"{run.position} rows read"


if __name__ == "__main__":
    django.setup()
    install()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "import_comments", *sys.argv[1:]])
