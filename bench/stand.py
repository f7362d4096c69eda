"""A running Sekisho of a bench's own: servers, web, worker and beat, each of which can be killed and started.

A module that stands on it runs as a process of its own (`python -m bench.NAME
[--quick] [--json]`), for its database begins empty and is thrown away.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from config.local import Stack
from config.local.ports import reserved_port
from config.local.process import end, kill_group, spawn, tail, until
from config.management.commands.up import healthy, service_commands

TOP = Path(__file__).resolve().parents[1]
SECRET = "sk_for-the-bench-only"
READY_SECONDS = 60
# What may not come from the caller's environment: the bench has servers of its own.
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "AUTHOR_KEY_SECRET")


@dataclass
class Stand:
    """What runs, by name. `logs` holds a file a name."""

    stack: Stack
    port: int
    environment: dict[str, str]
    logs: Path
    commands: dict[str, list[str]]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start services that `commands` names, and return at once."""
        for name in names:
            with (self.logs / f"{name}.log").open("ab") as log:
                self.processes[name] = spawn(
                    self.commands[name], log=log, cwd=TOP, end_signal=signal.SIGTERM, env=self.environment
                )

    def kill(self, name: str) -> int:
        """SIGKILL to a service and all that it started; its process id."""
        kill_group(self.processes[name])
        return self.processes[name].pid

    def wait_for_web(self, name: str = "web", port: int | None = None) -> None:
        """Until the web server answers. Raises `RuntimeError` with the end of its log."""
        if not until(lambda: healthy(port or self.port), READY_SECONDS, 0.1):
            raise RuntimeError(f"{name} does not answer:\n{tail(self.logs / f'{name}.log', 40)}")

    def wait_for_worker(self) -> None:
        """Until the worker answers a ping. Raises `RuntimeError` with the end of its log."""
        from config.celery import app

        if not until(lambda: bool(app.control.ping(timeout=0.5)), READY_SECONDS):
            raise RuntimeError(f"the worker does not answer:\n{tail(self.logs / 'worker.log', 40)}")

    def stop(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                end(process, (signal.SIGTERM, 10))
                kill_group(process)

    def database(self) -> psycopg.Connection[Any]:
        """A connection past Django, which may break and be made anew."""
        return psycopg.connect(self.stack.database_url, autocommit=True)


@contextmanager
def stand(
    *,
    durable: bool = False,
    environment: Mapping[str, str] | None = None,
    celery_app: str = "config",
    application: str = "config.wsgi:application",
) -> Iterator[Stand]:
    """Servers with a migrated database and the default rules, and nothing else started yet.

    `durable` has PostgreSQL flush every commit to the disk, as in production.
    """
    with (
        reserved_port(0) as port,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Stack.start(Path(folder) / "data" if durable else None) as stack,
    ):
        logs = Path(folder) / "logs"
        logs.mkdir()
        settings = {
            **stack.environment,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "for-the-bench-only-" + "0" * 40,
            "AUTHOR_KEY_SECRET": "for-the-bench-only-" + "1" * 40,
            "SECURE_SSL_REDIRECT": "0",
            "LOG_FORMAT": "json",
            # Throttles count every request and are high enough to let all pass.
            "THROTTLE_SITE_KEY": "10000000",
            "THROTTLE_CLIENT_ADDRESS": "10000000",
            **(environment or {}),
        }
        os.environ.update(settings)
        _set_up()
        commands = service_commands(
            port, f"bench-{os.getpid()}@localhost", 2, celery_app=celery_app, application=application
        )
        standing = Stand(stack, port, dict(os.environ), logs, commands)
        try:
            yield standing
        finally:
            standing.stop()


def _set_up() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_rules", stdout=io.StringIO())


def add_key(db: psycopg.Connection[Any], site: int) -> None:
    """Let `SECRET` open the site."""
    db.execute(
        "INSERT INTO comments_sitekey (site_id, name, prefix, digest) VALUES (%s, 'bench', %s, %s)",
        [site, SECRET[:8], hashlib.sha256(SECRET.encode()).digest()],
    )


def figures(module: str, *arguments: str) -> dict[str, Any]:
    """What `python -m module --json` measures, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    command = [sys.executable, "-m", module, "--json", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=TOP, env=environment, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(description: str | None, measure: Callable[[bool], dict[str, Any]], arguments: Sequence[str]) -> int:
    """The command line of a module that measures: figures as lines, or as one JSON object."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="less of everything: to see that it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout instead of lines")
    options = parser.parse_args(arguments)
    found = measure(options.quick)
    if options.json:
        print(json.dumps(found))
        return 0
    for name, value in found.items():
        print(f"{value:10,.3f}  {name}" if isinstance(value, float) else f"{value!s:>10}  {name}")
    return 0


def say(message: str) -> None:
    """Progress, on stderr."""
    print(message, file=sys.stderr, flush=True)
