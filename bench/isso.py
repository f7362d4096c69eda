"""`isso import`, a peer's importer, at the same files; installed from PyPI outside of the project."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import peak

ISSO = "isso==0.14.0"
_TYPES = {"wxr": ("-t", "wordpress"), "disqus": ("-t", "disqus", "--empty-id")}
# It commits every comment; where there is a file system in memory, no disk holds it up.
_IN_MEMORY = Path("/dev/shm")


@contextmanager
def installed() -> Iterator[Path | None]:
    """Its program; None where it cannot be installed."""
    with tempfile.TemporaryDirectory(prefix="bench-isso-") as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", ISSO]
        done = subprocess.run(pip, stdout=sys.stderr, stderr=subprocess.DEVNULL, check=False)
        yield None if done.returncode else Path(folder) / "bin" / "isso"


def imported(program: Path, kind: str, file: Path) -> tuple[int, peak.Peak]:
    """How many comments of the file it stored, and at what cost."""
    memory = _IN_MEMORY if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bench-isso-", dir=memory) as folder:
        settings, database = Path(folder) / "isso.cfg", Path(folder) / "comments.db"
        settings.write_text(f"[general]\ndbpath = {database}\nhost = http://localhost:8080\n", "utf-8")
        measured = peak.run(str(program), "-c", str(settings), "import", *_TYPES[kind], str(file))
        connection = sqlite3.connect(database)
        ((stored,),) = connection.execute("SELECT count(*) FROM comments").fetchall()
        connection.close()
    return stored, measured
