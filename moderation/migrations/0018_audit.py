"""Settings of the desk for each person; Auditors read the audit, and who may do what."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


GROUPS = {"Auditor": ("comments.view_disclosure", "auth.view_user", "auth.view_group")}


def grant(apps, schema_editor):
    """Permissions are made after all migrations: those of this one are made here, as in 0003."""
    alias = schema_editor.connection.alias
    for label in ("auth", "comments"):
        config = apps.get_app_config(label)
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
        ('auth', '0012_alter_user_first_name_max_length'),
        ('comments', '0012_audit'),
        ('moderation', '0017_add_facets'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeskSettings',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='desk_settings', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('language', models.CharField(blank=True, choices=[('ja', '日本語'), ('en', 'English')], db_default='', default='', max_length=2, verbose_name='language')),
                ('has_keys', models.BooleanField(db_default=True, default=True, verbose_name='single-letter keys')),
                ('blur', models.CharField(choices=[('off', 'nothing'), ('words', 'harsh words that rules have found'), ('texts', 'whole comments')], db_default='off', default='off', max_length=5, verbose_name='blur')),
            ],
            options={
                'verbose_name': 'settings of the desk',
                'verbose_name_plural': 'settings of the desk',
                'default_permissions': (),
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
