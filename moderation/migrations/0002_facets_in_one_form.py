"""The functions that renew facets, without the branches for new rows that other functions took over.

Databases that were made before all migrations became one still have them.
"""

from django.db import migrations

from moderation.migrations import _facets


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_squashed_0025_reason_offered")]

    operations = [
        migrations.RunSQL(_facets.function_sql(of, _facets.FUNCTIONS[of]), migrations.RunSQL.noop)
        for of in ("cases", "causes")
    ]
