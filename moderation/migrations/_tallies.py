"""What the dashboard counts, kept true by triggers: docs/decisions/017."""

from django.db import migrations

# How a row that is named by another is found. For the few of a statement one by one, by its key: a connection
# makes a trigger's plan once, maybe while tables are empty, and OFFSET 0 leaves it no other way. For all of a
# table however it is cheapest.
ONE_BY_ONE = "LEFT JOIN LATERAL (SELECT * FROM {table} r WHERE r.id = {key} OFFSET 0) {name} ON true"
AT_ONCE = "LEFT JOIN {table} {name} ON {name}.id = {key}"


def told(tallies, rows, how=ONE_BY_ONE):
    """What some rows add, with the rows found that they name."""
    return tallies.format(
        rows=rows,
        comment_of_d=how.format(table="comments_comment", key="d.comment_id", name="c"),
        comment_of_q=how.format(table="comments_comment", key="q.comment_id", name="c"),
        case_of_d=how.format(table="moderation_case", key="d.case_id", name="k"),
        superseded=how.format(table="moderation_decision", key="u.supersedes_id", name="d"),
    )


# Each of these gives rows (site_id, at, kind, key, n) of what the rows of `{rows}` add, `n` times each.
CASES = """
SELECT k.site_id, v.at, v.kind, v.key, k.n FROM ({rows}) k
CROSS JOIN LATERAL (VALUES
    ('in', k.opened_at, ''),
    ('out', k.closed_at, CASE WHEN k.closed_by_id IS NOT NULL THEN 'person' ELSE k.closed_why END),
    ('open', CASE WHEN k.closed_at IS NULL THEN k.opened_at END, k.place),
    ('due', CASE WHEN k.closed_at IS NULL THEN k.due_at END, k.place)
) AS v(kind, at, key)
WHERE v.at IS NOT NULL
"""
# What rules made of comments that nobody had judged before.
MACHINE = """
SELECT c.site_id, d.created_at AS at, CASE WHEN d.import_run_id IS NULL THEN 'rules' ELSE 'import' END AS kind,
    d.to_status AS key, 1 AS n
FROM {rows} d {comment_of_d}
WHERE d.by_id IS NULL AND d.from_status = 'received' AND d.cause NOT IN ('erased', 'import-undo')
"""
# What a person's decision says. Of waiting times four to a doubling, from a second on; for one that takes the
# place of another nobody has waited.
PEOPLE = """
SELECT c.site_id, d.created_at AS at, v.kind, v.key, d.n
FROM ({rows}) d {comment_of_d} {case_of_d}
CROSS JOIN LATERAL (VALUES
    ('decided', d.to_status::text),
    ('by', d.by_id || ':' || d.to_status),
    ('reason', d.reason_id::text),
    ('late', CASE WHEN d.cause <> 'anew' AND d.created_at > k.due_at THEN '' END),
    ('wait', CASE WHEN d.cause <> 'anew' THEN floor(4 * ln(greatest(extract(epoch FROM d.created_at - k.opened_at)::float8, 1))
        / ln(2::float8))::text END)
) AS v(kind, key)
WHERE v.key IS NOT NULL
UNION ALL
SELECT c.site_id, d.created_at, 'rule',
    r.rule_id || CASE d.to_status WHEN 'rejected' THEN ':right' ELSE ':wrong' END, d.n
FROM ({rows}) d {comment_of_d}
CROSS JOIN LATERAL (
    SELECT DISTINCT v.rule_id
    FROM (SELECT * FROM moderation_decision s WHERE s.comment_id = d.comment_id OFFSET 0) s
    CROSS JOIN LATERAL (SELECT * FROM moderation_finding f WHERE f.decision_id = s.id OFFSET 0) f
    JOIN moderation_ruleversion v ON v.id = f.rule_version_id
    WHERE s.revision = d.revision AND s.by_id IS NULL AND s.id < d.id
) r
"""
# Decisions of people that a person took back, at the time when he did.
TAKEN_BACK = """
SELECT c.site_id, u.created_at AS at, 'undone' AS kind, '' AS key, 1 AS n
FROM {rows} u {superseded} {comment_of_d}
WHERE u.cause = 'undo' AND d.by_id IS NOT NULL AND d.cause <> 'undo'
"""
QUOTES = """
SELECT c.site_id, c.received_at AS at, CASE WHEN c.live THEN 'quote' ELSE 'oldquote' END AS kind,
    q.verdict AS key, q.n
FROM ({rows}) q {comment_of_q} WHERE c.id IS NOT NULL
"""
ADD = """
INSERT INTO moderation_tallychange (site_id, at, kind, key, number)
SELECT t.site_id, date_bin('15 minutes', t.at, timestamptz '2000-01-03 00:00+00') AS at, t.kind, t.key, sum(t.n)
FROM ({tallies}) t GROUP BY 1, 2, 3, 4 HAVING sum(t.n) <> 0 ORDER BY 1, 2, 3, 4;
"""

