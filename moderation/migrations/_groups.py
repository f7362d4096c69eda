"""The groups Moderator, Lead and Auditor, with least rights.

A migration rather than a receiver of `post_migrate`: it runs once, so what an
operator changes in a group afterwards stays changed. Permissions are made by
`post_migrate`, which comes after all migrations; on a new database there are
none yet, so those that are granted are made here by the same function.
A group that is already there under one of the names is left as it is.
"""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

READS = (
    "comments.view_site",
    "comments.view_article",
    "comments.view_articlerevision",
    "comments.view_articleurl",
    "comments.view_comment",
    "comments.view_commentrevision",
    "comments.view_importsource",
    "comments.view_importrun",
    "comments.view_importproblem",
    "moderation.view_reason",
    "moderation.view_case",
    "moderation.view_casecause",
    "moderation.view_decision",
    "moderation.view_finding",
    "moderation.view_evidence",
    "moderation.view_quote",
    "moderation.view_sanction",
)
READS_RULES = (
    "comments.view_membership",
    "comments.view_sitekey",
    "moderation.view_rule",
    "moderation.view_ruleversion",
    "moderation.view_ruleset",
    "moderation.view_wordlist",
    "moderation.view_wordlistversion",
    "moderation.view_safeguards",
    "moderation.view_moderators",
)
DECIDES = ("moderation.change_case", "moderation.add_sanction")
GROUPS = {
    # Decides at the desk, takes back what he decided; sets sanctions at his sites, lifts his own.
    "Moderator": (*READS, *DECIDES),
    # Beside that: rules, word lists, reasons, safeguards, keys, the floors of sites and articles, sources and
    # runs of imports; takes back and lifts what others did; sees addresses, to tell who is behind a flood.
    "Lead": (
        *READS,
        *READS_RULES,
        *DECIDES,
        "moderation.decide_escalated",
        "moderation.undo_any",
        "moderation.undo_import",
        "moderation.lift_sanction",
        "moderation.add_rule",
        "moderation.change_rule",
        "moderation.add_wordlist",
        "moderation.change_wordlist",
        "moderation.add_reason",
        "moderation.change_reason",
        "moderation.add_safeguards",
        "moderation.change_safeguards",
        "comments.change_site",
        "comments.change_article",
        "comments.add_sitekey",
        "comments.change_sitekey",
        "comments.view_personal_data",
        "comments.steer_importrun",
        "comments.add_importsource",
        "comments.change_importsource",
    ),
    # Reads everything, changes nothing. Addresses stay masked: what was decided
    # and why can be audited without them.
    "Auditor": (*READS, *READS_RULES, "comments.view_disclosure", "auth.view_user", "auth.view_group"),
}


def make_groups(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    for label in ("auth", "comments", "moderation"):
        config = apps.get_app_config(label)
        # Apps of a migration's state have no models module, which
        # `create_permissions` takes for an app without models.
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=alias)
        config.models_module = None
    fill(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"), alias)


def fill(groups: Any, permissions: Any, alias: str) -> None:
    for name, rights in GROUPS.items():
        group, made = groups.objects.using(alias).get_or_create(name=name)
        if not made:
            continue
        for right in rights:
            label, codename = right.split(".")
            found = permissions.objects.using(alias).get(
                content_type__app_label=label, codename=codename
            )
            group.permissions.add(found)


OPERATIONS = (migrations.RunPython(make_groups, migrations.RunPython.noop),)
