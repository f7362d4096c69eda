"""A database that stopped between migrations which have become one is refused before anything is changed.

Django takes such a one for neither done nor to be done, and runs what comes after it as if it came first.
"""

from typing import Any

from django.apps import apps
from django.core.management import CommandError
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import pre_migrate


def refuse_in_between(using: str, **_: Any) -> None:
    """Where the files of what is missing are still there, Django goes on with them by itself."""
    loader = MigrationLoader(connections[using])
    for (app, one), migration in loader.replacements.items():
        missing = [each for each in migration.replaces if each not in loader.applied_migrations]
        in_between = 0 < len(missing) < len(migration.replaces)
        if in_between and not loader.disk_migrations.keys() >= set(missing):
            raise CommandError(
                f"This database stopped before {app}.{missing[0][1]}, which is a part of {app}.{one} now. "
                f"Nothing was changed. Run `migrate` with the last version that has "
                f"{app}.{migration.replaces[-1][1]} as a migration of its own, then with this one."
            )


# The signal is sent once for each app: one of them is enough.
pre_migrate.connect(refuse_in_between, sender=apps.get_app_config("comments"))
