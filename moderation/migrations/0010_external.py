"""What services outside answered, and which comments they are being asked about."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0009_steer_runs'),
        ('moderation', '0009_tryouts'),
    ]

    operations = [
        migrations.AddField(
            model_name='pending',
            name='asking_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='ExternalAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('service', models.CharField(max_length=12)),
                ('hit', models.BooleanField(default=False)),
                ('score', models.PositiveSmallIntegerField(null=True)),
                ('label', models.CharField(blank=True, default='', max_length=30)),
                ('failure', models.CharField(blank=True, default='', max_length=20)),
                ('milliseconds', models.PositiveIntegerField()),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('comment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment')),
            ],
            options={
                'indexes': [models.Index(fields=['service', '-asked_at'], name='external_answer_lately')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'revision', 'service'), name='external_answer_once')],
            },
        ),
    ]
