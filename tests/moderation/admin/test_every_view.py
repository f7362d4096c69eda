"""Every page of the admin, walked by those who must not see, change or delete.

The walk takes its pages from the registry and the URL table, so that a page
added tomorrow is walked tomorrow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from comments.models import Article, Comment, ImportProblem, ImportRun, ImportSource, Site, SiteKey
from moderation import backtest
from moderation.models import (
    BreakerTrip,
    BulkDecision,
    Case,
    Decision,
    Note,
    Quote,
    Reason,
    Rule,
    RuleSet,
    RuleVersion,
    Safeguards,
    Sanction,
    SavedView,
    Tryout,
    WordList,
    WordListVersion,
)
from moderation.rules import save_rule, save_word_list
from moderation.services import Wanted, decide, decide_together
from tests import newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db

# What stands in rows of the first site, one word a kind: none may be read elsewhere.
SECRETS = (
    "あさぎり新聞",
    "図書館",
    "在宅ワーク",
    "furui-blog",
    "library.txt",
    "秘密の規則",
    "秘密の語",
    "秘密の一覧",
    "line 14",
    "鍵の名",
    "hidaka",
    "制限された名",
)
OURS = {model for model in admin.site._registry if model._meta.app_label in {"comments", "moderation"}}
# Of all sites, or of none: what they hold is no site's own.
SHARED = {Reason, RuleSet}
PAGES = ("change", "delete", "history")


@dataclass(frozen=True)
class Newsroom:
    """The first site, and one row of it for every model of ours in the admin."""

    site: Site
    rows: dict[type[Model], Model]
    decision: Decision
    bulk: BulkDecision


@pytest.fixture
def newsroom_() -> Newsroom:
    site = world.make_site("asagiri", name="あさぎり新聞")
    newsroom.make_rules()
    words = WordList(slug="own", name="秘密の語", site=site, words="ばか\n!ばか正直")
    save_word_list(words)
    own = Rule.objects.filter(slug="links").get()
    own.site, own.name_ja, own.name_en = site, "秘密の規則", "秘密の規則"
    save_rule(own, by=newsroom.make_person(site, "hidaka", "Lead"))
    sent = newsroom.open_cases(newsroom.make_article(site))
    run_case = newsroom.make_run_case(site)
    key, _ = SiteKey.mint(site, "鍵の名")
    case = newsroom.case_of(sent[1])
    by = newsroom.make_person(site, "mori", "Moderator")
    (result,) = decide([Wanted(case.pk, "publish", newsroom.comment_of(case).version)], by=by, now=NOON)
    assert result.decision_id is not None
    decision = Decision.objects.get(pk=result.decision_id)
    assert run_case.import_run is not None
    rows: dict[type[Model], Model] = {
        Site: site, SiteKey: key, Rule: own, WordList: words, Decision: decision,
        Article: Article.objects.get(), Comment: Comment.objects.get(pk=sent[2].comment_id),
        ImportSource: run_case.import_run.source, ImportRun: run_case.import_run,
        ImportProblem: ImportProblem.objects.filter(refused=False).get(),
        Reason: Reason.objects.get(slug="spam"), RuleSet: RuleSet.objects.latest("pk"),
        Tryout: backtest.try_rule(own, backtest.Period(NOON, NOON), by=by),
    }  # fmt: skip
    rows[Safeguards] = Safeguards.objects.create(site=site, rejections_a_day=500)
    rows[Sanction] = Sanction.objects.create(
        site=site, kind="name", match="制限された名", shown="制限された名", created_by=by,
        reason=Reason.objects.get(slug="spam"), comment=Comment.objects.get(pk=sent[2].comment_id),
    )  # fmt: skip
    version = own.versions.latest("number")
    BreakerTrip.objects.create(rule=own, rule_version=version, pairs=5, opened_at=NOON)
    Note.objects.create(comment=newsroom.comment_of(newsroom.case_of(sent[2])), by=by, text="秘密の規則")
    SavedView.objects.create(name="秘密の一覧", query=f"site={site.pk}", owner=by, site=site)
    other = newsroom.case_of(sent[2])
    asked = [Wanted(other.pk, "publish", newsroom.comment_of(other).version)]
    bulk = decide_together(asked, token=uuid4(), by=by, now=NOON)
    return Newsroom(site, rows, decision, bulk)


def test_the_walk_knows_a_row_of_every_model(newsroom_: Newsroom) -> None:
    assert set(newsroom_.rows) == OURS


def address(model: type[Model], page: str, row: Model | None = None) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[row.pk] if row else [])


def custom_pages(found: Newsroom) -> list[str]:
    """Every page that is none of Django's own five, with the first site's rows in it."""
    case = Case.objects.filter(site=found.site, closed_at=None, comment__isnull=False).latest("pk")
    run = Case.objects.get(import_run__isnull=False)
    return [
        reverse("desk:case", args=[case.pk]),
        *(
            reverse(f"desk:{name}", args=[case.pk])
            for name in ("decide", "note", "escalate", "release", "claim", "leave", "sanction", "unrelease")
        ),
        reverse("desk:unnote", args=[case.pk, Note.objects.get().pk]),
        reverse("desk:lift", args=[case.pk, found.rows[Sanction].pk]),
        reverse("desk:reopen", args=[run.pk]),
        reverse("desk:case", args=[run.pk]),
        reverse("desk:seen", args=[run.pk]),
        reverse("desk:undo", args=[found.decision.pk]),
        *(reverse(f"desk:{name}", args=[found.bulk.pk]) for name in ("bulk_done", "bulk_undo")),
        reverse("desk:undo_import", args=[found.rows[ImportRun].pk]),
        reverse("desk:place", args=[Quote.objects.filter(source_start__isnull=False).latest("pk").pk]),
        reverse("desk:quoted", args=[found.rows[Comment].pk]),
        reverse("desk:why", args=[found.rows[Comment].pk]),
        reverse("desk:send", args=[found.rows[Comment].pk]),
        *(reverse(f"desk:{name}", args=[SavedView.objects.get().pk]) for name in ("view", "remove_view")),
        reverse("admin:comments_sitekey_revoke", args=[found.rows[SiteKey].pk]),
        reverse("admin:moderation_tryout_ask", args=[found.rows[Tryout].pk]),
        reverse("admin:comments_importsource_try", args=[found.rows[ImportSource].pk]),
        reverse("admin:comments_importsource_run", args=[found.rows[ImportSource].pk]),
        reverse("admin:comments_comment_erase", args=[found.rows[Comment].pk]),
        reverse("admin:comments_importrun_state", args=[found.rows[ImportRun].pk]),
        reverse("admin:comments_importrun_ask", args=[found.rows[ImportRun].pk]),
        reverse("admin:comments_importrun_mend", args=[found.rows[ImportRun].pk]),
        reverse("admin:comments_importproblem_erase", args=[found.rows[ImportProblem].pk]),
        *(
            reverse(f"admin:moderation_wordlist_{tool}", args=[found.rows[WordList].pk])
            for tool in ("tools", "export", "import")
        ),
        reverse(
            "admin:moderation_wordlist_restore",
            args=[WordListVersion.objects.filter(word_list=found.rows[WordList].pk).latest("pk").pk],
        ),
        reverse(
            "admin:moderation_rule_restore",
            args=[RuleVersion.objects.filter(rule=found.rows[Rule].pk).latest("pk").pk],
        ),
        reverse("admin:moderation_rule_preset", args=["strict"]),
        reverse(
            "admin:moderation_rule_undo",
            args=[RuleVersion.objects.filter(rule=found.rows[Rule].pk).latest("pk").pk],
        ),
        *(
            reverse(f"admin:moderation_rule_{page}", args=[found.rows[Rule].pk])
            for page in ("service", "ask_again")
        ),
        reverse("admin:moderation_rule_reset", args=[BreakerTrip.objects.get(rule=found.rows[Rule].pk).pk]),
        reverse("admin:moderation_sanction_lift", args=[found.rows[Sanction].pk]),
        f"{reverse('admin:moderation_sanction_add')}?comment={found.rows[Comment].pk}",
    ]


# Pages of the desk that are of no row.
DESK = ("queue", "today", "log", "again", "dashboard", "audit", "settings", "disagreements")


def pages_of(found: Newsroom) -> list[str]:
    """Every address of ours that may answer with a page, and Django's own around them."""
    pages = [
        *(reverse(f"desk:{name}") for name in DESK),
        *(reverse(f"admin:{name}") for name in ("index", "auth_user_changelist", "password_change")),
        *custom_pages(found),
    ]
    for model, row in found.rows.items():
        pages += [address(model, page) for page in ("changelist", "add")]
        pages += [address(model, page, row) for page in PAGES]
    return list(dict.fromkeys(pages))


