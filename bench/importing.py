"""An archive of 100,000 comments in 2,000 articles imported as WXR and as Disqus XML, with two workers.

    python -m bench.importing [--quick] [--json]

The archive is generated from a seed. *Stored* is the whole command, from its
start to its end; *decided* is from the same start until the default rules have
decided every comment. COPY is of the same rows, taken out again, into the same
emptied table with its indexes. *Reader alone* reads the file and does nothing
with the rows, on one processor. Memory is the peak of the process. Beside it
stands `isso import` of the same file, into a database in memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench import exports, isso, peak
from bench.stand import Stand, figures, main, say, stand

NAMES = {"wxr": "WXR", "disqus": "Disqus"}
# How many times as many comments the file has that must take no more memory.
LARGE = 10
DECIDED_WITHIN = 600


def run(*, quick: bool = False) -> dict[str, Any]:
    """Rates in comments a second, peaks in MiB, and their ratios."""
    return figures("bench.importing", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures of both formats, on a stand of their own."""
    comments, rounds = (1_000, 1) if quick else (100_000, 3)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        files = {kind: _written(Path(folder), kind, comments) for kind in NAMES}
        with stand(durable=True) as standing:
            standing.start("worker", "beat")
            standing.wait_for_worker()
            for kind, file in files.items():
                found |= _of_format(standing, kind, file, comments, rounds)
        with isso.installed() as program:
            for kind, file in files.items():
                found |= _of_isso(program, kind, file, found[f"{NAMES[kind]}: stored, a second"])
    return found


def _written(folder: Path, kind: str, comments: int) -> Path:
    file = folder / f"{kind}-{comments}.xml"
    exports.write(kind, comments, file)
    say(f"importing: {file.name} has {file.stat().st_size / 2**20:,.0f} MiB")
    return file


def _of_format(standing: Stand, kind: str, file: Path, comments: int, rounds: int) -> dict[str, Any]:
    """The figures of one format."""
    name = NAMES[kind]
    stored, decided, copied, peaks = [], [], [], []
    for _ in range(rounds):
        started = time.perf_counter()
        done = _import(standing, kind, file, comments)
        _wait_until_decided(comments)
        decided.append(comments / (time.perf_counter() - started))
        stored.append(comments / done.seconds)
        peaks.append(done.mebibytes)
        copied.append(_copied())
        say(f"{name}: stored {stored[-1]:,.0f}, decided {decided[-1]:,.0f}, COPY {copied[-1]:,.0f} a second")
    alone = peak.run(sys.executable, "-m", "bench.reading", kind, str(file))
    large = _written(file.parent, kind, comments * LARGE)
    large_alone = peak.run(sys.executable, "-m", "bench.reading", kind, str(large))
    large_peak = _import(standing, kind, large, comments * LARGE).mebibytes
    large.unlink()
    read = json.loads(alone.output)
    return {
        f"{name}: stored, a second": median(stored),
        f"{name}: COPY, a second": median(copied),
        f"{name}: stored to COPY": median(one / other for one, other in zip(stored, copied, strict=True)),
        f"{name}: decided, a second": median(decided),
        f"{name}: reader alone, a second": read["comments"] / read["seconds"],
        f"{name}: reader alone, MiB": alone.mebibytes,
        f"{name}: reader alone, MiB with {LARGE} times the rows": large_alone.mebibytes,
        f"{name}: command, MiB": max(peaks),
        f"{name}: command, MiB with {LARGE} times the rows": large_peak,
        f"{name}: command, memory with {LARGE} times the rows to once": large_peak / max(peaks),
    }


def _import(standing: Stand, kind: str, file: Path, comments: int) -> peak.Peak:
    """Import a file into a database that holds no comments, by the command."""
    from comments import bulk
    from comments.models import Floor, Site

    bulk.execute("TRUNCATE comments_article, comments_importrun CASCADE")
    Site.objects.get_or_create(slug=kind, defaults={"name": kind, "floor": Floor.OPEN})
    bulk.execute("CHECKPOINT")
    done = peak.run(
        *(sys.executable, "manage.py", "import_comments", str(file), "--site", kind),
        *("--json", "--no-progress"),
        environment=standing.environment,
    )
    counts = json.loads(done.output)
    ((rows,),) = bulk.fetch("SELECT count(*) FROM comments_comment")
    if rows != comments:
        raise RuntimeError(f"{rows} of {comments} comments are stored: {counts}")
    return done


def _wait_until_decided(comments: int) -> None:
    from comments import bulk

    until = time.perf_counter() + DECIDED_WITHIN
    while bulk.fetch("SELECT 1 FROM moderation_pending LIMIT 1"):
        if time.perf_counter() > until:
            raise RuntimeError(f"not all are decided after {DECIDED_WITHIN} s.")
        time.sleep(0.05)
    ((left,),) = bulk.fetch("SELECT count(*) FROM comments_comment WHERE status = 'received'")
    if left:
        raise RuntimeError(f"{left} of {comments} comments are left undecided.")


def _copied() -> float:
    """COPY the rows that are stored back into the emptied table; how many a second."""
    from bench import data
    from comments import bulk

    columns = ("id", *data.COLUMNS)
    rows = bulk.fetch(f"SELECT {', '.join(columns)} FROM comments_comment ORDER BY id")
    bulk.execute("TRUNCATE comments_comment CASCADE")
    bulk.execute("CHECKPOINT")
    started = time.perf_counter()
    count = data.copy(rows, columns)
    return count / (time.perf_counter() - started)


def _of_isso(program: Path | None, kind: str, file: Path, ours: float) -> dict[str, Any]:
    name = NAMES[kind]
    if program is None:
        return {f"{name}: isso import": "could not be installed"}
    stored, done = isso.imported(program, kind, file)
    if not stored:
        return {f"{name}: isso import": "read nothing"}
    rate = stored / done.seconds
    return {
        f"{name}: isso import, comments": stored,
        f"{name}: isso import, a second": rate,
        f"{name}: isso import, MiB": done.mebibytes,
        f"{name}: stored to isso import": ours / rate,
    }


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
