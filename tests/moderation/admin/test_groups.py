"""The groups that the migration makes."""

import pytest
from django.contrib.auth.models import Group, Permission

from moderation.migrations import _groups

WRITES = ("add_", "change_", "delete_")

pytestmark = pytest.mark.django_db


def rights(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


def test_they_have_least_rights() -> None:
    moderator, lead, auditor = rights("Moderator"), rights("Lead"), rights("Auditor")
    assert {right for right in moderator if right.startswith(WRITES)} == {"change_case", "add_sanction"}
    assert {
        "steer_importrun",
        "add_importsource",
        "change_importsource",
        "undo_import",
    } < lead - moderator - auditor
    assert "view_personal_data" in lead - moderator - auditor
    assert moderator < lead
    assert {right for right in auditor if not right.startswith("view_")} == set()
    assert not {
        right
        for right in lead
        if right.startswith("delete_")
        or (right.endswith(("_user", "_group", "_membership")) and not right.startswith("view_"))
    }


def test_running_it_again_leaves_what_an_operator_changed() -> None:
    group = Group.objects.get(name="Moderator")
    group.permissions.remove(Permission.objects.get(codename="view_article"))
    _groups.fill(Group, Permission, "default")
    assert "view_article" not in rights("Moderator")
