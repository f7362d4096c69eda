import gc

# What is loaded at the start stays. To look for cycles in it while it grows takes two fifths of the
# time that a process needs to start; `ConfigConfig.ready` turns the collector on again.
gc.disable()

from config.celery import app as celery_app  # noqa: E402 - the collector rests before anything loads

__all__ = ["celery_app"]
