"""Which run edited a comment and what it was before, what an undone run withdrew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0007_sources")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="undone_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="undone"),
        ),
        migrations.AddField(
            model_name="comment",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="withdrawn"),
        ),
        migrations.AddField(
            model_name="commentrevision",
            name="former",
            field=models.JSONField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="commentrevision",
            name="import_run",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="comments.importrun",
            ),
        ),
        migrations.AddIndex(
            model_name="commentrevision",
            index=models.Index(
                condition=models.Q(("import_run__isnull", False)),
                fields=["import_run", "comment"],
                name="comment_revision_of_run",
            ),
        ),
    ]