def page_at(client: Client, path: str) -> str | None:
    """The page at this address, or None where the answer is a refusal, a file or JSON."""
    response = client.get(path)
    if response.streaming:
        # A file that nobody reads to its end would leave the server at work.
        b"".join(response)
    is_page = response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")
    return str(response.content.decode()) if is_page else None


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, f"{pattern.namespace or prefix}")
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}:{pattern.name}"


def test_no_page_of_ours_is_left_out_of_the_walk() -> None:
    """A new address under the admin must be added to `custom_pages`."""
    known = {
        f"admin:{m._meta.app_label}_{m._meta.model_name}_{p}"
        for m in OURS
        for p in (*PAGES, "add", "changelist")
    }
    known |= {
        "admin:comments_sitekey_revoke",
        "admin:comments_importsource_try",
        "admin:comments_importsource_run",
        "admin:comments_comment_erase",
        "admin:comments_importrun_state",
        "admin:comments_importrun_ask",
        "admin:comments_importrun_mend",
        "admin:comments_importproblem_erase",
        # It is of no row, and walked in `test_import_pages`.
        "admin:comments_importproblem_download",
        "admin:moderation_rule_restore",
        *(f"admin:moderation_wordlist_{tool}" for tool in ("tools", "export", "import", "restore")),
        "admin:moderation_rule_preset",
        "admin:moderation_rule_undo",
        "admin:moderation_rule_reset",
        "admin:moderation_rule_service",
        "admin:moderation_rule_ask_again",
        "admin:moderation_tryout_ask",
        "admin:moderation_sanction_lift",
    }
    known |= {
        f"desk:{name}"
        for name in (
            *("queue", "again", "case", "decide", "seen", "undo", "undo_import", "place", "quoted"),
            *("why", "log", "send", "dashboard", "dashboard_csv"),
            *("note", "escalate", "release", "claim", "leave", "today"),
            *("sanction", "lift", "reopen", "unnote", "unrelease", "disagreements"),
            # What is of no row is walked in `test_bulk`, as are foreign rows there.
            *("bulk", "bulk_check", "bulk_press", "bulk_done", "bulk_undo"),
            # To save one is of no row, and walked in `test_saved_views`.
            *("view", "remove_view", "save_view", "restore_view"),
            # Of no row: walked below, and in `test_audit`.
            *("audit", "audit_file"),
            # One's own, walked in `test_desk_settings`.
            "settings",
        )
    }
    ours = {
        name
        for name in names(get_resolver())
        if name.startswith(("desk:", "admin:comments", "admin:moderation"))
    }
    assert ours == known


