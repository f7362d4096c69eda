"""What open cases are found by, kept true by triggers: docs/decisions/015 and 020."""

from django.db import migrations

# What is inserted takes nothing away: facets of new cases and new causes are added without looking for what to
# take away. A plan is made once a connection, maybe while the tables are empty: OFFSET 0 keeps rows from being
# found in any way but one by one, by their keys.
ADD_OF_CASES = """
CREATE FUNCTION moderation_add_facets_of_cases(keys bigint[]) RETURNS void LANGUAGE sql AS $$
INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
SELECT k.id, CASE WHEN k.escalated_at IS NULL THEN '' ELSE 'escalated ' END || v.facet,
    k.site_id, k.due_at, k.opened_at
FROM unnest(keys) AS n(id)
CROSS JOIN LATERAL (SELECT * FROM moderation_case k WHERE k.id = n.id OFFSET 0) k
LEFT JOIN LATERAL (
    SELECT c.article_id, c.author_key FROM comments_comment c WHERE c.id = k.comment_id OFFSET 0) c ON true
CROSS JOIN LATERAL (VALUES
    ('open'), ('first'), ('severity:' || k.severity), ('article:' || c.article_id), ('author:' || c.author_key)
) AS v(facet)
WHERE k.closed_at IS NULL AND v.facet IS NOT NULL;
INSERT INTO moderation_regroup (case_id)
SELECT k.id FROM unnest(keys) AS n(id) CROSS JOIN LATERAL (
    SELECT * FROM moderation_case k WHERE k.id = n.id OFFSET 0) k
WHERE k.closed_at IS NULL AND k.comment_id IS NOT NULL
$$;
"""
ADD_OF_CAUSES = """
CREATE FUNCTION moderation_add_facets_of_causes(keys bigint[]) RETURNS void LANGUAGE sql AS $$
INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
SELECT DISTINCT k.id, CASE WHEN k.escalated_at IS NULL THEN '' ELSE 'escalated ' END || v.facet,
    k.site_id, k.due_at, k.opened_at
FROM unnest(keys) AS n(id)
CROSS JOIN LATERAL (SELECT * FROM moderation_casecause u WHERE u.id = n.id OFFSET 0) u
CROSS JOIN LATERAL (SELECT * FROM moderation_case k WHERE k.id = u.case_id OFFSET 0) k
LEFT JOIN LATERAL (
    SELECT r.rule_id, r.reason_id FROM moderation_finding f JOIN moderation_ruleversion r ON r.id = f.rule_version_id
    WHERE f.id = u.finding_id OFFSET 0) r ON true
CROSS JOIN LATERAL (VALUES
    ('check:' || u.kind), ('rule:' || r.rule_id), ('reason:' || r.reason_id)
) AS v(facet)
WHERE k.closed_at IS NULL AND v.facet IS NOT NULL
ON CONFLICT (case_id, facet) DO NOTHING
$$;
"""
# Who comes into a queue is an entry of it until `services.grouping` has looked, rather than in none; who is in
# it already stays what he is. What is gone is looked for beside a hashed list of what is wanted: not each facet
# against each.
RENEW = """
CREATE FUNCTION moderation_renew_facets(keys bigint[]) RETURNS void LANGUAGE sql AS $$
DELETE FROM moderation_casetext t WHERE t.case_id = ANY(keys)
    AND NOT EXISTS (SELECT FROM moderation_case k WHERE k.id = t.case_id AND k.closed_at IS NULL);
WITH open AS (
    SELECT k.id, k.site_id, k.opened_at, k.due_at, k.severity, k.group_id, c.article_id, c.author_key,
        CASE WHEN k.escalated_at IS NULL THEN '' ELSE 'escalated ' END AS queue
    FROM moderation_case k LEFT JOIN comments_comment c ON c.id = k.comment_id
    WHERE k.id = ANY(keys) AND k.closed_at IS NULL
), wanted AS (
    SELECT open.id, open.queue || v.facet AS facet, open.site_id, open.due_at, open.opened_at
    FROM open CROSS JOIN LATERAL (VALUES
        ('open'), ('severity:' || severity), ('article:' || article_id), ('author:' || author_key), ('group:' || group_id),
        (CASE WHEN group_id IS NULL OR NOT EXISTS (
            SELECT FROM moderation_casefacet f WHERE f.case_id = open.id AND f.facet = open.queue || 'open'
        ) OR EXISTS (
            SELECT FROM moderation_casefacet f WHERE f.case_id = open.id AND f.facet = open.queue || 'first'
        ) THEN 'first' END)
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
      AND (f.case_id, f.facet) NOT IN (SELECT w.id, w.facet FROM wanted w)
)
INSERT INTO moderation_casefacet AS f (case_id, facet, site_id, due_at, opened_at)
SELECT id, facet, site_id, due_at, opened_at FROM wanted ORDER BY id, facet
ON CONFLICT (case_id, facet) DO UPDATE SET due_at = excluded.due_at, opened_at = excluded.opened_at
    WHERE (f.due_at, f.opened_at) IS DISTINCT FROM (excluded.due_at, excluded.opened_at);
$$;
"""
# Of a case only what its facets say; a lease or a note of who closed it is nothing to them.
SAID = "id, group_id, comment_id, site_id, severity, opened_at, due_at, closed_at IS NULL, escalated_at IS NULL"
# Whoever takes the first of a group out of its queue puts the next in its place, and holds its row until he is
# done: it cannot be closed meanwhile by somebody who does not know that it is the first. See docs/decisions/020.
OF_CASES = f"""
DECLARE
    keys bigint[]; cases bigint[]; sites bigint[]; of_groups bigint[]; firsts text[]; next_id bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(id) INTO keys FROM (SELECT {SAID} FROM new_rows EXCEPT SELECT {SAID} FROM old_rows) k;
    ELSE
        SELECT array_agg(id) INTO keys FROM old_rows;
    END IF;
    IF keys IS NULL THEN RETURN NULL; END IF;
    SELECT array_agg(o.id), array_agg(o.site_id), array_agg(o.group_id), array_agg(f.facet)
    INTO cases, sites, of_groups, firsts
    FROM old_rows o JOIN moderation_casefacet f
        ON f.case_id = o.id AND f.facet IN ('first', 'escalated first')
    WHERE o.id = ANY(keys) AND o.group_id IS NOT NULL;
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
END"""
OF_CAUSES = """
DECLARE keys bigint[];
BEGIN
    SELECT array_agg(DISTINCT case_id) INTO keys FROM old_rows;
    IF keys IS NOT NULL THEN PERFORM moderation_renew_facets(keys); END IF;
    RETURN NULL;
END"""
OF_NEW = """
BEGIN
    PERFORM moderation_add_facets_of_{}((SELECT array_agg(id) FROM new_rows));
    RETURN NULL;
END"""
FUNCTIONS = {
    "new_cases": OF_NEW.format("cases"),
    "cases": OF_CASES,
    "new_causes": OF_NEW.format("causes"),
    "causes": OF_CAUSES,
}
# PostgreSQL lets a statement's trigger see its rows for one kind of statement at a time.
TRIGGERS = (
    ("moderation_case", "insert", "NEW TABLE AS new_rows", "new_cases"),
    ("moderation_case", "update", "OLD TABLE AS old_rows NEW TABLE AS new_rows", "cases"),
    ("moderation_case", "delete", "OLD TABLE AS old_rows", "cases"),
    ("moderation_casecause", "insert", "NEW TABLE AS new_rows", "new_causes"),
    ("moderation_casecause", "delete", "OLD TABLE AS old_rows", "causes"),
)


def function_sql(of, body):
    return f"CREATE OR REPLACE FUNCTION moderation_facets_of_{of}() RETURNS trigger LANGUAGE plpgsql AS $${body} $$;"


def function(of, body):
    return migrations.RunSQL(function_sql(of, body), f"DROP FUNCTION moderation_facets_of_{of}();")


def trigger(table, event, rows, of):
    return migrations.RunSQL(
        f"""CREATE TRIGGER facets_{event} AFTER {event.upper()} ON {table} REFERENCING {rows}
        FOR EACH STATEMENT EXECUTE FUNCTION moderation_facets_of_{of}();""",
        f"DROP TRIGGER facets_{event} ON {table};",
    )


OPERATIONS = (
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
    migrations.RunSQL(ADD_OF_CASES, "DROP FUNCTION moderation_add_facets_of_cases(bigint[]);"),
    migrations.RunSQL(ADD_OF_CAUSES, "DROP FUNCTION moderation_add_facets_of_causes(bigint[]);"),
    migrations.RunSQL(RENEW, "DROP FUNCTION moderation_renew_facets(bigint[]);"),
    *(function(of, body) for of, body in FUNCTIONS.items()),
    *(trigger(*each) for each in TRIGGERS),
)
