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
)

FUNCTION = """
CREATE FUNCTION moderation_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Append a row that supersedes it instead.';
END $$;
"""


def trigger(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION moderation_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION moderation_append_only();"),
        *(trigger(table) for table in TABLES),
        # The facts of a decision are counters; a text that a person typed
        # would have no business there, nor room.
        migrations.RunSQL(
            "ALTER TABLE moderation_decision ADD CONSTRAINT decision_facts_small "
            "CHECK (octet_length(facts::text) <= 1024);",
            "ALTER TABLE moderation_decision DROP CONSTRAINT decision_facts_small;",
        ),
    ]
