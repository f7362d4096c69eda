"""The functions that renew facets, without the branches for new rows that other functions took over.

Databases that were made before all migrations became one still have them.
"""

from django.core.management import CommandError
from django.db import migrations

from moderation.migrations import _facets


def refuse_in_between(apps, schema_editor):
    """Django takes 0001 for neither done nor to be done where only some of what it replaces was applied."""
    try:
        apps.get_model("moderation", "Case")
    except LookupError:
        raise CommandError(
            "This database stopped between two migrations that have become one (moderation.0001_squashed_0025). "
            "None of its tables was changed. Run `migrate` with the last version that has 0025_reason_offered, then "
            "with this one."
        ) from None


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_squashed_0025_reason_offered")]

    operations = [
        migrations.RunPython(refuse_in_between, migrations.RunPython.noop),
        *(
            migrations.RunSQL(_facets.function_sql(of, _facets.FUNCTIONS[of]), migrations.RunSQL.noop)
            for of in ("cases", "causes")
        ),
    ]
