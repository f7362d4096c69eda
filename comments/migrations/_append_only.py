"""What is only added to: who was shown personal data, and the admin's log of changes."""

from django.db import migrations

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


OPERATIONS = (
    migrations.RunSQL(FUNCTION, "DROP FUNCTION comments_append_only();"),
    *(trigger(*each) for each in TRIGGERS),
)
