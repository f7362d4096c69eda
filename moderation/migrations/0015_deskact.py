"""Acting at the desk: notes, texts for the author, escalation, who looks at a case."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

GROUPS = {"Lead": ("moderation.decide_escalated",)}


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
        ('comments', '0009_steer_runs'),
        ('moderation', '0014_leads_steer_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('note', 'noted'), ('escalated', 'escalated'), ('released', 'released')], default='note', max_length=9, verbose_name='kind')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='written')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
            },
        ),
        migrations.AlterModelOptions(
            name='case',
            options={'permissions': [('decide_escalated', 'Can decide what he has escalated himself')], 'verbose_name': 'case', 'verbose_name_plural': 'cases'},
        ),
        migrations.AddField(
            model_name='case',
            name='claimed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='case',
            name='claimed_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='escalated_at',
            field=models.DateTimeField(null=True, verbose_name='escalated'),
        ),
        migrations.AddField(
            model_name='case',
            name='escalated_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='escalated by'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='kind',
            field=models.CharField(choices=[('note', 'note'), ('message', 'message')], db_default='note', default='note', max_length=7),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('escalated_at__isnull', False)), fields=['due_at', 'id'], name='case_queue_escalated'),
        ),
        migrations.AddField(
            model_name='note',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='note',
            name='comment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='staff_notes', to='comments.comment', verbose_name='comment'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['comment', '-id'], name='note_of_comment'),
        ),
        # A note may be erased with the comment, and not be changed.
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE ON moderation_note "
            "FOR EACH ROW EXECUTE FUNCTION moderation_append_only();",
            "DROP TRIGGER append_only ON moderation_note;",
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
