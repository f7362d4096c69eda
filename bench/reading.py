"""The reader of a format alone: how many comments it reads in a second of one processor.

python -m bench.reading wxr FILE
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from comments.drafts import CommentDraft
from comments.formats import by_slug, read
from comments.formats.base import Options, Row


def main(kind: str, path: str) -> int:
    """Print `{"comments": …, "seconds": …}`."""
    comments, started = 0, time.process_time()
    with Path(path).open("rb") as stream:
        for row in read(by_slug(kind), stream, Options(zone=ZoneInfo("Asia/Tokyo"))):
            comments += isinstance(row, Row) and isinstance(row.draft, CommentDraft)
    print(json.dumps({"comments": comments, "seconds": time.process_time() - started}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
