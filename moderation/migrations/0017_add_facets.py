"""Facets of new cases and new causes are added without looking for what to take away."""

from django.db import migrations

# What is inserted takes nothing away, and `moderation_renew_facets` compared every facet of a batch with
# every other. A plan is made once a connection, maybe while the tables are empty: OFFSET 0 keeps rows
# from being found in any way but one by one, by their keys. See docs/decisions/015.
OF_CASES = """
CREATE FUNCTION moderation_add_facets_of_cases(keys bigint[]) RETURNS void LANGUAGE sql AS $$
INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
SELECT k.id, CASE WHEN k.escalated_at IS NULL THEN '' ELSE 'escalated ' END || v.facet,
    k.site_id, k.due_at, k.opened_at
FROM unnest(keys) AS n(id)
CROSS JOIN LATERAL (SELECT * FROM moderation_case k WHERE k.id = n.id OFFSET 0) k
LEFT JOIN LATERAL (
    SELECT c.article_id, c.author_key FROM comments_comment c WHERE c.id = k.comment_id OFFSET 0) c ON true
CROSS JOIN LATERAL (VALUES
    ('open'), ('severity:' || k.severity), ('article:' || c.article_id), ('author:' || c.author_key)
) AS v(facet)
WHERE k.closed_at IS NULL AND v.facet IS NOT NULL
$$;
"""
OF_CAUSES = """
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
# Beside a hashed list of what is wanted: not each facet against each.
ANTI_JOIN = "NOT EXISTS (SELECT FROM wanted w WHERE w.id = f.case_id AND w.facet = f.facet)"
NOT_LISTED = "(f.case_id, f.facet) NOT IN (SELECT w.id, w.facet FROM wanted w)"
SWAP = """
DO $do$
BEGIN
    EXECUTE replace(pg_get_functiondef('moderation_renew_facets(bigint[])'::regprocedure), '{}', '{}');
END $do$;
"""
ADDED = {"cases": OF_CASES, "causes": OF_CAUSES}
TABLES = {"cases": "moderation_case", "causes": "moderation_casecause"}


def adding(what):
    def trigger(function):
        return f"""CREATE OR REPLACE TRIGGER facets_insert AFTER INSERT ON {TABLES[what]}
            REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}();"""

    return migrations.RunSQL(
        f"""{ADDED[what]}
        CREATE FUNCTION moderation_facets_of_new_{what}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM moderation_add_facets_of_{what}((SELECT array_agg(id) FROM new_rows));
            RETURN NULL;
        END $$;
        {trigger(f"moderation_facets_of_new_{what}")}""",
        f"""{trigger(f"moderation_facets_of_{what}")}
        DROP FUNCTION moderation_facets_of_new_{what}();
        DROP FUNCTION moderation_add_facets_of_{what}(bigint[]);""",
    )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0016_deskfind")]
    operations = [
        *(adding(what) for what in TABLES),
        migrations.RunSQL(SWAP.format(ANTI_JOIN, NOT_LISTED), SWAP.format(NOT_LISTED, ANTI_JOIN)),
    ]
