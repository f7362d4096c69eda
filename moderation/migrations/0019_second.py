"""Second eyes, ways back, and where rules and people disagree."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0011_authors'),
        ('moderation', '0018_audit'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='rulejudgement',
            name='is_observed',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='rulejudgement',
            name='site',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.site'),
        ),
        # The last statement has the new keys looked up, so that the columns can be altered.
        migrations.RunSQL(
            """
            UPDATE moderation_rulejudgement j SET site_id = c.site_id, is_observed = v.mode = 'observe'
            FROM comments_comment c, moderation_ruleversion v
            WHERE c.id = j.comment_id AND v.id = j.rule_version_id;
            SET CONSTRAINTS ALL IMMEDIATE
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='rulejudgement',
            name='is_observed',
            field=models.BooleanField(),
        ),
        migrations.AlterField(
            model_name='rulejudgement',
            name='site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.site'),
        ),
        migrations.AlterField(
            model_name='note',
            name='kind',
            field=models.CharField(choices=[('note', 'noted'), ('escalated', 'escalated'), ('released', 'released'), ('withdrawn', 'note taken back')], default='note', max_length=9, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['by', '-id'], name='note_by_person'),
        ),
        migrations.AddIndex(
            model_name='rulejudgement',
            index=models.Index(condition=models.Q(('is_right', False)), fields=['rule_version', 'site', '-id'], name='rule_disagreement'),
        ),
        migrations.AddIndex(
            model_name='rulejudgement',
            index=models.Index(condition=models.Q(('is_observed', True), ('is_right', False)), fields=['site', '-id'], name='rule_disagreement_observed'),
        ),
        migrations.AddIndex(
            model_name='sanction',
            index=models.Index(fields=['kind', 'match'], name='sanction_by_target'),
        ),
        migrations.AddIndex(
            model_name='sanction',
            index=models.Index(fields=['created_by', '-id'], name='sanction_by_person'),
        ),
    ]
