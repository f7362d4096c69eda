"""Decisions taken together: which they were, appended beside the log."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


def trigger(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION moderation_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0023_dashboard'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField()),
                ('to_status', models.CharField(blank=True, choices=[('received', 'received'), ('published', 'published'), ('held', 'held'), ('rejected', 'rejected')], default='', max_length=9, verbose_name='to')),
                ('asked', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='decided')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('reason', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.reason', verbose_name='reason')),
                ('undoes', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='moderation.bulkdecision', verbose_name='undoes')),
            ],
            options={
                'verbose_name': 'bulk decision',
                'verbose_name_plural': 'bulk decisions',
            },
        ),
        migrations.CreateModel(
            name='BulkRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(max_length=9)),
                ('bulk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='moderation.bulkdecision')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.case')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bulk_row', to='moderation.decision')),
            ],
        ),
        migrations.AddConstraint(
            model_name='bulkdecision',
            constraint=models.UniqueConstraint(fields=('by', 'token'), name='bulk_decision_once'),
        ),
        migrations.AddConstraint(
            model_name='bulkrow',
            constraint=models.UniqueConstraint(fields=('bulk', 'case'), name='bulk_row_once'),
        ),
        trigger("moderation_bulkdecision"),
        trigger("moderation_bulkrow"),
    ]