@pytest.fixture
def stranger(client: Client) -> Client:
    """A member of another site who has every permission there is, save being a superuser."""
    other = world.make_site("yunagi", name="ゆうなぎ日報")
    user = newsroom.make_person(other, "tanin")
    user.user_permissions.set(Permission.objects.all())
    client.force_login(User.objects.get(pk=user.pk))
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode()) if response.status_code == 200 else ""


def test_a_member_of_another_site_sees_nothing_of_this_one(newsroom_: Newsroom, stranger: Client) -> None:
    seen = []
    for model, row in newsroom_.rows.items():
        pages = [address(model, "changelist"), *(address(model, page, row) for page in PAGES)]
        if not issubclass(model, (Comment, Article, ImportRun, ImportProblem, Decision, RuleSet)):
            pages.append(address(model, "add") + "?check=words")
        for page in pages:
            response = stranger.get(page)
            seen += [(page, secret) for secret in SECRETS if secret in text_of(response)]
            if model not in SHARED and "changelist" not in page and str(row.pk) in page.split("/"):
                assert response.status_code in {302, 403, 404}, page
    for page in custom_pages(newsroom_):
        for response in (stranger.get(page), stranger.post(page, {"action": "publish", "seen_version": 1})):
            assert response.status_code in {403, 404, 405}, page
            seen += [(page, secret) for secret in SECRETS if secret in response.content.decode()]
    for page in (
        reverse("admin:index"),
        reverse("desk:queue"),
        f"{reverse('desk:bulk')}?case={Case.objects.earliest('pk').pk}",
        reverse("desk:today"),
        reverse("desk:log"),
        f"{reverse('desk:log')}?status=published",
        *(f"{reverse('desk:audit')}?log={log}" for log in ("decisions", "views", "changes")),
        reverse("desk:disagreements"),
        f"{reverse('desk:dashboard')}?site={newsroom_.rows[Site].pk}",
        reverse("desk:dashboard_csv", args=["moderators"]),
        reverse("admin:auth_user_changelist"),
    ):
        text = text_of(stranger.get(page))
        seen += [(page, secret) for secret in (*SECRETS, "mori") if secret in text]
    assert seen == []


