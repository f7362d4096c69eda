"""The web server's application with points to die at: `granian … bench.chaos.web:application`."""

from config.wsgi import application

__all__ = ["application"]


def _install() -> None:
    """Django stands since `config.wsgi` was imported."""
    from bench.chaos.points import after, before
    from comments import services
    from moderation import doorbell, tasks

    after(services, "changed", "web: stored", lambda _: "1 comment stored, not committed")
    before(doorbell, "ring", "web: committed", lambda: "1 comment committed, no ring, no answer")
    before(tasks.screen, "delay", "web: flag set", lambda **_: "flag set, no message sent, no answer")
    after(doorbell, "ring", "web: rung", lambda _: "1 comment committed and rung for, no answer")


_install()
