"""`manage.py load_rules`: what is there stays as people have made it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from moderation.models import Reason, Rule, RuleSet, WordList
from moderation.rules import in_force, save_rule, save_word_list

pytestmark = pytest.mark.django_db


def load() -> str:
    said = StringIO()
    call_command("load_rules", stdout=said)
    return said.getvalue()


def test_a_new_installation_gets_all_in_force_at_once() -> None:
    assert in_force().rule_set is None
    load()
    assert len(in_force().rules) == Rule.objects.exclude(mode="off").count() > 5
    assert WordList.objects.get(slug="threats").versions.count() == 1
    insults = Rule.objects.get(slug="words-insults").versions.get()
    assert insults.word_list_version is not None
    assert "馬鹿" in insults.word_list_version.words


def test_a_second_time_changes_nothing() -> None:
    load()
    before = in_force().rule_set
    assert "0 added" in load()
    assert (in_force().rule_set, RuleSet.objects.filter(pk__gt=before).exists()) == (before, False)


def test_what_people_changed_stays() -> None:
    load()
    rule = Rule.objects.get(slug="links-many")
    rule.mode = "off"
    save_rule(rule)
    words = WordList.objects.get(slug="spam")
    words.words = "誰でも簡単に稼げ"
    save_word_list(words)
    Reason.objects.filter(slug="spam").update(label_ja="広告")
    load()
    assert Rule.objects.get(slug="links-many").mode == "off"
    assert WordList.objects.get(slug="spam").words == "誰でも簡単に稼げ"
    assert Reason.objects.get(slug="spam").label_ja == "広告"


def test_what_is_missing_is_added_beside_it() -> None:
    load()
    Reason.objects.get(slug="closed").delete()
    assert "reasons: 1 added, 16 there already: closed" in load()
    assert Reason.objects.filter(slug="closed").exists()
