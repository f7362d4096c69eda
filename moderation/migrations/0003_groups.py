"""The groups Moderator, Lead and Auditor, with least rights.

A migration rather than a receiver of `post_migrate`: it runs once, so what an
operator changes in a group afterwards stays changed. Permissions are made by
`post_migrate`, which comes after all migrations; on a new database there are
none yet, so those of the two apps are made here by the same function.
A group that is already there under one of the names is left as it is.
"""

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
)
READS_RULES = (
    "comments.view_membership",
    "comments.view_sitekey",
    "moderation.view_rule",
    "moderation.view_ruleversion",
    "moderation.view_ruleset",
    "moderation.view_wordlist",
    "moderation.view_wordlistversion",
)
GROUPS = {
    # Decides at the desk, takes back what he decided.
    "Moderator": (*READS, "moderation.change_case"),
    # Beside that: rules, word lists, reasons, keys, the floors of sites and articles;
    # takes back what others decided; sees addresses, to tell who is behind a flood.
    "Lead": (
        *READS,
        *READS_RULES,
        "moderation.change_case",
        "moderation.undo_any",
        "moderation.add_rule",
        "moderation.change_rule",
        "moderation.add_wordlist",
        "moderation.change_wordlist",
        "moderation.add_reason",
        "moderation.change_reason",
        "comments.change_site",
        "comments.change_article",
        "comments.add_sitekey",
        "comments.change_sitekey",
        "comments.view_personal_data",
    ),
    # Reads everything, changes nothing. Addresses stay masked: what was decided
    # and why can be audited without them.
    "Auditor": (*READS, *READS_RULES),
}


def make_groups(apps, schema_editor):
    alias = schema_editor.connection.alias
    for label in ("comments", "moderation"):
        config = apps.get_app_config(label)
        # Apps of a migration's state have no models module, which
        # `create_permissions` takes for an app without models.
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=alias)
        config.models_module = None
    fill(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"), alias)


def fill(groups, permissions, alias):
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


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_append_only"),
        ("comments", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