CASE = """site_id, opened_at, due_at, closed_at, closed_by_id, closed_why,
    CASE WHEN escalated_at IS NULL THEN severity::text ELSE 'escalated' END AS place"""
DECISION = "id, comment_id, revision, to_status, cause, by_id, reason_id, case_id, created_at"
QUOTE = "comment_id, verdict"
# Of the decisions of a statement: those that people took, and those that they took back.
PEOPLES = f"""
SELECT {DECISION}, 1 AS n FROM new_rows WHERE by_id IS NOT NULL AND cause <> 'undo'
UNION ALL
SELECT {", ".join(f"p.{name}" for name in DECISION.split(", "))}, -1 AS n FROM new_rows u
CROSS JOIN LATERAL (SELECT * FROM moderation_decision r WHERE r.id = u.supersedes_id OFFSET 0) p
WHERE u.cause = 'undo' AND p.by_id IS NOT NULL AND p.cause <> 'undo'
"""
STANDING = f"""
SELECT {DECISION}, 1 AS n FROM moderation_decision p WHERE by_id IS NOT NULL AND cause <> 'undo'
    AND NOT EXISTS (SELECT FROM moderation_decision u WHERE u.supersedes_id = p.id AND u.cause = 'undo')
"""
DECIDED = (
    ADD.format(tallies=told(MACHINE, "new_rows"))
    + "IF EXISTS (SELECT FROM new_rows WHERE by_id IS NOT NULL) THEN"
    + ADD.format(tallies=told(PEOPLE, PEOPLES) + "UNION ALL" + told(TAKEN_BACK, "new_rows"))
    + "END IF;"
)
EVENTS = {
    "insert": ("NEW TABLE AS new_rows", {1: "new_rows"}),
    "update": ("OLD TABLE AS old_rows NEW TABLE AS new_rows", {1: "new_rows", -1: "old_rows"}),
    "delete": ("OLD TABLE AS old_rows", {-1: "old_rows"}),
}
# Everything, from the rows that it is told by: how `moderation_tally` is made anew, and what tests compare with.
COUNTED = "UNION ALL".join((
    told(CASES, f"SELECT {CASE}, 1 AS n FROM moderation_case", AT_ONCE),
    told(MACHINE, "moderation_decision", AT_ONCE),
    told(PEOPLE, STANDING, AT_ONCE),
    told(TAKEN_BACK, "moderation_decision", AT_ONCE),
    told(QUOTES, f"SELECT {QUOTE}, 1 AS n FROM moderation_quote", AT_ONCE),
))  # fmt: skip


def trigger(table, event, rows, body):
    name = f"moderation_tally_{table}_{event}"
    return migrations.RunSQL(
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {body} RETURN NULL; END $$;
            CREATE TRIGGER tally_{event} AFTER {event.upper()} ON moderation_{table} REFERENCING {rows}
            FOR EACH STATEMENT EXECUTE FUNCTION {name}();""",
        f"DROP TRIGGER tally_{event} ON moderation_{table}; DROP FUNCTION {name}();",
    )


def triggers(table, columns, tallies):
    """Before and after of a statement's rows: what did not change comes to nothing."""
    for event, (rows, signed) in EVENTS.items():
        both = " UNION ALL ".join(f"SELECT {columns}, {n} AS n FROM {each}" for n, each in signed.items())
        yield trigger(table, event, rows, ADD.format(tallies=told(tallies, both)))

OPERATIONS = (
    # Written and emptied all the time, and read whole by every page: its dead rows go early.
    migrations.RunSQL(
        """ALTER TABLE moderation_tallychange SET (
            autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)""",
        migrations.RunSQL.noop,
    ),
    migrations.RunSQL(
        f"""CREATE FUNCTION moderation_counted_tallies()
            RETURNS TABLE (site_id bigint, at timestamptz, kind text, key text, number bigint)
            LANGUAGE sql STABLE AS $$
            SELECT t.site_id, date_bin('15 minutes', t.at, timestamptz '2000-01-03 00:00+00'), t.kind, t.key,
                sum(t.n)
            FROM ({COUNTED}) t GROUP BY 1, 2, 3, 4 HAVING sum(t.n) <> 0 $$;""",
        "DROP FUNCTION moderation_counted_tallies();",
    ),
    *triggers("case", CASE, CASES),
    *triggers("quote", QUOTE, QUOTES),
    trigger("decision", "insert", EVENTS["insert"][0], DECIDED),
)
