"""Sites, articles, comments, imports, and who was shown personal data.

It takes the place of all that came before the first release; a database that has them has this, too.
"""

import comments.drafts
import comments.ids
import comments.models.sites
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import re
from django.conf import settings
from django.db import migrations, models

from comments.migrations import _append_only


class Migration(migrations.Migration):

    replaces = [
        ('comments', '0001_initial'),
        ('comments', '0002_revision_author'),
        ('comments', '0003_parent_sure'),
        ('comments', '0004_erased'),
        ('comments', '0005_import_chunks'),
        ('comments', '0006_room_for_decisions'),
        ('comments', '0007_sources'),
        ('comments', '0008_undone_imports'),
        ('comments', '0009_steer_runs'),
        ('comments', '0010_being_undone'),
        ('comments', '0011_authors'),
        ('comments', '0012_audit'),
    ]

    initial = True

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=50, unique=True, validators=[django.core.validators.RegexValidator(re.compile('^[-a-zA-Z0-9_]+\\Z'), 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.', 'invalid')], verbose_name='slug')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('language', models.CharField(choices=[('ja', '日本語'), ('en', 'English')], default='ja', max_length=2, verbose_name='language')),
                ('zone', models.CharField(default='Asia/Tokyo', max_length=64, validators=[comments.models.sites.validate_zone], verbose_name='time zone')),
                ('floor', models.CharField(choices=[('open', 'open: rules alone decide'), ('hold_new', 'hold new authors: a person decides on those not yet trusted'), ('hold_all', 'hold all: a person decides on everything'), ('closed', 'closed: nothing is taken in')], default='hold_all', max_length=8, verbose_name='floor')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'site',
                'verbose_name_plural': 'sites',
                'ordering': ('slug',),
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='comments.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'constraints': [models.UniqueConstraint(fields=('user', 'site'), name='membership_once')],
            },
        ),
        migrations.CreateModel(
            name='SiteKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='comments.site', verbose_name='site')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('prefix', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
            ],
            options={
                'verbose_name': 'site key',
                'verbose_name_plural': 'site keys',
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.site')),
                ('key', models.CharField(max_length=255)),
                ('payload', models.BinaryField(max_length=32)),
                ('status_code', models.PositiveSmallIntegerField()),
                ('answer', models.JSONField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='idempotency_key_oldest')],
                'constraints': [models.UniqueConstraint(fields=('site', 'key'), name='idempotency_key_once')],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='comments.site', verbose_name='site')),
                ('external_id', models.CharField(blank=True, max_length=200, null=True, verbose_name="publisher's id")),
                ('url', models.CharField(blank=True, max_length=2000, verbose_name='URL')),
                ('title', models.CharField(blank=True, max_length=1000, verbose_name='title')),
                ('body', models.TextField(blank=True, verbose_name='body')),
                ('source', models.CharField(blank=True, max_length=1000, verbose_name='source')),
                ('related', models.JSONField(blank=True, default=list, verbose_name='related articles')),
                ('credit', models.CharField(blank=True, max_length=1000, verbose_name='picture credit')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published')),
                ('floor', models.CharField(blank=True, choices=[('open', 'open: rules alone decide'), ('hold_new', 'hold new authors: a person decides on those not yet trusted'), ('hold_all', 'hold all: a person decides on everything'), ('closed', 'closed: nothing is taken in')], default='', max_length=8, verbose_name='floor')),
                ('revision', models.PositiveIntegerField(default=1, editable=False, verbose_name='revision')),
                ('sources_version', models.BigIntegerField(db_default=1, editable=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'indexes': [models.Index(fields=['site', '-created_at'], name='article_newest_of_site')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('site', 'external_id'), name='article_external_id')],
            },
        ),
        migrations.CreateModel(
            name='ArticleURL',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.site')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='urls', to='comments.article')),
                ('url', models.CharField(max_length=2000, verbose_name='URL')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('site', 'url'), name='article_url_once')],
            },
        ),
        migrations.CreateModel(
            name='ArticleRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='comments.article')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('title', models.CharField(blank=True, max_length=1000, verbose_name='title')),
                ('body', models.TextField(blank=True, verbose_name='body')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created')),
            ],
            options={
                'verbose_name': 'article revision',
                'verbose_name_plural': 'article revisions',
                'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='article_revision_once')],
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='time')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('operator', models.CharField(blank=True, default='', max_length=64, verbose_name='account of the machine')),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.site', verbose_name='site')),
                ('by_page', models.CharField(choices=[('card', 'a card at the desk'), ('desk-search', 'a search at the desk for an e-mail address'), ('comment', 'the page of a comment'), ('search', 'a search in the archive for an e-mail address'), ('tryout', 'the samples of a try-out'), ('sanction', 'the page of a sanction'), ('preview', 'the preview of a sanction'), ('entry', 'an entry of the ledger'), ('ledger', 'a download of the ledger'), ('to-mend', 'a file of rows to mend'), ('export-command', 'the command export_comments'), ('ledger-command', 'the command import_ledger')], max_length=16, verbose_name='shown by')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('email', 'e-mail'), ('address', 'network address'), ('agent', 'user agent'), ('row', 'raw rows of imports')], max_length=8), size=None, verbose_name='kinds of data')),
                ('comments', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='comments')),
                ('about', models.BigIntegerField(null=True, verbose_name='number')),
            ],
            options={
                'verbose_name': 'view of personal data',
                'verbose_name_plural': 'views of personal data',
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['by', '-id'], name='disclosure_to_person'), django.contrib.postgres.indexes.GinIndex(fields=['comments'], name='disclosure_of_comment')],
            },
        ),
        migrations.CreateModel(
            name='ImportSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='import_sources', to='comments.site', verbose_name='site')),
                ('slug', models.CharField(max_length=100, validators=[django.core.validators.RegexValidator(re.compile('^[-a-zA-Z0-9_]+\\Z'), 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.', 'invalid')], verbose_name='slug')),
                ('address', models.CharField(blank=True, max_length=1000, verbose_name='source address')),
                ('format', models.CharField(blank=True, max_length=20, verbose_name='format')),
                ('policy', models.CharField(blank=True, choices=[('enforce', 'enforce: as if it came in today'), ('flag', 'flag: nothing is rejected; what a rule would stop is published and flagged'), ('trusted', 'trusted: published; rules only record')], max_length=7, verbose_name='policy')),
                ('zone', models.CharField(blank=True, max_length=64, validators=[comments.models.sites.validate_zone], verbose_name='time zone')),
                ('encoding', models.CharField(blank=True, max_length=40, verbose_name='encoding')),
                ('columns', models.JSONField(blank=True, default=dict, verbose_name='columns')),
                ('url', models.CharField(blank=True, max_length=2000, verbose_name='URL')),
                ('credentials', models.JSONField(blank=True, default=dict, verbose_name='credentials')),
                ('max_megabytes', models.PositiveIntegerField(default=2048, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='megabytes at most')),
                ('max_seconds', models.PositiveIntegerField(default=3600, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(86400)], verbose_name='seconds at most')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='import_sources', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('due_at', models.DateTimeField(editable=False, null=True, verbose_name='next time')),
                ('claimed_until', models.DateTimeField(editable=False, null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='failures')),
                ('error', models.TextField(blank=True, editable=False, verbose_name='error')),
                ('skipped_at', models.DateTimeField(editable=False, null=True, verbose_name='left alone')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'import source',
                'verbose_name_plural': 'import sources',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='import_source_due'), models.Index(condition=models.Q(('claimed_until__isnull', False)), fields=['claimed_until'], name='import_source_claimed')],
                'constraints': [models.UniqueConstraint(fields=('site', 'slug'), name='import_source_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='comments.importsource', verbose_name='import source')),
                ('path', models.CharField(max_length=1000, verbose_name='path')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('format', models.CharField(max_length=20, verbose_name='format')),
                ('policy', models.CharField(choices=[('enforce', 'enforce: as if it came in today'), ('flag', 'flag: nothing is rejected; what a rule would stop is published and flagged'), ('trusted', 'trusted: published; rules only record')], max_length=7, verbose_name='policy')),
                ('options', models.JSONField(default=dict)),
                ('status', models.CharField(choices=[('running', 'running'), ('paused', 'paused'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='running', max_length=9, verbose_name='status')),
                ('asked', models.CharField(blank=True, choices=[('pause', 'pause'), ('cancel', 'cancel')], default='', editable=False, max_length=6)),
                ('counts', models.JSONField(default=dict, verbose_name='counts')),
                ('position', models.BigIntegerField(default=0, verbose_name='rows settled')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('unchanged', models.CharField(blank=True, choices=[('not-modified', 'its server says that it has not changed since the last run'), ('same-stamp', 'it has the size and the time of the last run'), ('same-bytes', 'it has the same bytes as in the last run')], max_length=12, verbose_name='unchanged')),
                ('stamp', models.JSONField(default=dict, editable=False)),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='started')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('owner', models.CharField(blank=True, editable=False, max_length=300)),
                ('attempt', models.PositiveIntegerField(default=1, editable=False)),
                ('heartbeat_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='last sign of life')),
                ('first_comment_id', models.BigIntegerField(editable=False, null=True)),
                ('last_comment_id', models.BigIntegerField(editable=False, null=True)),
                ('announced_id', models.BigIntegerField(editable=False, null=True)),
                ('fraction', models.FloatField(editable=False, null=True)),
                ('undone_at', models.DateTimeField(editable=False, null=True, verbose_name='undone')),
                ('being_undone', models.BooleanField(db_default=False, default=False, editable=False)),
            ],
            options={
                'verbose_name': 'import run',
                'verbose_name_plural': 'import runs',
                'ordering': ('-id',),
                'permissions': [('steer_importrun', 'Can pause, go on with and cancel import runs')],
                'indexes': [models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['heartbeat_at'], name='import_run_unfinished')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'running')), fields=('source',), name='import_run_alone')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=comments.ids.uuid7, editable=False, verbose_name='id')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.site', verbose_name='site')),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='comments.article', verbose_name='article')),
                ('source', models.CharField(default='api', max_length=100, verbose_name='source')),
                ('external_id', models.CharField(blank=True, max_length=200, null=True, verbose_name='id at the source')),
                ('import_run', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.importrun', verbose_name='import run')),
                ('kind', models.CharField(default=comments.drafts.Kind['COMMENT'], max_length=9, verbose_name='kind')),
                ('number', models.PositiveIntegerField(null=True, verbose_name='number')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='comments.comment', verbose_name='in reply to')),
                ('parent_how', models.CharField(blank=True, choices=[('given', 'given'), ('reference', 'by its reference'), ('quote', 'by its quote')], default='', max_length=9)),
                ('parent_sure', models.PositiveSmallIntegerField(null=True)),
                ('author_name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('author_email', models.CharField(blank=True, max_length=254, verbose_name='e-mail')),
                ('author_url', models.CharField(blank=True, max_length=2000, verbose_name='website')),
                ('author_id', models.CharField(blank=True, max_length=200, verbose_name='author id')),
                ('author_verified', models.BooleanField(default=False, verbose_name='author verified')),
                ('author_key', models.UUIDField(editable=False, null=True)),
                ('identity', models.BooleanField(default=True, editable=False)),
                ('ip', models.GenericIPAddressField(null=True, verbose_name='address')),
                ('user_agent', models.CharField(blank=True, max_length=500, verbose_name='user agent')),
                ('form_token', models.CharField(blank=True, db_default='', default='', editable=False, max_length=7)),
                ('form_seconds', models.PositiveIntegerField(editable=False, null=True)),
                ('form_trap', models.BooleanField(db_default=False, default=False, editable=False)),
                ('body', models.TextField(verbose_name='body')),
                ('folded', models.TextField(editable=False)),
                ('fingerprint', models.BigIntegerField(editable=False)),
                ('folder_version', models.PositiveSmallIntegerField(editable=False)),
                ('revision', models.PositiveIntegerField(default=1, editable=False, verbose_name='revision')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('published_revision', models.PositiveIntegerField(editable=False, null=True)),
                ('posted_at', models.DateTimeField(verbose_name='posted')),
                ('claimed_posted_at', models.DateTimeField(null=True, verbose_name='posted, by its sender')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received')),
                ('live', models.BooleanField(default=True, editable=False)),
                ('source_state', models.CharField(blank=True, default='', max_length=8, verbose_name='state at the source')),
                ('status', models.CharField(choices=[('received', 'received'), ('published', 'published'), ('held', 'held'), ('rejected', 'rejected')], default='received', editable=False, max_length=9, verbose_name='status')),
                ('erased_at', models.DateTimeField(editable=False, null=True, verbose_name='erased')),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='withdrawn')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'permissions': [('view_personal_data', 'Can see e-mail and network addresses'), ('erase_comment', 'Can erase what a person typed')],
                'indexes': [models.Index(fields=['article', 'posted_at', 'id'], name='comment_thread'), models.Index(condition=models.Q(('author_key__isnull', False)), fields=['author_key', 'posted_at'], name='comment_by_author'), models.Index(condition=models.Q(('ip__isnull', False)), fields=['ip', 'site', 'posted_at'], name='comment_by_address'), models.Index(condition=models.Q(('fingerprint', 0), _negated=True), fields=['fingerprint', 'site', 'posted_at'], name='comment_by_fingerprint'), models.Index(fields=['site', '-id'], name='comment_newest_of_site')],
                'constraints': [models.UniqueConstraint(fields=('public_id',), name='comment_public_id'), models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('site', 'source', 'external_id'), name='comment_once_a_source')],
            },
        ),
        migrations.CreateModel(
            name='CommentRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='comments.comment')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('author_name', models.CharField(blank=True, default='', max_length=200, verbose_name='name')),
                ('author_url', models.CharField(blank=True, default='', max_length=2000, verbose_name='website')),
                ('body', models.TextField(verbose_name='body')),
                ('folded', models.TextField(editable=False)),
                ('fingerprint', models.BigIntegerField(editable=False)),
                ('folder_version', models.PositiveSmallIntegerField(editable=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='replaced')),
                ('import_run', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.importrun')),
                ('former', models.JSONField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'comment revision',
                'verbose_name_plural': 'comment revisions',
                'indexes': [models.Index(condition=models.Q(('import_run__isnull', False)), fields=['import_run', 'comment'], name='comment_revision_of_run')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'number'), name='comment_revision_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='comments.importrun')),
                ('number', models.PositiveIntegerField()),
                ('payload', models.BinaryField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('stored_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('stored_at__isnull', True)), fields=['run', 'number'], name='import_chunk_waits')],
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='import_chunk_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='marks', to='comments.importrun')),
                ('position', models.BigIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('place', models.CharField(max_length=200)),
                ('article', models.BigIntegerField(null=True)),
                ('comment', models.BigIntegerField(null=True)),
                ('parent', models.CharField(blank=True, max_length=200)),
                ('forward', models.BooleanField(db_default=False)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('article__isnull', False)), fields=['run', 'article'], name='import_mark_article'), models.Index(condition=models.Q(('article__isnull', True), ('comment__isnull', True)), fields=['run', 'position'], name='import_mark_waits'), models.Index(condition=models.Q(('parent', ''), _negated=True), fields=['run', 'forward', 'position'], name='import_mark_parent')],
            },
        ),
        migrations.CreateModel(
            name='ImportProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='comments.importrun', verbose_name='import run')),
                ('refused', models.BooleanField(verbose_name='refused')),
                ('position', models.BigIntegerField(db_default=0, editable=False)),
                ('kind', models.CharField(max_length=8, verbose_name='kind')),
                ('place', models.CharField(max_length=200, verbose_name='place')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('reason', models.TextField(verbose_name='reason')),
                ('raw', models.TextField(blank=True, verbose_name='row')),
            ],
            options={
                'verbose_name': 'import problem',
                'verbose_name_plural': 'import problems',
                'indexes': [models.Index(fields=['run', 'position', 'id'], name='import_problem_of_run')],
            },
        ),
        # Every comment is updated once, when it is decided. Where the new version of the row fits on its page, no
        # index has to be written again (a HOT update): half of each page is left free for it.
        migrations.RunSQL(
            "ALTER TABLE comments_comment SET (fillfactor = 50)",
            "ALTER TABLE comments_comment RESET (fillfactor)",
        ),
        *_append_only.OPERATIONS,
    ]
