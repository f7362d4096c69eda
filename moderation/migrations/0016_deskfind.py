"""What open cases are found by, kept true by triggers."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.functions import Now

RENEW = """
CREATE FUNCTION moderation_renew_facets(keys bigint[]) RETURNS void LANGUAGE sql AS $$
DELETE FROM moderation_casetext t WHERE t.case_id = ANY(keys)
    AND NOT EXISTS (SELECT FROM moderation_case k WHERE k.id = t.case_id AND k.closed_at IS NULL);
WITH open AS (
    SELECT k.id, k.site_id, k.opened_at, k.due_at, k.severity, c.article_id, c.author_key,
        CASE WHEN k.escalated_at IS NULL THEN '' ELSE 'escalated ' END AS queue
    FROM moderation_case k LEFT JOIN comments_comment c ON c.id = k.comment_id
    WHERE k.id = ANY(keys) AND k.closed_at IS NULL
), wanted AS (
    SELECT open.id, open.queue || v.facet AS facet, open.site_id, open.due_at, open.opened_at
    FROM open CROSS JOIN LATERAL (VALUES
        ('open'), ('severity:' || severity), ('article:' || article_id), ('author:' || author_key)
    ) AS v(facet)
    WHERE v.facet IS NOT NULL
    UNION
    SELECT open.id, open.queue || v.facet AS facet, open.site_id, open.due_at, open.opened_at
    FROM open
    JOIN moderation_casecause u ON u.case_id = open.id
    LEFT JOIN moderation_finding f ON f.id = u.finding_id
    LEFT JOIN moderation_ruleversion r ON r.id = f.rule_version_id
    CROSS JOIN LATERAL (VALUES
        ('check:' || u.kind), ('rule:' || r.rule_id), ('reason:' || r.reason_id)
    ) AS v(facet)
    WHERE v.facet IS NOT NULL
), gone AS (
    DELETE FROM moderation_casefacet f
    WHERE f.case_id = ANY(keys)
      AND NOT EXISTS (SELECT FROM wanted w WHERE w.id = f.case_id AND w.facet = f.facet)
)
INSERT INTO moderation_casefacet AS f (case_id, facet, site_id, due_at, opened_at)
SELECT id, facet, site_id, due_at, opened_at FROM wanted ORDER BY id, facet
ON CONFLICT (case_id, facet) DO UPDATE SET due_at = excluded.due_at, opened_at = excluded.opened_at
    WHERE (f.due_at, f.opened_at) IS DISTINCT FROM (excluded.due_at, excluded.opened_at);
$$;
"""

# Of a case only what its facets say; a lease or a note of who closed it is nothing to them.
SAID = "id, comment_id, site_id, severity, opened_at, due_at, closed_at IS NULL, escalated_at IS NULL"
CHANGED = {
    "cases": f"""
        IF TG_OP = 'UPDATE' THEN
            SELECT array_agg(id) INTO keys FROM (SELECT {SAID} FROM new_rows EXCEPT SELECT {SAID} FROM old_rows) k;
        ELSIF TG_OP = 'INSERT' THEN
            SELECT array_agg(id) INTO keys FROM new_rows;
        ELSE
            SELECT array_agg(id) INTO keys FROM old_rows;
        END IF;""",
    "causes": """
        IF TG_OP = 'INSERT' THEN
            SELECT array_agg(DISTINCT case_id) INTO keys FROM new_rows;
        ELSE
            SELECT array_agg(DISTINCT case_id) INTO keys FROM old_rows;
        END IF;""",
}
TABLES = {"cases": "moderation_case", "causes": "moderation_casecause"}
# PostgreSQL lets a statement's trigger see its rows for one kind of statement at a time.
EVENTS = {
    "cases": {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    },
    "causes": {"insert": "NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"},
}


def trigger_function(what):
    return migrations.RunSQL(
        f"""CREATE FUNCTION moderation_facets_of_{what}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE keys bigint[];
        BEGIN {CHANGED[what]}
            IF keys IS NOT NULL THEN PERFORM moderation_renew_facets(keys); END IF;
            RETURN NULL;
        END $$;""",
        f"DROP FUNCTION moderation_facets_of_{what}();",
    )


def trigger(what, event, rows):
    return migrations.RunSQL(
        f"""CREATE TRIGGER facets_{event} AFTER {event.upper()} ON {TABLES[what]} REFERENCING {rows}
        FOR EACH STATEMENT EXECUTE FUNCTION moderation_facets_of_{what}();""",
        f"DROP TRIGGER facets_{event} ON {TABLES[what]};",
    )


def write_texts(apps, schema_editor):
    """Cases that are open already are searched, too."""
    from moderation.services import case_texts

    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT comment_id FROM moderation_case WHERE closed_at IS NULL AND comment_id IS NOT NULL"
        )
        keys = [key for (key,) in cursor.fetchall()]
    for start in range(0, len(keys), 1_000):
        case_texts.write_texts(keys[start : start + 1_000])


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("moderation", "0015_deskact"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseFacet",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "facet", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("facet", models.CharField(max_length=60)),
                ("site_id", models.BigIntegerField()),
                ("due_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="facets",
                        to="moderation.case",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["site_id", "facet", "due_at", "case_id"],
                        include=["opened_at"],
                        name="case_by_facet",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseText",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.DO_NOTHING,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="moderation.case",
                    ),
                ),
                ("text", models.TextField()),
                ("private", models.TextField()),
                ("grams", ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                "indexes": [
                    GinIndex(fields=["grams"], gin_pending_list_limit=512, name="case_text_grams")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=600)),
                ("created_at", models.DateTimeField(db_default=Now())),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="comments.site",
                        verbose_name="site",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="saved_view_once")
                ],
            },
        ),
        # The array is read by its index alone: compressing it, and telling its commonest elements, is in vain.
        migrations.RunSQL(
            """ALTER TABLE moderation_casetext
                   ALTER COLUMN grams SET STORAGE EXTERNAL, ALTER COLUMN grams SET STATISTICS 0""",
            migrations.RunSQL.noop,
        ),
        # Counting reads the index alone where pages are known to be visible to all: vacuum tells it.
        migrations.RunSQL(
            """ALTER TABLE moderation_casefacet SET (
                autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)""",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(RENEW, "DROP FUNCTION moderation_renew_facets(bigint[]);"),
        *(trigger_function(what) for what in TABLES),
        *(trigger(what, event, rows) for what, events in EVENTS.items() for event, rows in events.items()),
        migrations.RunSQL(
            """SELECT moderation_renew_facets(array_agg(id)) FROM moderation_case WHERE closed_at IS NULL
               HAVING count(*) > 0""",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(write_texts, migrations.RunPython.noop),
    ]
