"""`manage.py up` as an operator meets it: real processes, killed and stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config.local.process import until
from tests.processes import TOP, Up, fresh_environment, run

pytestmark = pytest.mark.stack


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a fresh terminal."""
    return fresh_environment(tmp_path)


def descendants(pid: int) -> dict[int, str]:
    """Every living process below `pid`, and what it is called."""
    below: dict[int, str] = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            below[int(child)] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            below |= descendants(int(child))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return below


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def started(bare: dict[str, str]) -> Iterator[list[Up]]:
    """What a test has started; what still runs at its end is ended."""
    runs: list[Up] = []
    yield runs
    for up in runs:
        if up.process.poll() is None:
            up.process.terminate()
        up.end()
        for pipe in (up.process.stdin, up.process.stdout, up.process.stderr):
            up.stream(pipe).close()


def answers(base_url: str) -> bool:
    connection = HTTPConnection(base_url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_exec_gets_addresses_survives_a_crash_and_passes_its_status_on(
    bare: dict[str, str], started: list[Up]
) -> None:
    command = 'echo "$BASE_URL $DATABASE_URL $REDIS_URL"; cat; exit 7'
    up = Up(bare, "--no-beat", "--ephemeral", "--exec", command)
    started.append(up)
    stdin, stdout = up.stream(up.process.stdin), up.stream(up.process.stdout)
    base_url, database_url, redis_url = stdout.readline().split()
    assert database_url.startswith("postgres://")
    assert redis_url.startswith("unix://")
    assert answers(base_url)

    below = descendants(up.process.pid)
    for name, part in {"web": "granian", "PostgreSQL": "bin/postgres -D", "worker": "celery"}.items():
        victim = min(pid for pid, command in below.items() if part in command)
        os.kill(victim, signal.SIGKILL)
        up.read_until(f"!!! {name} was killed by SIGKILL")
        up.read_until(f"{name} runs again")
    assert until(lambda: answers(base_url), 30)

    stdin.write("the last word\n")
    stdin.close()
    assert stdout.read() == "the last word\n"
    assert up.end() == 7
    assert list(Path(bare["TMPDIR"]).iterdir()) == []
    assert not Path(bare["DATA_DIR"]).exists()
    assert [pid for pid in below if not gone(pid)] == []


def test_killed_it_leaves_no_process_and_the_next_run_recovers(
    bare: dict[str, str], started: list[Up]
) -> None:
    up = Up(bare, "--no-beat")
    started.append(up)
    up.read_until("Ready: http://127.0.0.1:")
    # A second terminal finds the database that the first one started.
    assert run(bare, "migrate", "--check").returncode == 0
    busy = run(bare, "up")
    assert (busy.returncode, f"Process {up.process.pid} runs a stack" in busy.stderr) == (1, True)

    below = descendants(up.process.pid)
    assert len(below) >= 6
    up.process.kill()
    assert until(lambda: all(gone(pid) for pid in below), 30), [pid for pid in below if not gone(pid)]
    assert run(bare, "migrate", "--check").returncode == 1

    again = Up(bare, "--no-beat")
    started.append(again)
    again.read_until("Ready")
    below = descendants(again.process.pid)
    again.process.send_signal(signal.SIGTERM)
    assert again.end() == 0
    assert [pid for pid in below if not gone(pid)] == []
    assert list(Path(bare["TMPDIR"]).iterdir()) == []
    kept = {path.name: path.stat().st_mode & 0o777 for path in Path(bare["DATA_DIR"]).glob("*_key*")}
    assert kept == {"secret_key": 0o600, "author_key_secret": 0o600}


@pytest.mark.parametrize(
    "command", [["check"], ["help", "up"], ["makemigrations", "--check", "--dry-run"], ["up", "--help"]]
)
def test_commands_that_need_no_database_run_in_an_empty_environment(
    command: list[str], tmp_path: Path
) -> None:
    done = run({"DATA_DIR": str(tmp_path), "PYTHONWARNINGS": "ignore"}, *command)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_a_command_that_needs_the_database_says_how_to_get_one(bare: dict[str, str]) -> None:
    done = run(bare, "migrate")
    assert done.returncode == 1
    assert "DATABASE_URL is not set" in done.stderr
    assert "manage.py up" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_web_server_without_secrets_does_not_start(bare: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        env=bare,
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Not set: SECRET_KEY, AUTHOR_KEY_SECRET, DATABASE_URL, REDIS_URL" in done.stderr


def test_check_deploy_names_what_is_missing_and_is_content_with_the_rest(bare: dict[str, str]) -> None:
    missing = run(bare, "check", "--deploy")
    assert missing.returncode == 1
    assert "(sekisho.E002) AUTHOR_KEY_SECRET is not set." in missing.stderr
    whole = {
        "SECRET_KEY": "".join(chr(33 + n) for n in range(60)),
        "AUTHOR_KEY_SECRET": "k" * 40,
        "DATABASE_URL": "postgres://sekisho@db/sekisho",
        "REDIS_URL": "redis://redis:6379/0",
    }
    done = run({**bare, **whole}, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_a_port_in_use_is_refused_when_it_was_named(bare: dict[str, str]) -> None:
    from config.local.ports import reserved_port

    with reserved_port(0) as port:
        done = run(bare, "up", "--ephemeral", "--port", str(port))
    assert (done.returncode, done.stderr.strip()) == (
        1,
        f"CommandError: Port {port} is in use. Name another with --port, or leave it out.",
    )
