"""The peak of a command is its own, and not that of whoever started it."""

import sys

import pytest

from bench import peak


def test_the_peak_is_the_commands_own() -> None:
    held = bytearray(b"x") * (200 * 2**20)
    small = peak.run(sys.executable, "-c", "print('done')")
    large = peak.run(sys.executable, "-c", "held = bytearray(b'x') * (100 * 2**20)")
    assert len(held) > 0
    assert small.output == "done\n"
    assert small.mebibytes < 100 < large.mebibytes < 200


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(RuntimeError, match="ended with 3:\nno good"):
        peak.run(sys.executable, "-c", "print('no good'); raise SystemExit(3)")
