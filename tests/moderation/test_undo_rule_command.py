"""`manage.py undo_rule`: what it says, asks, and ends with."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from comments.models import Article, Comment, Site
from moderation.models import Case, Rule, RuleUndo
from moderation.rules import save_rule
from moderation.services import Wanted, begin_rule_undo, decide, screen
from tests import newsroom, world
from tests.moderation.test_rule_undoing import links, send, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


@pytest.fixture
def rule(article: Article) -> Rule:
    """A rule that has rejected three comments just now."""
    rule = links()
    send(article, 3)
    screen()
    return rule


def undo_rule(*arguments: str, rule: str = "links") -> tuple[str, int]:
    """What it printed, and its exit status."""
    said = StringIO()
    try:
        call_command("undo_rule", rule, *arguments, stdout=said, stderr=said)
    except SystemExit as ended:
        return said.getvalue(), int(ended.code or 0)
    return said.getvalue(), 0


def everything() -> list[str]:
    return statuses(sorted(Comment.objects.values_list("pk", flat=True)))


def test_a_dry_run_says_what_would_be_done_and_does_nothing(rule: Rule) -> None:
    said, status = undo_rule("--dry-run")
    first, second, third = sorted(Comment.objects.values_list("pk", flat=True))
    assert "links, version 1, " in said
    assert f"3  published again (#{first}, #{second}, #{third})" in said
    assert status == 0
    assert not RuleUndo.objects.exists()
    assert everything() == ["rejected"] * 3


def test_it_is_recorded_with_who_and_why(rule: Rule, lead: User) -> None:
    said, status = undo_rule("--yes", "--by", "hara", "--reason", "誤検出")
    undo = RuleUndo.objects.get()
    assert (undo.by, undo.reason, undo.counts) == (lead, "誤検出", {"published": 3})
    assert undo.finished_at
    assert said == f"Undo {undo.pk} of links, version 1, is done.\n           3  published again\n"
    assert status == 0
    assert everything() == ["published"] * 3
    said, status = undo_rule("--dry-run")
    assert "3  left alone: nothing of it is left to take back" in said
    assert status == 0


def test_what_people_decided_is_left_alone_and_told(article: Article, lead: User) -> None:
    rule = links(action="hold")
    sent = send(article, 2)
    screen()
    case, version = Case.objects.get(comment=sent[0]), Comment.objects.get(pk=sent[0]).version
    decide([Wanted(case.pk, "reject", version, world.make_reason().pk)], by=lead, now=timezone.now())
    said, status = undo_rule("--yes", "--by", "hara", "--reason", "誤検出", "--json")
    undo, number = RuleUndo.objects.get(), rule.versions.get().number
    told = json.loads(said)
    counts = {name: number for name, number in told.pop("counts").items() if number}
    assert counts == {"published": 1, "decided": 1}
    assert told == {
        "rule": "links",
        "version": number,
        "since": undo.since.isoformat(),
        "until": undo.until.isoformat(),
        "undo": undo.pk,
        "cancelled": False,
        "dry_run": False,
    }
    assert status == 1


def test_a_version_and_a_time(rule: Rule, article: Article, lead: User) -> None:
    rule.name_en = "Other"
    save_rule(rule)
    send(article, 1)
    screen()
    assert "version 2" in undo_rule("--dry-run")[0]
    assert "3  published again" in undo_rule("--dry-run", "--version", "1")[0]
    assert "stopped and flagged nothing" in undo_rule("--dry-run", "--version", "1", "--until", "1h")[0]
    day = timezone.localtime(timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d")
    for since in ("1h", "7d", "2026-04-01", "2026-04-01T09:00", "2026-04-01T00:00:00Z"):
        told = json.loads(undo_rule("--dry-run", "--json", "--since", since, "--until", day)[0])
        assert (told["counts"]["published"], told["dry_run"]) == (1, True), since


def test_cancel_ends_what_goes_on(rule: Rule, lead: User) -> None:
    from tests.moderation.test_rule_undoing import window

    undo = begin_rule_undo(window(rule), by=lead, reason="誤検出", now=timezone.now())
    said, status = undo_rule("--cancel", "--by", "hara")
    assert f"Undo {undo.pk} is cancelled." in said
    assert status == 0
    undo.refresh_from_db()
    assert undo.cancelled_by == lead
    assert everything() == ["rejected"] * 3
    with pytest.raises(CommandError, match="no undo of this version is going on"):
        undo_rule("--cancel", "--by", "hara")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--version", "9"), "--version 9: the rule 'links' has versions 1 to 1."),
        (("--since", "yesterday"), "--since yesterday: write a time like 2026-04-01T09:00"),
        (("--since", "2026-13-40"), "write a time like"),
        (("--since", "1h", "--until", "2h"), "must be before --until"),
        (("--yes",), "give --reason"),
        (("--yes", "--reason", "x"), "give --by"),
        (("--yes", "--reason", "x", "--by", "nobody"), "--by nobody: there is no such account."),
        (("--reason", "x", "--by", "hara"), "nobody is here to be asked"),
    ],
)
def test_wrong_arguments_do_nothing_and_say_how_to_mend_it(
    rule: Rule, lead: User, arguments: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match=told.replace("(", r"\(")) as wrong:
        undo_rule(*arguments)
    assert wrong.value.returncode == 2
    assert not RuleUndo.objects.exists()


def test_an_unknown_rule_is_told_with_those_there_are(rule: Rule) -> None:
    with pytest.raises(CommandError, match="there is no rule 'linx'; there are: links"):
        undo_rule("--dry-run", rule="linx")
