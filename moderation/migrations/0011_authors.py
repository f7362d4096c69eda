"""Sanctions: a table that is only added to, and who may do so."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

GROUPS = {
    # Adds them at his sites, lifts his own.
    "Moderator": ("moderation.view_sanction", "moderation.add_sanction"),
    "Lead": ("moderation.view_sanction", "moderation.add_sanction", "moderation.lift_sanction"),
    "Auditor": ("moderation.view_sanction",),
}
# The one change is to lift it, once: what it was against stays readable for ever.
UPDATE = """
CREATE TRIGGER lifted_once BEFORE UPDATE ON moderation_sanction FOR EACH ROW
WHEN (OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
    OR (to_jsonb(OLD) - '{lifted_at,lifted_by_id,lifted_why}'::text[])
        <> (to_jsonb(NEW) - '{lifted_at,lifted_by_id,lifted_why}'::text[]))
EXECUTE FUNCTION moderation_append_only();
"""
DELETE = """
CREATE TRIGGER append_only BEFORE DELETE ON moderation_sanction
FOR EACH ROW EXECUTE FUNCTION moderation_append_only();
"""


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
        ("contenttypes", "0002_remove_content_type_name"),
        ('comments', '0009_steer_runs'),
        ('moderation', '0010_external'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Sanction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('author', 'author’s id'), ('email', 'e-mail address'), ('address', 'network address or range'), ('domain', 'domain of links or e-mail'), ('name', 'name, and names that look the same')], max_length=7, verbose_name='kind')),
                ('match', models.TextField(editable=False)),
                ('shown', models.TextField(verbose_name='against')),
                ('near', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False, size=None)),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('note', models.TextField(blank=True, default='', verbose_name='note')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='lifted')),
                ('lifted_why', models.TextField(blank=True, default='', verbose_name='why it was lifted')),
                ('comment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment', verbose_name='comment')),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                ('lifted_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
                ('reason', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.reason', verbose_name='reason')),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'sanction',
                'verbose_name_plural': 'sanctions',
                'ordering': ('-id',),
                'permissions': [('lift_sanction', 'Can lift the sanctions of others')],
                'indexes': [models.Index(condition=models.Q(('lifted_at__isnull', True)), fields=['id'], name='sanction_not_lifted')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'author'), _negated=True), ('site__isnull', False), _connector='OR'), name='sanction_author_of_site'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True), ('lifted_why', '')), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='sanction_lifted_whole')],
            },
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['comment', 'id'], name='decision_of_person'),
        ),
        migrations.RunSQL(UPDATE, "DROP TRIGGER lifted_once ON moderation_sanction;"),
        migrations.RunSQL(DELETE, "DROP TRIGGER append_only ON moderation_sanction;"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
