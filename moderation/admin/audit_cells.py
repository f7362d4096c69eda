"""The columns of the audit's tables: what an entry of each log shows, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.models import DisclosedBy, DisclosedKind
from moderation.admin.sentences import cause_in_words
from moderation.audit import Log
from moderation.audit.changes import RULE_SET, Change

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ACTIONS = {"added": _("added"), "changed": _("changed"), "deleted": _("deleted")}
# Comments of a view that a row of the table names.
NAMED = 5
# The page of what `about` counts, by the page that showed data.
ABOUT = {
    DisclosedBy.TRYOUT: "admin:moderation_tryout_change",
    DisclosedBy.SANCTION: "admin:moderation_sanction_change",
    DisclosedBy.ENTRY: "admin:comments_importproblem_change",
    DisclosedBy.LEDGER: "admin:comments_importrun_change",
    DisclosedBy.TO_MEND: "admin:comments_importrun_change",
    DisclosedBy.LEDGER_COMMAND: "admin:comments_importrun_change",
}


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and where they lead; nowhere without a page that one may open."""

    words: str
    url: str = ""


COLUMNS = {
    Log.DECISIONS: [
        *(
            _("Time"),
            _("By"),
            _("Comment"),
            _("Text"),
            _("Decision"),
            _("Cause"),
            _("Reason"),
            _("Under which rules"),
        ),
    ],
    Log.VIEWS: [_("Time"), _("By"), _("Site"), _("Shown by"), _("Kinds of data"), _("Comments"), _("About")],
    Log.CHANGES: [_("Time"), _("By"), _("Site"), _("What"), _("Which"), _("Change")],
}


def _decision_cells(row: Any, user: User) -> list[list[Link]]:
    comment = Link(f"#{row.comment_id}", _page("admin:comments_comment_change", row.comment_id))
    change = f"{row.get_from_status_display()} → {row.get_to_status_display()}"
    rules = [
        Link(f"{each.rule_version} v{each.rule_version.number}", _rule_page(each.rule_version, user))
        for each in row.findings.all()
    ]
    if row.rule_set_id:
        words = gettext("rule set %(number)s") % {"number": f"#{row.rule_set_id}"}
        rules.insert(0, Link(words, _seen_page(user, "moderation", "ruleset", row.rule_set_id)))
    return [
        [comment, Link(row.comment.site.name)],
        [Link(gettext("revision %(number)d") % {"number": row.revision})],
        [Link(change, _page("admin:moderation_decision_change", row.pk))],
        [Link(cause_in_words(row.cause))],
        [Link(str(row.reason))] if row.reason else [],
        rules,
    ]


def _view_cells(row: Any, _user: User) -> list[list[Link]]:
    about = ABOUT.get(row.by_page)
    comments = [Link(f"#{key}", _page("admin:comments_comment_change", key)) for key in row.comments[:NAMED]]
    if len(row.comments) > NAMED:
        comments.append(Link(gettext("and %(count)d more") % {"count": len(row.comments) - NAMED}))
    return [
        [Link(row.site.name if row.site else gettext("all sites"))],
        [Link(row.get_by_page_display())],
        [Link(", ".join(str(DisclosedKind(kind).label) for kind in row.kinds))],
        comments,
        [Link(f"#{row.about}", _page(about, row.about) if about else "")] if row.about else [],
    ]


def _change_cells(row: Change, user: User) -> list[list[Link]]:
    app, _dot, model = row.model.partition(".")
    try:
        kind = str(apps.get_model(app, model)._meta.verbose_name)
    except LookupError:
        kind = row.model
    url = _seen_page(user, app, model, row.key) if row.target is not None else ""
    told = (
        gettext("now in force")
        if row.model == RULE_SET
        else f"{ACTIONS[row.action]}: {row.told}".rstrip(" :")
    )
    return [
        [Link(row.site.name)] if row.site else [],
        [Link(kind)],
        [Link(row.name, url)],
        [Link(told)],
    ]


CELLS = {Log.DECISIONS: _decision_cells, Log.VIEWS: _view_cells, Log.CHANGES: _change_cells}


def _page(name: str, key: int) -> str:
    return reverse(name, args=[key])


def _rule_page(version: Any, user: User) -> str:
    """The page of a rule with all its versions and what each changed."""
    return _seen_page(user, "moderation", "rule", version.rule_id)


def _seen_page(user: User, app: str, model: str, key: int | str) -> str:
    """The page of a row in the admin, if there is one that he may open."""
    if not user.has_perm(f"{app}.view_{model}"):
        return ""
    try:
        return reverse(f"admin:{app}_{model}_change", args=[key])
    except NoReverseMatch:
        return ""
