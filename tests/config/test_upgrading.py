"""Databases that `migrate` refuses."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def applied() -> set[tuple[str, str]]:
    return set(MigrationRecorder(connection).applied_migrations())


def forget(app: str, *, keep: str = "") -> None:
    """What a version before the one migration left that came to `keep`, and nothing since."""
    ones = MigrationLoader(None).replacements.values()
    replaced = {each for one in ones for each in one.replaces}
    for label, name in applied():
        if label == app and (name > keep or (label, name) not in replaced):
            MigrationRecorder(connection).record_unapplied(label, name)


@pytest.mark.parametrize(
    ("comments", "moderation", "stopped"),
    [
        ("0012_audit", "0024_bulk", "moderation.0025_reason_offered"),
        ("0004_erased", "0003_groups", "comments.0005_import_chunks"),
        # A first `migrate` that was killed: all of `comments` comes before `moderation`.
        ("0005_import_chunks", "", "comments.0006_room_for_decisions"),
    ],
)
def test_a_database_in_between_is_told_where_it_stopped(comments: str, moderation: str, stopped: str) -> None:
    forget("comments", keep=comments)
    forget("moderation", keep=moderation)
    forget("sessions")
    before = applied()
    with pytest.raises(CommandError, match=f"before {stopped}, "):
        call_command("migrate", verbosity=0)
    assert applied() == before


def test_all_that_has_become_one_is_not_in_between() -> None:
    forget("comments", keep="0012_audit")
    forget("moderation", keep="0025_reason_offered")
    call_command("migrate", verbosity=0)
    ones = {("comments", "0001_squashed_0012_audit"), ("moderation", "0001_squashed_0025_reason_offered")}
    assert ones <= applied()