def test_filters_and_choices_give_no_other_site_away(newsroom_: Newsroom, stranger: Client) -> None:
    article, run, site = (newsroom_.rows[model].pk for model in (Article, ImportRun, Site))
    for page in (
        f"{address(Comment, 'changelist')}?article={article}",
        f"{address(Comment, 'changelist')}?site={site}",
        f"{address(Comment, 'changelist')}?q=在宅",
        f"{address(Comment, 'changelist')}?q=job@example.net",
        f"{address(Comment, 'changelist')}?q={Comment.objects.latest('pk').public_id}",
        f"{address(ImportProblem, 'changelist')}?run={run}",
        f"{address(Decision, 'changelist')}?site={site}",
        f"{reverse('desk:queue')}?site={site}&after={Case.objects.earliest('pk').pk}",
        f"{reverse('admin:autocomplete')}?app_label=comments&model_name=comment&field_name=article&term=",
    ):
        response = stranger.get(page)
        assert response.status_code in {200, 403}, page
        assert [secret for secret in SECRETS if secret in response.content.decode()] == [], page


@pytest.mark.parametrize(
    "query",
    [
        "author_email__startswith=j",
        "ip=203.0.113.9",
        "pk__in=1",
        "author_key__isnull=0",
        "article__site__id=1",
        "replies__author_email=x",
    ],
)
def test_a_column_cannot_be_asked_about_in_the_address(site: Site, client: Client, query: str) -> None:
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    assert client.get(f"{address(Comment, 'changelist')}?{query}").status_code == 400


def rows_everywhere() -> dict[str, str]:
    """A digest of every table there is, save that of sessions."""
    with connection.cursor() as cursor:
        digests = {}
        for table in connection.introspection.table_names(cursor):
            if table != "django_session":
                cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
                digests[table] = cursor.fetchone()[0]
        return digests


