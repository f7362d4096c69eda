"""What is loaded at the start is not searched for cycles."""

import subprocess
import sys


def test_what_was_loaded_is_frozen_and_the_collector_runs() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django, gc; django.setup(); print(gc.isenabled(), gc.get_freeze_count())",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert told[0] == "True"
    assert int(told[1]) > 100_000
