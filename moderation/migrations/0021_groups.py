"""Open cases that are alike are one entry of the queue: the first of a group has a facet of its own."""

from importlib import import_module

from django.db import migrations, models

finding = import_module("moderation.migrations.0016_deskfind")
adding = import_module("moderation.migrations.0017_add_facets")


def replaced(sql, *pairs):
    for old, new in pairs:
        assert old in sql, old
        sql = sql.replace(old, new)
    return sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


OLD_ADD = replaced(adding.OF_CASES)
ADD = replaced(
    adding.OF_CASES,
    ("('open'), ", "('open'), ('first'), "),
    ("AND v.facet IS NOT NULL\n$$;", "AND v.facet IS NOT NULL;\n"
     "INSERT INTO moderation_regroup (case_id)\n"
     "SELECT k.id FROM unnest(keys) AS n(id) CROSS JOIN LATERAL (\n"
     "    SELECT * FROM moderation_case k WHERE k.id = n.id OFFSET 0) k\n"
     "WHERE k.closed_at IS NULL AND k.comment_id IS NOT NULL\n$$;"),
)  # fmt: skip

OLD_RENEW = replaced(finding.RENEW, (adding.ANTI_JOIN, adding.NOT_LISTED))
# Who comes into a queue is an entry of it until `services.grouping` has looked, rather than in none; who is in
# it already stays what he is.
RENEW = replaced(
    OLD_RENEW,
    ("k.severity, c.article_id", "k.severity, k.group_id, c.article_id"),
    ("('author:' || author_key)\n", "('author:' || author_key), ('group:' || group_id),\n"
     "        (CASE WHEN group_id IS NULL OR NOT EXISTS (\n"
     "            SELECT FROM moderation_casefacet f WHERE f.case_id = open.id AND f.facet = open.queue || 'open'\n"
     "        ) OR EXISTS (\n"
     "            SELECT FROM moderation_casefacet f WHERE f.case_id = open.id AND f.facet = open.queue || 'first'\n"
     "        ) THEN 'first' END)\n"),
)  # fmt: skip

OLD_CHANGED = f"""CREATE OR REPLACE FUNCTION moderation_facets_of_cases() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE keys bigint[];
BEGIN {finding.CHANGED["cases"]}
    IF keys IS NOT NULL THEN PERFORM moderation_renew_facets(keys); END IF;
    RETURN NULL;
END $$;"""
# Whoever takes the first of a group out of its queue puts the next in its place, and holds its row until he is
# done: it cannot be closed meanwhile by somebody who does not know that it is the first. See docs/decisions/020.
CHANGED = f"""CREATE OR REPLACE FUNCTION moderation_facets_of_cases() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[]; cases bigint[]; sites bigint[]; of_groups bigint[]; firsts text[]; next_id bigint;
BEGIN {finding.CHANGED["cases"].replace("SELECT id, comment_id", "SELECT id, group_id, comment_id")}
    IF keys IS NULL THEN RETURN NULL; END IF;
    IF TG_OP <> 'INSERT' THEN
        SELECT array_agg(o.id), array_agg(o.site_id), array_agg(o.group_id), array_agg(f.facet)
        INTO cases, sites, of_groups, firsts
        FROM old_rows o JOIN moderation_casefacet f
            ON f.case_id = o.id AND f.facet IN ('first', 'escalated first')
        WHERE o.id = ANY(keys) AND o.group_id IS NOT NULL;
    END IF;
    PERFORM moderation_renew_facets(keys);
    INSERT INTO moderation_regroup (case_id)
    SELECT k.id FROM moderation_case k
    WHERE k.id = ANY(keys) AND k.group_id IS NOT NULL AND k.closed_at IS NULL;
    FOR at IN 1 .. coalesce(array_length(cases, 1), 0) LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM moderation_casefacet f WHERE f.case_id = cases[at] AND f.facet = firsts[at]);
        SELECT k.id INTO next_id FROM moderation_casefacet f JOIN moderation_case k ON k.id = f.case_id
        WHERE f.site_id = sites[at] AND f.facet = replace(firsts[at], 'first', 'group:' || of_groups[at])
          AND k.closed_at IS NULL AND (k.escalated_at IS NULL) = (firsts[at] = 'first')
        ORDER BY f.due_at, f.case_id LIMIT 1 FOR NO KEY UPDATE OF k;
        CONTINUE WHEN NOT FOUND;
        INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
        SELECT k.id, firsts[at], k.site_id, k.due_at, k.opened_at FROM moderation_case k WHERE k.id = next_id
        ON CONFLICT (case_id, facet) DO NOTHING;
    END LOOP;
    RETURN NULL;
END $$;"""
WAITING = """
INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
SELECT f.case_id, replace(f.facet, 'open', 'first'), f.site_id, f.due_at, f.opened_at
FROM moderation_casefacet f WHERE f.facet IN ('open', 'escalated open');
INSERT INTO moderation_regroup (case_id)
SELECT k.id FROM moderation_case k WHERE k.closed_at IS NULL AND k.comment_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0020_near")]
    operations = [
        migrations.CreateModel(
            name="Regroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("case_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(model_name="case", name="group_id", field=models.BigIntegerField(null=True)),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(closed_at__isnull=True, group_id__isnull=False),
                fields=["site"],
                name="case_in_group",
            ),
        ),
        migrations.RunSQL(ADD, OLD_ADD),
        migrations.RunSQL(RENEW, OLD_RENEW),
        migrations.RunSQL(CHANGED, OLD_CHANGED),
        migrations.RunSQL(
            WAITING, "DELETE FROM moderation_casefacet WHERE facet ~ '^(escalated )?(first|group:.*)$'"
        ),
    ]
