"""The worker with points to die at: `celery -A bench.chaos.worker worker`."""

from typing import Any

from celery import signals

from bench.chaos.points import after, before
from config.celery import app

__all__ = ["app"]


@signals.worker_process_init.connect
def install(**_: Any) -> None:
    """In each process of the pool, when Django stands."""
    from bench.chaos.importer import install_storing
    from moderation import doorbell, services
    from moderation.services import screening

    install_storing()
    after(doorbell, "answer", "worker: bell answered", lambda _: "flag taken down, nothing claimed")
    after(screening, "claim", "worker: claimed", lambda claim: _comments(len(claim.rows), "claimed"))
    after(screening, "gather", "worker: facts gathered", lambda rows: _comments(len(rows), "not judged"))
    before(
        screening, "write", "worker: judged", lambda judged, *_: _comments(len(judged), "judged, unwritten")
    )
    # `_finish` has written the decisions and emptied the list; the commit comes next.
    after(
        screening, "_finish", "worker: written", lambda done: _comments(done.claimed, "written, uncommitted")
    )
    after(services, "screen", "worker: committed", lambda done: _comments(done.claimed, "decided"))
    # Only a full batch rings on.
    before(doorbell, "ring", "worker: ringing on", lambda **_: "a full batch claimed, the next not rung for")


def _comments(count: int, what: str) -> str:
    return f"{count} comments {what}" if count else ""
