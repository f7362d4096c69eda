"""The real PostgreSQL and Redis under every test.

They start before Django reads its settings and end with the process. Servers
of one's own are used where DATABASE_URL or REDIS_URL names them.
"""

import atexit
import os

from config import env
from config.local import Stack

DEFAULTS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "a-secret-for-tests-only-" + "0" * 32,
    "AUTHOR_KEY_SECRET": "another-secret-for-tests-" + "1" * 32,
    "SECURE_SSL_REDIRECT": "0",
    "LOG_FORMAT": "console",
    # A sample that hangs on random ids would make other tests fail now and then.
    "AUDIT_REJECTED_PER_MILLE": "0",
    "AUDIT_PUBLISHED_PER_MILLE": "0",
}


def start() -> None:
    """Start what the environment does not name, and name it there."""
    os.environ.update({name: value for name, value in DEFAULTS.items() if not env.given(name)})
    postgres, redis = not env.given("DATABASE_URL"), not env.given("REDIS_URL")
    if postgres or redis:
        stack = Stack.start(postgres=postgres, redis=redis)
        atexit.register(stack.stop)
        os.environ.update(stack.environment)


def be_patient() -> None:
    """Let the tests' own Redis take its time: a busy machine must not switch the throttles off."""
    from django.conf import settings

    from comments import redis_client

    patience, redis_client.PATIENCE = redis_client.PATIENCE, 10
    redis_client.server(settings.REDIS_URL)
    redis_client.PATIENCE = patience
