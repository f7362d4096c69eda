"""Who was shown personal data; and the admin's log of changes can no longer be changed itself."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


FUNCTION = """
CREATE FUNCTION comments_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
# Row triggers only, as for decisions. A disclosure may be forgotten after a year (`Disclosure.KEPT_DAYS`).
TRIGGERS = (
    ("comments_disclosure", "append_only", "BEFORE UPDATE", ""),
    ("comments_disclosure", "kept", "BEFORE DELETE", "WHEN (OLD.at > now() - interval '365 days')"),
    ("django_admin_log", "append_only", "BEFORE UPDATE OR DELETE", ""),
)


def trigger(table, name, event, when):
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION comments_append_only();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('comments', '0011_authors'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='time')),
                ('operator', models.CharField(blank=True, default='', max_length=64, verbose_name='account of the machine')),
                ('by_page', models.CharField(choices=[('card', 'a card at the desk'), ('desk-search', 'a search at the desk for an e-mail address'), ('comment', 'the page of a comment'), ('search', 'a search in the archive for an e-mail address'), ('tryout', 'the samples of a try-out'), ('sanction', 'the page of a sanction'), ('preview', 'the preview of a sanction'), ('entry', 'an entry of the ledger'), ('ledger', 'a download of the ledger'), ('to-mend', 'a file of rows to mend'), ('export-command', 'the command export_comments'), ('ledger-command', 'the command import_ledger')], max_length=16, verbose_name='shown by')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('email', 'e-mail'), ('address', 'network address'), ('agent', 'user agent'), ('row', 'raw rows of imports')], max_length=8), size=None, verbose_name='kinds of data')),
                ('comments', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='comments')),
                ('about', models.BigIntegerField(null=True, verbose_name='number')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'view of personal data',
                'verbose_name_plural': 'views of personal data',
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['by', '-id'], name='disclosure_to_person'), django.contrib.postgres.indexes.GinIndex(fields=['comments'], name='disclosure_of_comment')],
            },
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION comments_append_only();"),
        *(trigger(*each) for each in TRIGGERS),
    ]
