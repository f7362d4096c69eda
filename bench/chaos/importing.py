"""Archives to import while things die: one after the other, each resumed after a kill."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import prose
from bench.stand import Stand

NAME = "importer"
# An import that fails so often in a row does not fail because of what was killed.
TRIES = 20


@dataclass(frozen=True, slots=True)
class Archive:
    """A JSONL file and what is in it. `source` is the slug that it is imported as."""

    source: str
    path: Path
    comments: int
    good: int
    replies: int


def write(path: Path, source: str, comments: int, rng: random.Random) -> Archive:
    """An archive whose rows stand in any order; one comment in a hundred is bad."""
    articles = max(2, comments // 200)
    lines = [
        {"type": "article", "id": f"{source}-{number}", "title": "題", "body": prose.text(rng, 8)}
        for number in range(articles)
    ]
    good = replies = 0
    for number in range(comments):
        comment = {
            "type": "comment",
            "id": f"c{number}",
            "article": f"{source}-{number % articles}",
            "author_name": f"読者{number}",
            "author_email": f"{source}{number}@example.com",
            "body": prose.text(rng, rng.randint(1, 4)),
            "posted_at": f"2025-11-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00+09:00",
        }
        if rng.random() < 0.01:
            comment["body"] = ""
        else:
            good += 1
        lines.append(comment)
    # Replies to good comments of the same article, each to an older one: there is no circle.
    written = {line["id"]: line for line in lines if line["type"] == "comment" and line["body"]}
    for key, line in written.items():
        parent = f"c{int(key[1:]) - articles}"
        if parent in written and rng.random() < 0.3:
            line["parent"] = parent
            replies += 1
    rng.shuffle(lines)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return Archive(source, path, comments, good, replies)


class Importer:
    """Keeps an import going: a killed one is started again, after a finished one the next begins."""

    def __init__(self, standing: Stand, site: str, comments: int, rng: random.Random) -> None:
        self.standing, self.site, self.comments, self.rng = standing, site, comments, rng
        self.archives: list[Archive] = []
        self.starts = self._failures = 0

    def keep_going(self, *, another: bool = True) -> bool:
        """See to it that an import runs; without `another`, only that those begun end. False: none runs."""
        process = self.standing.processes.get(NAME)
        status = process.poll() if process else 0
        if status is None:
            return True
        finished = process is None or self._finished()
        self._failures = 0 if finished or status < 0 else self._failures + 1
        if self._failures > TRIES:
            log = (self.standing.logs / f"{NAME}.log").read_text(errors="replace")
            raise RuntimeError(f"the import does not go on:\n{log[-3000:]}")
        if finished and not another:
            return False
        if finished:
            self._begin()
        self.starts += 1
        self.standing.start(NAME)
        return True

    def _finished(self) -> bool:
        """Whether the run has ended: the process's status does not tell bad rows from a lost database."""
        with self.standing.database() as db:
            ended = db.execute(
                """SELECT FROM comments_importrun r JOIN comments_importsource s ON s.id = r.source_id
                   WHERE s.slug = %s AND r.finished_at IS NOT NULL""",
                [self.archives[-1].source],
            )
            return ended.fetchone() is not None

    def _begin(self) -> None:
        source = f"archive-{len(self.archives) + 1}"
        path = self.standing.logs / f"{source}.jsonl"
        self.archives.append(write(path, source, self.comments, self.rng))
        self.standing.commands[NAME] = [
            *(sys.executable, "-m", "bench.chaos.importer", str(path), "--site", self.site),
            *("--source", source, "--json", "--no-progress"),
        ]
