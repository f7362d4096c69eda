"""Leads edit import sources and steer runs, at their own sites."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "Lead": ("comments.steer_importrun", "comments.add_importsource", "comments.change_importsource"),
}


def grant(apps, schema_editor):
    """Permissions are made after all migrations: those of this one are made here, as in 0003."""
    alias = schema_editor.connection.alias
    config = apps.get_app_config("comments")
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
        ("comments", "0011_authors"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("moderation", "0013_context"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
