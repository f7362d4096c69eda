"""`manage.py up`: everything Sekisho needs, started by one command and stopped by Ctrl-C."""

import os
import secrets
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import env
from config.local import ServerFailed, Stack
from config.local.binaries import NoBinary
from config.local.ports import PortTaken, reserved_port
from config.supervisor import READY_SECONDS, Log, NotReady, Service, Supervisor

HELP = """Start PostgreSQL, Redis, the web server, the workers and beat, and keep them running until Ctrl-C.

Data lives in .data/ (or nowhere, with --ephemeral). DATABASE_URL and REDIS_URL, where they are set,
lead to servers of your own, and none is started in their place. The log goes to stderr."""

# The interpreter holds one thread of a worker at a time, but a commit waits
# for the disk and a thread that waits lets others in. 2 × 4 threads hold eight
# of PostgreSQL's connections.
WEB_WORKERS, WEB_THREADS = 2, 4


class Command(BaseCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--exec",
            metavar="COMMAND",
            help="When all is up, run COMMAND in a shell with DATABASE_URL, REDIS_URL and BASE_URL set, "
            "stop all, and exit with its status. Its stdout is left alone.",
        )
        parser.add_argument(
            "--ephemeral", action="store_true", help="Use a throw-away data folder instead of .data/."
        )
        parser.add_argument(
            "--port",
            type=int,
            help="The web server's port (8000, or the next free one; 0 takes any free one).",
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=2,
            metavar="N",
            help="Processes that screen comments (%(default)s).",
        )
        parser.add_argument("--no-beat", action="store_true", help="Leave out the scheduler.")

    def handle(self, *args: Any, **options: Any) -> None:
        # A signal during the start raises here, so that every `finally` runs.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            status = self._run(options)
        except KeyboardInterrupt:
            status = 130
        except (ServerFailed, NoBinary, NotReady, PortTaken, env.ConfigurationError) as error:
            raise CommandError(str(error)) from None
        sys.exit(status)

    def _run(self, options: dict[str, Any]) -> int:
        log = Log()
        with reserved_port(options["port"]) as port, _stack(log, ephemeral=options["ephemeral"]) as stack:
            environment = self._environment(stack, port)
            manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            _once("migrate", [*manage, "migrate", "--noinput", "--verbosity=0"], environment, log)
            # What a killed process leaves among the temporary files goes with our own.
            of_services = {**environment, "TMPDIR": str(stack.folder)}
            services = self._services(of_services, port, options, log)
            supervisor = Supervisor(stack.servers, services, log)
            supervisor.listen()
            try:
                supervisor.start()
                stack.publish(environment)
                return self._serve(supervisor, environment, options["exec"], log)
            finally:
                supervisor.stop()

    def _environment(self, stack: Stack, port: int) -> dict[str, str]:
        """What the services and the command get: the environment, the addresses and the secrets."""
        own = {
            "BASE_URL": f"http://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            # As values, wherever they came from: the command reads the variables.
            "DATABASE_URL": stack.environment.get("DATABASE_URL") or env.text("DATABASE_URL"),
            "REDIS_URL": stack.environment.get("REDIS_URL") or env.text("REDIS_URL"),
        }
        for name in ("SECRET_KEY", "AUTHOR_KEY_SECRET"):
            if not env.given(name):
                own[name] = _secret(stack.data, name.lower())
        # The local stack speaks plain HTTP on the loopback address.
        defaults = {"SECURE_SSL_REDIRECT": "0", "LOG_FORMAT": "console"}
        by_file = {f"{name}_FILE" for name in own}
        merged = {**defaults, **os.environ, **own}
        return {name: value for name, value in merged.items() if name not in by_file}

    def _services(
        self, environment: dict[str, str], port: int, options: dict[str, Any], log: Log
    ) -> list[Service]:
        commands = service_commands(port, _node(), options["workers"])
        if options["no_beat"]:
            del commands["beat"]
        base = Path(settings.BASE_DIR)
        return [Service(name, command, environment, base, log) for name, command in commands.items()]

    def _serve(
        self, supervisor: Supervisor, environment: dict[str, str], command: str | None, log: Log
    ) -> int:
        url = environment["BASE_URL"]
        self._wait(supervisor, environment)
        if supervisor.signal is None:
            log.say("sekisho", f"Ready: {url}/admin/ and {url}/api/v1/docs/. Ctrl-C stops everything.")
        if command is None:
            supervisor.run_until(lambda: False)
            return 0
        return _execute(command, environment, supervisor)

    def _wait(self, supervisor: Supervisor, environment: dict[str, str]) -> None:
        """Until the web server and the worker answer."""
        port = int(environment["BASE_URL"].rpartition(":")[2])
        probe = Celery("probe", broker=env.broker_url(environment["REDIS_URL"]), set_as_current=False)
        waits = {"web": lambda: healthy(port), "worker": lambda: _answers(probe)}
        try:
            for name, ready in waits.items():
                supervisor.wait_for(name, ready, READY_SECONDS)
        finally:
            probe.close()


