"""Rules with examples, messages and limits; breakers, quotas and samples."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


GROUPS = {
    "Lead": ("moderation.view_safeguards", "moderation.add_safeguards", "moderation.change_safeguards"),
    "Auditor": ("moderation.view_safeguards",),
}


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
        ("moderation", "0007_finding_by_rule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='rule',
            name='breaker_minutes',
            field=models.PositiveIntegerField(db_default=60, default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10080)], verbose_name='breaker: window in minutes'),
        ),
        migrations.AddField(
            model_name='rule',
            name='breaker_pairs',
            field=models.PositiveIntegerField(db_default=100, default=100, help_text='So many pairs of author and network stopped within the window, and it only flags.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='breaker: authors'),
        ),
        migrations.AddField(
            model_name='rule',
            name='daily_quota',
            field=models.PositiveIntegerField(blank=True, help_text='At each site, without a person; past it the rule holds until midnight. Empty: no quota.', null=True, verbose_name='rejections a day'),
        ),
        migrations.AddField(
            model_name='rule',
            name='examples_match',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='must match'),
        ),
        migrations.AddField(
            model_name='rule',
            name='examples_pass',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='must not match'),
        ),
        migrations.AddField(
            model_name='rule',
            name='message_en',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='message to the author (English)'),
        ),
        migrations.AddField(
            model_name='rule',
            name='message_ja',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='message to the author (Japanese)'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='breaker_minutes',
            field=models.PositiveIntegerField(db_default=60, default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10080)], verbose_name='breaker: window in minutes'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='breaker_pairs',
            field=models.PositiveIntegerField(db_default=100, default=100, help_text='So many pairs of author and network stopped within the window, and it only flags.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='breaker: authors'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='daily_quota',
            field=models.PositiveIntegerField(blank=True, help_text='At each site, without a person; past it the rule holds until midnight. Empty: no quota.', null=True, verbose_name='rejections a day'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='examples_match',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='must match'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='examples_pass',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='must not match'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='message_en',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='message to the author (English)'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='message_ja',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='message to the author (Japanese)'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='applies_to',
            field=models.CharField(choices=[('everyone', 'everyone'), ('not_staff', 'everyone but staff'), ('new', 'authors not yet trusted')], default='everyone', max_length=9, verbose_name='applies to'),
        ),
        migrations.AlterField(
            model_name='ruleversion',
            name='applies_to',
            field=models.CharField(choices=[('everyone', 'everyone'), ('not_staff', 'everyone but staff'), ('new', 'authors not yet trusted')], default='everyone', max_length=9, verbose_name='applies to'),
        ),
        migrations.CreateModel(
            name='Safeguards',
            fields=[
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='safeguards', serialize=False, to='comments.site', verbose_name='site')),
                ('rejections_a_day', models.PositiveIntegerField(blank=True, help_text='Past it, what rules would reject is held for a person until midnight.', null=True, verbose_name='automatic rejections a day')),
                ('audit_rejected', models.PositiveSmallIntegerField(blank=True, help_text='So many of a thousand go to the desk, so that it is known how right they were.', null=True, verbose_name='sample of automatic rejections, per mille')),
                ('audit_published', models.PositiveSmallIntegerField(blank=True, help_text='So many of a thousand go to the desk, so that it is known what was missed.', null=True, verbose_name='sample of automatic publications, per mille')),
            ],
            options={
                'verbose_name': 'safeguards',
                'verbose_name_plural': 'safeguards',
                'ordering': ('site',),
                'constraints': [models.CheckConstraint(condition=models.Q(('audit_rejected__lte', 1000), ('audit_rejected', None), _connector='OR'), name='safeguards_rejected'), models.CheckConstraint(condition=models.Q(('audit_published__lte', 1000), ('audit_published', None), _connector='OR'), name='safeguards_published')],
            },
        ),
        migrations.CreateModel(
            name='AutomaticRejections',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('full_at', models.DateTimeField(null=True)),
                ('rule', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.rule')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.site')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('site', 'day', 'rule'), name='automatic_rejections_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='BreakerPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pair', models.UUIDField()),
                ('hit_at', models.DateTimeField()),
                ('rule_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.ruleversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('rule_version', 'pair'), name='breaker_pair_once')],
            },
        ),
        migrations.CreateModel(
            name='BreakerTrip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pairs', models.PositiveIntegerField()),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('reset_at', models.DateTimeField(null=True)),
                ('reset_reason', models.TextField(blank=True, default='')),
                ('reset_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='trips', to='moderation.rule')),
                ('rule_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.ruleversion')),
            ],
            options={
                'verbose_name': 'breaker trip',
                'verbose_name_plural': 'breaker trips',
                'indexes': [models.Index(fields=['rule', '-opened_at'], name='breaker_of_rule')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('reset_at__isnull', True)), fields=('rule',), name='breaker_open_once')],
            },
        ),
        migrations.CreateModel(
            name='RuleUndo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('reason', models.TextField()),
                ('counts', models.JSONField(default=dict)),
                ('position', models.BigIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('moved_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule_version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='undos', to='moderation.ruleversion')),
            ],
            options={
                'verbose_name': 'rule undo',
                'verbose_name_plural': 'rule undos',
                'indexes': [models.Index(fields=['rule_version', '-id'], name='rule_undo_of_version')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('rule_version',), name='rule_undo_alone')],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
