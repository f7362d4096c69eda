"""The local stack: a real PostgreSQL and a real Redis without root or Docker.

Both listen on Unix sockets in a private folder and on no port. Only the
binaries of the wheels are used: the wheels' own Python code starts things on
import, and would end a foreign process whose id a stale file names.

    with Stack.start(Path(".data")) as stack:    # kept, durable
        stack.database_url, stack.redis_url
    with Stack.start() as stack:                 # thrown away
        stack.postgres.kill(); stack.postgres.start()
"""

from config.local.process import ServerFailed
from config.local.stack import Busy, Stack, running

__all__ = ["Busy", "ServerFailed", "Stack", "running"]
