from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The composition root as an app, so that `manage.py up` is found."""

    name = "config"
