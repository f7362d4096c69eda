from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The composition root as an app, so that `manage.py up` is found."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415 - registers the deployment check
