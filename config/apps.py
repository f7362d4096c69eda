from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The composition root as an app, so that `manage.py up` is found."""

    name = "config"

    def ready(self) -> None:
        # Each registers itself: the deployment check, and what is done to a new connection.
        from config import checks, prepared  # noqa: F401, PLC0415
