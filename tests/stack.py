"""The real PostgreSQL and Redis under every test, as a pytest plugin (`-p tests.stack`).

They start before Django reads its settings and end with the session. Servers
of one's own are used where DATABASE_URL or REDIS_URL names them.
"""

import os

import pytest

from config import env
from config.local import Stack

_stack = pytest.StashKey[Stack]()

SECRETS = {
    "SECRET_KEY": "a-secret-for-tests-only-" + "0" * 32,
    "AUTHOR_KEY_SECRET": "another-for-tests-" + "1" * 32,
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Earlier than pytest-django, which loads the settings in the same hook."""
    for name, value in {**SECRETS, "SECURE_SSL_REDIRECT": "0", "LOG_FORMAT": "console"}.items():
        if not env.given(name):
            os.environ[name] = value
    if {"--help", "-h", "--version", "--markers", "--fixtures", "--collect-only", "--co"} & set(args):
        return
    wanted = {"postgres": not env.given("DATABASE_URL"), "redis": not env.given("REDIS_URL")}
    if any(wanted.values()):
        stack = Stack.start(**wanted)
        early_config.stash[_stack] = stack
        early_config.add_cleanup(stack.stop)
        os.environ.update(stack.environment)