def service_commands(
    port: int,
    node: str,
    workers: int,
    *,
    celery_app: str = "config",
    application: str = "config.wsgi:application",
) -> dict[str, list[str]]:
    """How the web server, the workers and beat are started: `{name: command}`."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", celery_app]
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10"),
        *("--no-ws", application),
    ]
    common = ("--pool", "prefork", "--without-gossip", "--without-mingle")
    worker = [
        *(*celery, "worker", "--hostname", node, "--queues", "celery"),
        *(*common, "--concurrency", str(workers)),
    ]
    # One source is read at a time: what is read is stored and screened by the others, too.
    imports = [
        *(*celery, "worker", "--hostname", f"imports-{node}", "--queues", "imports"),
        *(*common, "--concurrency", "1"),
    ]
    return {"web": web, "worker": worker, "imports": imports, "beat": [*celery, "beat"]}


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _node() -> str:
    """The worker's name: no other one answers to it on a shared Redis."""
    return f"up-{os.getpid()}@localhost"


@contextmanager
def _stack(log: Log, *, ephemeral: bool) -> Iterator[Stack]:
    postgres, redis = not env.given("DATABASE_URL"), not env.given("REDIS_URL")
    data = None if ephemeral else Path(settings.DATA_DIR)
    with Stack.start(data, postgres=postgres, redis=redis) as stack:
        for server in stack.servers:
            log.say("sekisho", f"{server.name} runs.")
        yield stack


def _secret(data: Path | None, name: str) -> str:
    """A secret made once and kept in the data folder for its owner only; without a folder, a new one."""
    if data is None:
        return secrets.token_urlsafe(48)
    path = data / name
    if not path.exists():
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600, exist_ok=False)
        new.write_text(secrets.token_urlsafe(48), encoding="ascii")
        new.rename(path)
    return path.read_text(encoding="ascii").strip()


def _once(name: str, command: list[str], environment: dict[str, str], log: Log) -> None:
    """Run a command to its end and log what it says; a failure ends the start."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    for line in done.stdout.splitlines():
        log.say(name, line, loud=bool(done.returncode))
    if not done.returncode:
        log.say(name, "The database is up to date.")
    else:
        raise CommandError(f"{shlex.join(command[1:])} ended with status {done.returncode}.")


def healthy(port: int) -> bool:
    """Whether a web server answers at `port` of this machine."""
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _answers(probe: Celery) -> bool:
    return bool(probe.control.ping(destination=[_node()], timeout=0.5))


def _execute(command: str, environment: dict[str, str], supervisor: Supervisor) -> int:
    """Run the command while the services are watched; its status, or 128 + n for a signal."""
    # On a terminal it stays in the foreground group, may ask questions and
    # gets Ctrl-C itself; elsewhere it gets a group, which can be ended whole.
    grouped = not sys.stdin.isatty()
    process = subprocess.Popen(command, shell=True, env=environment, process_group=0 if grouped else None)  # noqa: S602
    try:
        supervisor.run_until(lambda: process.poll() is not None)
        if process.poll() is None:
            process.send_signal(supervisor.signal or signal.SIGTERM)
            process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
    finally:
        if grouped:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    status = process.wait()
    if supervisor.signal is not None:
        return 128 + supervisor.signal
    return status if status >= 0 else 128 - status
