"""The log is append-only: row triggers refuse UPDATE and DELETE.

Row triggers only: a TRUNCATE trigger would break tests that empty tables.
"""

from django.db import migrations

TABLES = (
    "moderation_decision",
    "moderation_finding",
    "moderation_ruleversion",
    "moderation_ruleset",
    "moderation_ruleset_versions",
    "moderation_wordlistversion",
    "moderation_bulkdecision",
    "moderation_bulkrow",
)

FUNCTION = """
CREATE FUNCTION moderation_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Append a row that supersedes it instead.';
END $$;
"""
# The one change of a sanction is to lift it, once: what it was against stays readable for ever.
LIFTED_ONCE = """WHEN (OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
    OR (to_jsonb(OLD) - '{lifted_at,lifted_by_id,lifted_why}'::text[])
        <> (to_jsonb(NEW) - '{lifted_at,lifted_by_id,lifted_why}'::text[]))"""


def trigger(table, name="append_only", event="BEFORE UPDATE OR DELETE", when=""):
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION moderation_append_only();",
        f"DROP TRIGGER {name} ON {table};",
    )


OPERATIONS = (
    migrations.RunSQL(FUNCTION, "DROP FUNCTION moderation_append_only();"),
    *(trigger(table) for table in TABLES),
    # A note may be erased with the comment, and not be changed.
    trigger("moderation_note", event="BEFORE UPDATE"),
    trigger("moderation_sanction", "lifted_once", "BEFORE UPDATE", LIFTED_ONCE),
    trigger("moderation_sanction", event="BEFORE DELETE"),
    # The facts of a decision are counters; a text that a person typed
    # would have no business there, nor room.
    migrations.RunSQL(
        "ALTER TABLE moderation_decision ADD CONSTRAINT decision_facts_small "
        "CHECK (octet_length(facts::text) <= 1024);",
        "ALTER TABLE moderation_decision DROP CONSTRAINT decision_facts_small;",
    ),
)