# What an Auditor may not open, because it is a page to act on; what it says stands on the page before it.
CLOSED_TO_AUDITORS = {
    *("desk:decide", "desk:note", "desk:escalate", "desk:release", "desk:claim", "desk:leave", "desk:seen"),
    *("desk:undo", "desk:send", "desk:undo_import", "desk:unrelease", "desk:unnote", "desk:reopen"),
    *("desk:lift", "desk:bulk_undo"),
    *("admin:comments_sitekey_revoke", "admin:comments_importsource_try", "admin:comments_importsource_run"),
    *("admin:comments_importrun_ask", "admin:moderation_tryout_ask", "admin:moderation_wordlist_import"),
    *("admin:moderation_rule_restore", "admin:moderation_rule_preset", "admin:moderation_rule_undo"),
    "admin:moderation_wordlist_restore",
    *("admin:moderation_rule_reset", "admin:moderation_rule_service", "admin:moderation_rule_ask_again"),
    *("admin:moderation_sanction_lift", "admin:moderation_sanction_add", "desk:sanction"),
    # Raw rows of readers, and erasing them.
    *("admin:comments_importrun_mend", "admin:comments_comment_erase", "admin:comments_importproblem_erase"),
}
# To follow a shared view leads to the queue. Only its owner removes it, and others are told of none.
TO_THE_QUEUE, NOT_HIS = "desk:view", "desk:remove_view"


def name_of(page: str) -> str:
    found = resolve(page.split("?", maxsplit=1)[0])
    return f"{found.namespace}:{found.url_name}"


