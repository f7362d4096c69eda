"""A short storm: real processes killed at the places that matter most, and everything counted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.stack

TOP = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "AUTHOR_KEY_SECRET", "LOG_FORMAT")


def test_nothing_is_lost_or_done_twice() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    storm = subprocess.run(
        [sys.executable, "-m", "bench.chaos", "--quick", "--json"],
        cwd=TOP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert storm.returncode == 0, storm.stderr
    figures = json.loads(storm.stdout)
    assert figures["violations"] == 0
    assert figures["submissions accepted"] == figures["comments stored"] == 200
    fell = {kill["where"] for kill in figures["fell"]}
    assert {"worker: claimed", "web: committed", "import: in a chunk"} < fell
    assert {"everything", "Redis", "PostgreSQL"} < fell


def test_a_killed_import_ends_like_one_left_in_peace() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    kills = subprocess.run(
        [sys.executable, "-m", "bench.kills", "--quick", "--json"],
        cwd=TOP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert kills.returncode == 0, kills.stderr
    figures = json.loads(kills.stdout)
    assert (figures["kills"], figures["what differed"]) == (4, [])
