"""Quotes that are kept true: of which article, when traced, what is to be traced again.

The indexes of foreign keys give way to those of the questions that are asked.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

OF_WHICH_ARTICLE = """
UPDATE moderation_quote q SET article_id = c.article_id FROM comments_comment c WHERE c.id = q.comment_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0004_erased"),
        ("moderation", "0004_quote_differences"),
    ]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="article",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="comments.article",
            ),
        ),
        migrations.RunSQL(OF_WHICH_ARTICLE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="quote",
            name="article",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="comments.article",
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="traced_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AlterField(
            model_name="quote",
            name="article_revision",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="comments.articlerevision",
            ),
        ),
        migrations.AlterField(
            model_name="quote",
            name="source_comment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quoted_by",
                to="comments.comment",
            ),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                condition=models.Q(("source_comment__isnull", False)),
                fields=["source_comment", "comment"],
                name="quote_of_comment",
            ),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                condition=models.Q(("article_revision__isnull", False)),
                fields=["article", "comment"],
                name="quote_of_article",
            ),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                condition=models.Q(
                    ("verdict__in", ("stale", "hidden", "later", "altered", "missing")),
                    ("misattributed", True),
                    _connector="OR",
                ),
                fields=["article", "traced_at"],
                name="quote_unsettled",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="closed_why",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.CreateModel(
            name="Retrace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unsettled", models.BooleanField(db_default=False, default=False)),
                ("after", models.BigIntegerField(db_default=0, default=0)),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="comments.article",
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="comments.comment",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="comments.comment",
                    ),
                ),
            ],
        ),
    ]