def test_an_auditor_reads_everything_and_changes_nothing(newsroom_: Newsroom, client: Client) -> None:
    client.force_login(newsroom.make_person(newsroom_.site, "audit", "Auditor"))
    before = rows_everywhere()
    for model, row in newsroom_.rows.items():
        for page in ("changelist", "change", "history"):
            response = client.get(address(model, page, None if page == "changelist" else row))
            assert response.status_code == 200, (model, page)
            assert 'name="_save"' not in response.content.decode(), (model, page)
        for page in ("add", "change", "delete"):
            url = address(model, page, None if page == "add" else row)
            assert client.post(f"{url}?check=links", {"name": "x", "post": "yes"}).status_code == 403, url
        client.post(
            address(model, "changelist"),
            {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
        )
        for page in (address(model, "change", row), address(model, "changelist")):
            client.put(page, {"name": "x"})
            client.delete(page)
    for page in custom_pages(newsroom_):
        name = name_of(page)
        closed = name in CLOSED_TO_AUDITORS
        refused = {403, 404, 405} if name == NOT_HIS else {403, 405}
        reads = refused if closed or name == NOT_HIS else {302 if name == TO_THE_QUEUE else 200}
        assert client.get(page).status_code in reads, page
        # 405: a page of an open case has nothing to post to. To try a text on a word list stores nothing.
        answers = {200} if page.endswith("/tools/") else refused
        assert client.post(page, {"action": "publish", "seen_version": 1}).status_code in answers, page
        for ask in (client.put, client.delete):
            # Where a page can be read, Django takes a method that it does not know for GET.
            assert ask(page).status_code in (refused if closed else {200, *refused}), page
    assert rows_everywhere() == before


@pytest.mark.parametrize("log", ["decisions", "views", "changes"])
def test_an_auditor_opens_the_pages_of_no_row(newsroom_: Newsroom, client: Client, log: str) -> None:
    client.force_login(newsroom.make_person(newsroom_.site, "audit", "Auditor"))
    before = rows_everywhere()
    audit = f"{reverse('desk:audit')}?log={log}"
    pages = [audit, *(f"{reverse('desk:audit_file', args=[form])}?log={log}" for form in ("csv", "jsonl"))]
    pages += [reverse(name) for name in ("admin:index", "desk:queue", "desk:today", "desk:log")]
    pages += [reverse(f"admin:auth_{model}_changelist") for model in ("user", "group")]
    pages += [reverse("admin:comments_importproblem_download", args=["csv"])]
    for page in pages:
        response: Any = client.get(page)
        assert response.status_code == 200, page
        if response.streaming:
            b"".join(response.streaming_content)
        client.post(page, {"x": "1"})
    # To keep a view, and to have the desk as he likes it, is his own; he shares none (`test_saved_views`).
    assert client.post(reverse("desk:again"), {"name": "x"}).status_code == 403
    # Of the machine: schedules, and failed logins with the addresses of colleagues.
    for page in ("django_celery_beat_periodictask", "axes_accessattempt"):
        assert client.get(reverse(f"admin:{page}_changelist")).status_code == 403, page
    assert rows_everywhere() == before


def test_a_moderator_has_no_rules(newsroom_: Newsroom, client: Client) -> None:
    client.force_login(newsroom.make_person(newsroom_.site, "kida", "Moderator"))
    for model in (Rule, WordList, RuleSet, SiteKey):
        row = newsroom_.rows[model]
        for page in ("changelist", "add", *PAGES):
            url = address(model, page, row if page in PAGES else None)
            assert client.get(url).status_code == 403, url
            assert client.post(url, {"post": "yes"}).status_code == 403, url
    assert client.get(reverse("admin:auth_user_changelist")).status_code == 403
    index = client.get(reverse("desk:queue")).content.decode()
    assert address(Rule, "changelist") not in index
    assert address(Comment, "changelist") in index


@pytest.mark.parametrize(
    "model", [Decision, RuleSet, Comment, Rule, WordList, ImportRun, Site, Reason, Article, Tryout, Sanction]
)
def test_nobody_deletes_here_not_even_a_superuser(
    newsroom_: Newsroom, admin_client: Client, model: type[Model]
) -> None:
    row = newsroom_.rows[model]
    assert admin_client.get(address(model, "change", row)).status_code == 200
    assert admin_client.post(address(model, "delete", row), {"post": "yes"}).status_code == 403
    admin_client.post(
        address(model, "changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Decision, RuleSet, Comment, ImportRun, ImportProblem, Tryout])
def test_nobody_writes_the_log_here(newsroom_: Newsroom, admin_client: Client, model: type[Model]) -> None:
    row = newsroom_.rows[model]
    before = rows_everywhere()
    assert admin_client.post(address(model, "add"), {}).status_code == 403
    assert admin_client.post(address(model, "change", row), {"status": "published"}).status_code == 403
    assert rows_everywhere() == before


def test_whoever_is_not_logged_in_is_asked_to(newsroom_: Newsroom, client: Client) -> None:
    pages = [address(model, page, row) for model, row in newsroom_.rows.items() for page in PAGES]
    for page in [*pages, *custom_pages(newsroom_), reverse("desk:queue")]:
        response = client.get(page)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("admin:login"))


def test_what_no_form_sends_breaks_no_page(newsroom_: Newsroom, admin_client: Client) -> None:
    page = f"{reverse('desk:audit')}?log=changes&after={10**18 - 1}"
    assert admin_client.get(page).status_code == 200
    version = RuleVersion.objects.filter(rule=newsroom_.rows[Rule].pk).latest("pk").pk
    begun = {"reason": "誤検出", "until": "0001-01-01"}
    undo = reverse("admin:moderation_rule_undo", args=[version])
    assert admin_client.post(f"{undo}?hours=24", begun).status_code == 302
    lift = reverse("admin:moderation_sanction_lift", args=[newsroom_.rows[Sanction].pk])
    assert admin_client.post(lift, {"reason": "\0"}).status_code == 422
    assert admin_client.post(lift, {"reason": "別\0人"}).status_code == 302


def test_every_page_says_nothing_typed_as_markup(newsroom_: Newsroom, admin_client: Client) -> None:
    for model, row in newsroom_.rows.items():
        for page in ("changelist", "change"):
            text = text_of(admin_client.get(address(model, page, None if page == "changelist" else row)))
            assert "<script>alert" not in text, (model, page)
    assert "&lt;script&gt;alert" in text_of(
        admin_client.get(address(Comment, "change", newsroom_.rows[Comment]))
    )
