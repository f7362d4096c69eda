"""The audit: its three logs, narrowed, exact in who and when, exported."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.disclosing import DisclosedBy, disclose, disclose_file
from comments.models import Article, Comment, Disclosure, Site
from moderation.audit import Asked, Log, changes, decisions, find
from moderation.audit.writing import WRITERS
from moderation.models import BreakerTrip, Case, Decision, Reason, Rule, RuleSet, WordList
from moderation.rules import save_rule, save_word_list
from moderation.safety import reset_breaker
from moderation.services import SanctionTerms, Wanted, decide, lift, sanction, screen, undo
from moderation.targets import Kind, target_of
from tests import newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "kansa", "Auditor"))
    return client


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator", last_name="森", first_name="あかり")


@pytest.fixture
def hara(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


@pytest.fixture
def spam(article: Article) -> Case:
    """The open case of a comment that the rule on links stopped."""
    newsroom.make_rules()
    return newsroom.case_of(newsroom.open_cases(article)[2])


def publish(case: Case, by: User) -> Decision:
    assert case.comment is not None
    version = Comment.objects.get(pk=case.comment.pk).version
    (result,) = decide([Wanted(case.pk, "publish", version)], by=by, now=timezone.now())
    assert result.decision_id is not None
    return Decision.objects.get(pk=result.decision_id)


def case_args(case: Case) -> dict[str, int]:
    """The filter for the comment of a case."""
    assert case.comment_id is not None
    return {"comment": case.comment_id}


def entries(client: Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get(reverse("desk:audit"), query)
    assert response.status_code == 200
    return [line.entry.values for line in response.context["lines"]]


def lines(client: Client, form: str, **query: Any) -> str:
    response: Any = client.get(reverse("desk:audit_file", args=[form]), query)
    assert response.status_code == 200
    return str(b"".join(response.streaming_content).decode())


def test_a_decision_says_who_what_when_on_which_text_under_which_rules(
    spam: Case, mori: User, auditor: Client
) -> None:
    made = publish(spam, mori)
    (first, second) = entries(auditor, comment=spam.comment_id)
    assert first == {
        "id": made.pk, "time": made.created_at, "site": "asagiri", "by": "mori", "comment": spam.comment_id,
        "revision": 1, "from": "held", "to": "published", "cause": "person", "reason": "",
        "rule_set": made.rule_set_id,
        "rules": [], "case": spam.pk, "supersedes": made.supersedes_id, "import_run": None,
    }  # fmt: skip
    assert (second["by"], second["cause"], second["to"]) == ("", "rules", "held")
    assert second["rules"] == ["links v1 enforce"]
    assert second["rule_set"] == RuleSet.objects.latest("pk").pk
    page = auditor.get(reverse("desk:audit"), case_args(spam)).content.decode()
    assert "森 あかり" in page
    rule = Rule.objects.get(slug="links")
    for link in (
        reverse("admin:moderation_rule_change", args=[rule.pk]),
        reverse("admin:moderation_ruleset_change", args=[second["rule_set"]]),
        reverse("admin:moderation_decision_change", args=[made.pk]),
    ):
        assert f'href="{link}"' in page


def test_decisions_are_narrowed(spam: Case, mori: User, hara: User, site: Site, auditor: Client) -> None:
    made = publish(spam, mori)
    undo(made.pk, by=hara, now=timezone.now())
    undone = Decision.objects.latest("pk")
    assert [each["id"] for each in entries(auditor, person=mori.pk)] == [made.pk]
    assert [each["id"] for each in entries(auditor, person=hara.pk)] == [undone.pk]
    assert [each["id"] for each in entries(auditor, kind="undo")] == [undone.pk]
    everything = Decision.objects.count()
    assert len(entries(auditor, site=site.pk)) == everything
    assert entries(auditor, site=site.pk + 1) == []
    today = timezone.localdate()
    assert {each["id"] for each in entries(auditor, since=today, until=today)} == {made.pk, undone.pk}
    assert len(entries(auditor, since="2026-01-10", until="2026-01-10")) == everything - 2
    assert entries(auditor, until="2026-01-09") == []
    assert entries(auditor, since=today + timedelta(days=1)) == []
    assert (
        len(entries(auditor, person="x", site="9" * 40, kind="<b>", comment="²", since="nie")) == everything
    )


def test_a_page_goes_on_where_the_last_ended(
    spam: Case, mori: User, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = list(Decision.objects.order_by("-pk").values_list("pk", flat=True))
    got: list[int] = []
    after: int | None = None
    for _ in keys:
        found = find(Log.DECISIONS, Asked(user=mori), after, 1)
        got += [each.values["id"] for each in found.entries]
        after = found.after
    assert got == keys
    assert after is None
    # So much is looked at and no more; the page says so and goes on behind it.
    monkeypatch.setattr(decisions, "LOOKED_AT", 2)
    found = find(Log.DECISIONS, Asked(user=mori, kind="import"), None, 50)
    assert (found.entries, found.cut, found.after) == ([], True, keys[1])


def test_views_say_who_saw_what_of_whom(spam: Case, hara: User, site: Site, auditor: Client) -> None:
    assert spam.comment is not None
    disclose([spam.comment], DisclosedBy.CARD, by=hara)
    (row,) = entries(auditor, log="views")
    seen = Disclosure.objects.get()
    assert row == {
        "id": seen.pk, "time": seen.at, "site": site.slug, "by": "hara", "operator": "", "page": "card",
        "kinds": ["email"], "comments": [spam.comment_id], "about": None,
    }  # fmt: skip
    assert len(entries(auditor, log="views", person=hara.pk, kind="card", comment=spam.comment_id)) == 1
    for none in ({"kind": "export-command"}, {"comment": 1}, {"person": 1}, {"site": site.pk + 1}):
        assert entries(auditor, log="views", **none) == []
    # What is of all sites is everybody's to read; who works elsewhere is not.
    tanin = newsroom.make_person(world.make_site("yunagi"), "tanin", "Lead")
    for by in (tanin, hara):
        disclose_file(Disclosure(by_page=DisclosedBy.SANCTION), by=by)
    assert [each["by"] for each in entries(auditor, log="views")] == ["hara", "", "hara"]


def test_who_saw_a_comment_is_found_by_its_index(spam: Case, hara: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = on")
        cursor.execute(
            f"EXPLAIN SELECT 1 FROM comments_disclosure WHERE comments @> ARRAY[{spam.comment_id}]::bigint[]"
        )
        assert "disclosure_of_comment" in "\n".join(row[0] for row in cursor.fetchall())


def test_changes_of_every_kind_leave_who_and_when(
    spam: Case, site: Site, hara: User, auditor: Client, admin_client: Client
) -> None:
    lead = Client()
    lead.force_login(hara)
    rule = Rule.objects.get(slug="links")
    words = WordList(slug="own", name="独自", site=site, words="ばか")
    save_word_list(words)
    # By a service, by a tool, by a form, by another form's inline.
    row = sanction(
        target_of(Kind.NAME, "荒らし", site.pk),
        SanctionTerms(site_id=site.pk, reason=Reason.objects.all()[0]), by=hara, now=NOON,
    )  # fmt: skip
    lift(row.pk, by=hara, why="人違い", now=timezone.now())
    trip = BreakerTrip.objects.create(
        rule=rule, rule_version=rule.versions.latest("pk"), pairs=9, opened_at=NOON
    )
    reset_breaker(trip.pk, by=hara, reason="落ち着いた", now=timezone.now())
    tools = reverse("admin:moderation_wordlist_tools", args=[words.pk])
    assert lead.post(tools, {"remove": "1", "line": "ばか"}).status_code == 302
    version = rule.versions.earliest("pk")
    assert lead.post(reverse("admin:moderation_rule_restore", args=[version.pk])).status_code == 302
    group = Group.objects.get(name="Lead")
    admin_client.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "Lead"})

    told = {(each["what"], each["by"], each["action"]) for each in entries(auditor, log="changes")}
    assert {
        ("moderation.sanction", "hara", "added"),
        ("moderation.sanction", "hara", "changed"),
        ("moderation.rule", "hara", "changed"),
        ("moderation.wordlist", "hara", "changed"),
        ("moderation.ruleset", "hara", "added"),
        ("auth.group", "admin", "changed"),
    } <= told
    assert {each["told"] for each in entries(auditor, log="changes", kind="moderation.sanction")} >= {
        "解除 を変更しました。"
    }


def test_what_a_command_put_in_force_stands_there_without_a_person(spam: Case, auditor: Client) -> None:
    found = entries(auditor, log="changes", kind="moderation.ruleset")
    assert {each["by"] for each in found} == {""}
    assert len(found) == RuleSet.objects.count()


def test_changes_of_another_site_stay_there(spam: Case, site: Site, auditor: Client) -> None:
    other = world.make_site("yunagi")
    tanin = newsroom.make_person(other, "tanin", "Lead")
    theirs = Client()
    theirs.force_login(tanin)
    rule = Rule.objects.get(slug="links")
    rule.pk, rule.slug, rule.site, rule.name_ja = None, "theirs", other, "よその規則"
    save_rule(rule, by=tanin)
    sanction(
        target_of(Kind.NAME, "よその人", other.pk),
        SanctionTerms(site_id=other.pk, reason=Reason.objects.all()[0]), by=tanin, now=NOON,
    )  # fmt: skip
    page = auditor.get(reverse("desk:audit"), {"log": "changes"}).content.decode()
    assert [word for word in ("tanin", "よその規則", "よその人") if word in page] == []
    assert "moderation.sanction" not in lines(auditor, "jsonl", log="changes")


def test_pages_of_changes_go_on_across_both_tables(spam: Case, hara: User, site: Site) -> None:
    for name in ("一", "二", "三"):
        sanction(
            target_of(Kind.NAME, name + "番", site.pk),
            SanctionTerms(site_id=site.pk, reason=Reason.objects.all()[0]), by=hara, now=NOON,
        )  # fmt: skip
    asked = Asked(user=None)
    everything = [(each.at, each.values["what"]) for each in find(Log.CHANGES, asked, None, 100).entries]
    got, after = [], None
    for _ in everything:
        found = find(Log.CHANGES, asked, after, 2)
        got += [(each.at, each.values["what"]) for each in found.entries]
        after = found.after
        if after is None:
            break
    # Rule sets of one transaction share their time, so these may differ in order alone.
    assert sorted(set(got)) == sorted(set(everything))
    assert [at for at, _ in got] == sorted((at for at, _ in got), reverse=True)


def test_few_or_many_take_as_many_queries(spam: Case, article: Article, hara: User, auditor: Client) -> None:
    def queries(log: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(reverse("desk:audit"), {"log": log})
        return len(captured)

    assert spam.comment is not None

    def more(times: int) -> None:
        for at in range(times):
            sanction(
                target_of(Kind.NAME, f"名前{Disclosure.objects.count()}", article.site_id),
                SanctionTerms(site_id=article.site_id, reason=Reason.objects.all()[0]), by=hara, now=NOON,
            )  # fmt: skip
            disclose([spam.comment], DisclosedBy.CARD, by=hara)  # type: ignore[list-item]
            world.send(article, f"{at}件目の感想です。", author_name="")
        screen()

    more(1)
    logs = [str(log) for log in Log]
    [queries(log) for log in logs]
    few = [queries(log) for log in logs]
    more(20)
    assert [queries(log) for log in logs] == few


def test_files_hold_all_and_no_formula(spam: Case, hara: User, mori: User, auditor: Client) -> None:
    User.objects.filter(pk=mori.pk).update(username="=cmd")
    publish(spam, User.objects.get(pk=mori.pk))
    read = list(csv.DictReader(io.StringIO(lines(auditor, "csv").removeprefix("\ufeff"))))
    assert len(read) == Decision.objects.count()
    assert read[0]["by"] == "'=cmd"
    objects = [json.loads(each) for each in lines(auditor, "jsonl").splitlines()]
    assert [each["id"] for each in objects] == [int(each["id"]) for each in read]
    assert objects[0]["by"] == "=cmd"
    assert objects[1]["rules"] or objects[2]["rules"]
    assert lines(auditor, "csv", log="views").startswith("\ufeffid,time,site,by,operator,page")
    assert auditor.get(reverse("desk:audit_file", args=["xml"])).status_code == 404


def test_a_file_is_read_in_slices(spam: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.audit.writing.AT_ONCE", 1)
    parts = list(WRITERS["jsonl"](Log.DECISIONS, Asked(user=None)))
    assert len(parts) == Decision.objects.count()
    assert {part.count(b"\n") for part in parts} == {1}


def test_long_logs_of_changes_are_cut(spam: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOKED_AT", 1)
    found = find(Log.CHANGES, Asked(user=None, kind="moderation.ruleset"), None, 50)
    assert found.cut
    assert found.after is not None


@pytest.mark.parametrize("group", ["Moderator", "Lead"])
def test_others_have_no_audit(site: Site, client: Client, group: str) -> None:
    client.force_login(newsroom.make_person(site, "dareka", group))
    assert client.get(reverse("desk:audit")).status_code == 403
    assert client.get(reverse("desk:audit_file", args=["csv"])).status_code == 403
    assert reverse("desk:audit") not in client.get(reverse("desk:queue")).content.decode()


def test_the_command(spam: Case, mori: User, hara: User, capsys: pytest.CaptureFixture[str]) -> None:
    made = publish(spam, mori)
    disclose([spam.comment], DisclosedBy.CARD, by=hara)  # type: ignore[list-item]
    call_command("audit", "decisions", person="mori", form="jsonl")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["id"] == made.pk
    call_command("audit", "views", site="asagiri", since="2026-01-01", until="2199-12-31")
    assert (
        f"hara          site=asagiri  page=card  kinds=email  comments={spam.comment_id}"
        in capsys.readouterr().out
    )
    call_command("audit", "changes", form="csv")
    assert "moderation.ruleset" in capsys.readouterr().out
    call_command("audit", "decisions", until="2020-01-01T00:00+09:00")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"person": "nobody"}, "there is no user 'nobody'"),
        ({"site": "nowhere"}, "there is no site 'nowhere'. Known are: asagiri"),
        ({"since": "gestern"}, "--since: 'gestern' is no time"),
        ({"forget_after": 400}, "never deleted"),
    ],
)
def test_the_command_says_what_is_wrong(site: Site, options: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("audit", "decisions", **options)


def test_views_can_be_forgotten_after_a_year(spam: Case, hara: User) -> None:
    assert spam.comment is not None
    disclose([spam.comment], DisclosedBy.CARD, by=hara)
    old = Disclosure.objects.create(
        by=hara, by_page="card", kinds=["email"], at=timezone.now() - timedelta(days=800)
    )
    with pytest.raises(CommandError, match="365 days at least"):
        call_command("audit", "views", forget_after=364)
    call_command("audit", "views", forget_after=900)
    assert Disclosure.objects.count() == 2
    call_command("audit", "views", forget_after=400)
    assert not Disclosure.objects.filter(pk=old.pk).exists()
    assert Disclosure.objects.count() == 1
