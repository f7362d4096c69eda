"""Undoing import runs: the record of it, its decisions, and who may.

A decision that an import was undone may follow one of the same text that was
made without a rule set, so it is none of those of which there is only one.
The index of these is built anew: on a large table that takes a while, in
which nothing is decided.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

GROUPS = {"Lead": ("moderation.undo_import",)}


def grant(apps, schema_editor):
    """Permissions are made after all migrations: those of this one are made here, as in 0003."""
    alias = schema_editor.connection.alias
    config = apps.get_app_config("moderation")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=alias)
    config.models_module = None
    fill(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"), alias)


def fill(groups, permissions, alias):
    for name, rights in GROUPS.items():
        for group in groups.objects.using(alias).filter(name=name):
            for right in rights:
                label, codename = right.split(".")
                group.permissions.add(
                    permissions.objects.using(alias).get(content_type__app_label=label, codename=codename)
                )


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("comments", "0008_undone_imports"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("moderation", "0005_kept_quotes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportUndo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("include_decided", models.BooleanField(default=False)),
                ("include_answered", models.BooleanField(default=False)),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("position", models.BigIntegerField(default=0, editable=False)),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="started"
                    ),
                ),
                (
                    "moved_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undos",
                        to="comments.importrun",
                        verbose_name="import run",
                    ),
                ),
            ],
            options={
                "verbose_name": "import undo",
                "verbose_name_plural": "import undos",
                "ordering": ("-id",),
                "permissions": [("undo_import", "Can undo an import run")],
            },
        ),
        migrations.AddIndex(
            model_name="importundo",
            index=models.Index(fields=["run", "-id"], name="import_undo_of_run"),
        ),
        migrations.AddConstraint(
            model_name="importundo",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at__isnull", True)), fields=("run",), name="import_undo_alone"
            ),
        ),
        migrations.RemoveConstraint(model_name="decision", name="decision_once_by_system"),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("by__isnull", True), models.Q(("cause", "import-undo"), _negated=True)
                ),
                fields=("comment", "revision", "rule_set"),
                name="decision_once_by_system",
                nulls_distinct=False,
            ),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
