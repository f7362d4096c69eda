import gc

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The composition root as an app, so that `manage.py up` is found."""

    name = "config"

    def ready(self) -> None:
        # Each registers itself: the deployment check, what a new connection gets, what `migrate` refuses.
        from config import checks, prepared, upgrading  # noqa: F401, PLC0415

        # The last app: what is loaded now is never searched again, and forks share its pages. What is
        # loaded later (templates, addresses) would be searched whole every forty pages, for 25 ms each
        # time; so it is every four hundred.
        gc.freeze()
        gc.set_threshold(7_000)
        gc.enable()
