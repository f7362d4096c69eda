"""Rules, word lists, reasons, keys: what a Lead changes."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from comments.models import Membership, Site, SiteKey
from moderation.admin.labels import label_and_help
from moderation.admin.rule_form import parameters, rule_form
from moderation.checks import CHECKS
from moderation.checks.base import Check
from moderation.models import Reason, Rule, RuleSet, WordList
from moderation.reading import status_of
from moderation.rules import WrongParameters, in_force, save_rule, save_word_list
from moderation.services import screen
from tests import newsroom, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    return client


def terms(**fields: object) -> dict[str, object]:
    return {
        "name_ja": "リンクは二つまで",
        "name_en": "Two links",
        "slug": "two-links",
        "site": "",
        "applies_to": "everyone",
        "mode": "enforce",
        "action": "hold",
        "severity": "2",
        "reason": world.make_reason().pk,
        "note": "宣伝が増えた",
        "param_most": "2",
        "breaker_pairs": "100",
        "breaker_minutes": "60",
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
        **fields,
    }


ADD = "/admin/moderation/rule/add/?check=links"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.slug)
def test_every_check_has_a_form_whose_defaults_are_valid(
    check: type[Check], client: Client, site: Site
) -> None:
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    page = client.get(f"/admin/moderation/rule/add/?check={check.slug}")
    assert page.status_code == 200
    for field in parameters(check):
        label, _ = label_and_help(field)
        assert label != field.name, "the parameter has no help in Japanese"
        assert f'name="param_{field.name}"' in page.content.decode()
    bound = rule_form(check)(
        {
            f"param_{field.name}": page.context["adminform"].form[f"param_{field.name}"].value()
            for field in parameters(check)
        }
    )
    assert [name for name in bound.errors if name.startswith("param_")] == []


def test_a_new_rule_begins_with_the_choice_of_a_check(lead: Client) -> None:
    page = lead.get("/admin/moderation/rule/add/").content.decode()
    for check in CHECKS:
        assert f"?check={check.slug}" in page
        assert check.title["ja"] in page


def test_a_rule_is_made_in_force_and_changed_by_versions(lead: Client) -> None:
    assert lead.post(ADD, terms()).status_code == 302
    rule = Rule.objects.get()
    assert (rule.check_slug, rule.params, rule.severity) == ("links", {"most": 2}, 2)
    assert [active.check for active in in_force().rules] == [rule_check(most=2)]

    page = reverse("admin:moderation_rule_change", args=[rule.pk])
    assert lead.post(page, terms(param_most="5", action="flag", note="")).status_code == 302
    first, second = rule.versions.order_by("number")
    assert (first.number, first.params, first.note, first.created_by) == (
        1,
        {"most": 2},
        "宣伝が増えた",
        User.objects.get(username="hara"),
    )
    assert (second.number, second.params, second.action) == (2, {"most": 5}, "flag")
    assert RuleSet.objects.count() == 2

    text = lead.get(page).content.decode()
    assert "<div>本文に入れてよいリンクの数: <del>2</del> → <ins>5</ins></div>" in text
    assert reverse("admin:moderation_rule_restore", args=[first.pk]) in text
    assert reverse("admin:moderation_rule_restore", args=[second.pk]) not in text


def test_a_page_opened_before_another_saved_writes_over_nothing_unseen(lead: Client) -> None:
    lead.post(ADD, terms())
    rule = Rule.objects.get()
    page = reverse("admin:moderation_rule_change", args=[rule.pk])
    opened = lead.get(page).content.decode()
    assert '<input type="hidden" name="seen_version" value="1"' in opened

    lead.post(page, terms(breaker_pairs="55", seen_version="1"))
    mine = terms(param_most="4", seen_version="1")
    refused = lead.post(page, mine)
    (told,) = refused.context["adminform"].form.non_field_errors()
    assert "haraさんが版2を保存しました" in told
    assert "ブレーカー：人数: 100 → 55" in told
    assert rule.versions.count() == 2
    # Who has read it and saves again means it.
    assert '<input type="hidden" name="seen_version" value="2"' in refused.content.decode()
    assert lead.post(page, {**mine, "seen_version": "2"}).status_code == 302
    assert rule.versions.latest("number").params == {"most": 4}


def test_a_word_list_opened_before_another_saved_loses_none_of_his_words(lead: Client) -> None:
    words = WordList(slug="abuse", name="罵倒", words="ばか")
    save_word_list(words)
    page = reverse("admin:moderation_wordlist_change", args=[words.pk])
    assert '<input type="hidden" name="seen_version" value="1"' in lead.get(page).content.decode()
    form = {"name": "罵倒", "slug": "abuse", "site": "", "seen_version": "1"}
    form |= {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    lead.post("/admin/moderation/rule/add/?check=words", terms(word_list=words.pk))
    lead.post(page, {**form, "words": "ばか\r\nまぬけ"})
    # A version of the rule, too; but its own form holds no words, and puts none back.
    rule = reverse("admin:moderation_rule_change", args=[Rule.objects.get().pk])
    changed = terms(word_list=words.pk, seen_version="1", breaker_pairs="55")
    assert lead.post(rule, changed).status_code == 302
    refused = lead.post(page, {**form, "words": "ばか\r\nあほ"})
    (told,) = refused.context["adminform"].form.non_field_errors()
    assert "+ まぬけ" in told
    assert words.versions.latest("number").words == ["ばか", "まぬけ"]


def test_a_version_of_a_word_list_is_restored_after_one_has_seen_what_changes(lead: Client) -> None:
    words = WordList(slug="abuse", name="罵倒", words="ばか\nまぬけ")
    first = save_word_list(words)
    words.words = "あほ"
    save_word_list(words)
    page = reverse("admin:moderation_wordlist_change", args=[words.pk])
    restore = reverse("admin:moderation_wordlist_restore", args=[first.pk])
    text = lead.get(page).content.decode()
    assert "<div>+ あほ</div><div>− ばか</div>" in text
    assert restore in text
    asked = lead.get(restore).content.decode()
    assert "<div>+ ばか</div><div>+ まぬけ</div><div>− あほ</div>" in asked
    assert words.versions.count() == 2
    assert lead.post(restore).status_code == 302
    assert words.versions.latest("number").words == ["ばか", "まぬけ"]


def test_an_auditor_reads_words_and_meets_no_link_that_refuses_him(site: Site, client: Client) -> None:
    rule = world.make_rule("links", params={"most": 0}, examples_match=["見て https://a.example/"])
    client.force_login(newsroom.make_person(site, "kansa", "Auditor"))
    text = client.get(reverse("admin:moderation_rule_change", args=[rule.pk])).content.decode()
    assert "本文に入れてよいリンクの数：" in text
    assert "見て https://a.example/" in text
    assert "&quot;most&quot;" not in text
    assert "/rule/undo/" not in text


def rule_check(**params: int) -> Check:
    return next(check for check in CHECKS if check.slug == "links")(**params)


def test_saving_without_a_change_makes_no_version(lead: Client) -> None:
    lead.post(ADD, terms())
    rule = Rule.objects.get()
    lead.post(reverse("admin:moderation_rule_change", args=[rule.pk]), terms(note=""))
    assert (rule.versions.count(), RuleSet.objects.count()) == (1, 1)


def test_what_another_saved_meanwhile_is_not_written_over(lead: Client, site: Site) -> None:
    words = WordList(slug="ads", name="宣伝", words="副業")
    save_word_list(words)
    rule = world.make_rule("words", slug="two-links", word_list=words)
    terms_of = terms(word_list=words.pk, param_disguised="on")
    rule_page = reverse("admin:moderation_rule_change", args=[rule.pk])
    list_page = reverse("admin:moderation_wordlist_change", args=[words.pk])
    for page in (rule_page, list_page):
        assert '<input type="hidden" name="seen_version" value="1"' in lead.get(page).content.decode()
    words.words = "副業\n投資"
    save_word_list(words, by=newsroom.make_person(site, "mori", "Lead"))
    form = {"name": "宣伝", "site": "", "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    stale = lead.post(list_page, {**form, "words": "副業\n即金", "seen_version": "1"})
    assert "moriさんが版2を保存しました" in stale.content.decode()
    assert words.versions.count() == 2
    # Another word of its list is no change of the rule that he could undo.
    assert lead.post(rule_page, {**terms_of, "seen_version": "1"}).status_code == 302
    assert rule.versions.count() == 3
    stale = lead.post(rule_page, {**terms_of, "mode": "off", "seen_version": "1"})
    assert "haraさんが版3を保存しました" in stale.content.decode()
    assert lead.post(rule_page, {**terms_of, "mode": "off", "seen_version": "3"}).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("param_most", value) for value in ("-1", "zwei", "")),
        *(("action", "burn"), ("reason", "999"), ("examples_pass", "今日は\0雨")),
    ],
)
def test_a_wrong_form_changes_nothing_and_says_where(lead: Client, field: str, value: str) -> None:
    response = lead.post(ADD, terms(**{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not Rule.objects.exists()


def test_a_check_that_is_mostly_harmless_cannot_reject(lead: Client) -> None:
    add = "/admin/moderation/rule/add/?check=language"
    form = terms(param_percent="20", param_letters="20")
    response = lead.post(add, {**form, "action": "reject"})
    (error,) = response.context["adminform"].form.errors["action"]
    assert error.startswith("この検査のルールでは「掲載しない」を選べません。")
    assert not Rule.objects.exists()
    assert lead.post(add, {**form, "action": "hold"}).status_code == 302
    with pytest.raises(WrongParameters, match=r"'language' must not reject, .* it may: flag, hold\."):
        world.make_rule("language", action="reject", mode="observe")


def test_an_unknown_check_is_no_form(lead: Client) -> None:
    assert "?check=links" in lead.get("/admin/moderation/rule/add/?check=nonsense").content.decode()
    lead.post("/admin/moderation/rule/add/?check=nonsense", terms())
    assert not Rule.objects.exists()


def test_a_version_is_restored_after_one_has_seen_what_changes(lead: Client) -> None:
    lead.post(ADD, terms())
    rule = Rule.objects.get()
    lead.post(reverse("admin:moderation_rule_change", args=[rule.pk]), terms(param_most="5"))
    page = reverse("admin:moderation_rule_restore", args=[rule.versions.get(number=1).pk])
    assert "<del>5</del> → <ins>2</ins>" in lead.get(page).content.decode()
    assert rule.versions.count() == 2
    lead.post(page)
    rule.refresh_from_db()
    assert (rule.params, rule.versions.count()) == ({"most": 2}, 3)


def test_a_version_that_rejects_is_restored_for_a_reason(lead: Client) -> None:
    """Else whoever had raised it once could do so ever after."""
    lead.post(ADD, terms(mode="enforce", action="reject", note="選挙の期間だけ"))
    rule = Rule.objects.get()
    lead.post(reverse("admin:moderation_rule_change", args=[rule.pk]), terms(mode="enforce", action="flag"))
    page = reverse("admin:moderation_rule_restore", args=[rule.versions.get(number=1).pk])
    assert "判断したのは0件" in lead.get(page).content.decode()
    refused = lead.post(page, {"note": " "})
    assert refused.status_code == 422
    assert "人を介さずに却下してよい理由" in refused.content.decode()
    assert rule.versions.count() == 2
    lead.post(page, {"note": "再び選挙"})
    newest = rule.versions.latest("number")
    assert (newest.number, newest.action, newest.note) == (3, "reject", "= v1: 再び選挙")


def test_a_version_that_does_not_hold_any_more_is_not_restored(lead: Client) -> None:
    words = WordList(slug="ads", name="宣伝", words="副業")
    save_word_list(words)
    rule = world.make_rule("words", word_list=words, examples_match=["副業の話"])
    first = rule.versions.get()
    rule.examples_match = []
    save_rule(rule)
    words.words = "投資"
    save_word_list(words)
    refused = lead.post(reverse("admin:moderation_rule_restore", args=[first.pk]))
    assert refused.status_code == 422
    assert "副業の話" in refused.content.decode()
    assert rule.versions.latest("number").examples_match == []


def test_a_version_is_restored_with_the_list_that_it_had(lead: Client) -> None:
    lists = [
        WordList(slug=slug, name=slug, words=words) for slug, words in (("ads", "副業"), ("own", "投資"))
    ]
    for words in lists:
        save_word_list(words)
    rule = world.make_rule("words", word_list=lists[0])
    rule.word_list = lists[1]
    save_rule(rule)
    rule.check_slug, rule.word_list = "links", None
    save_rule(rule)
    for number, words in enumerate(lists, start=1):
        page = reverse("admin:moderation_rule_restore", args=[rule.versions.get(number=number).pk])
        assert f"→ <ins>{words.name}</ins>" in lead.get(page).content.decode()
        lead.post(page)
        newest = rule.versions.latest("number")
        assert newest.word_list_version == words.versions.get()
    lead.post(reverse("admin:moderation_rule_restore", args=[rule.versions.get(number=3).pk]))
    newest = rule.versions.latest("number")
    assert (newest.number, newest.check_slug, newest.word_list_version) == (6, "links", None)


def test_what_holds_at_all_sites_asks_for_membership_of_all(site: Site, client: Client) -> None:
    everywhere = world.make_rule("links", slug="everywhere")
    words = WordList.objects.create(slug="shared", name="共通")
    reason = world.make_reason("own")
    other = world.make_site("yunagi")
    user = newsroom.make_person(site, "hara", "Lead")
    client.force_login(user)
    for row in (everywhere, words, reason):
        page = reverse(f"admin:moderation_{row._meta.model_name}_change", args=[row.pk])
        assert client.get(page).status_code == 200
        assert client.post(page, terms(slug=row.slug)).status_code == 403
    assert (
        client.get(reverse("admin:moderation_rule_restore", args=[everywhere.versions.get().pk])).status_code
        == 403
    )
    # Of his own site he makes a rule, of all sites or of another he does not.
    client.post(ADD, terms())
    client.post(ADD, terms(site=other.pk))
    assert Rule.objects.count() == 1
    client.post(ADD, terms(site=site.pk))
    assert Rule.objects.get(slug="two-links").site == site
    Membership.objects.create(user=user, site=other)
    page = reverse("admin:moderation_rule_change", args=[everywhere.pk])
    assert client.post(page, terms(param_most="7")).status_code == 302
    assert Rule.objects.get(pk=everywhere.pk).params == {"most": 7}


def test_a_word_list_is_a_text_with_versions(lead: Client) -> None:
    form = {
        "name": "罵倒",
        "slug": "abuse",
        "site": "",
        "words": "ばか\r\nまぬけ\r\n\r\n!ばか正直",
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
    }
    assert lead.post("/admin/moderation/wordlist/add/", form).status_code == 302
    words = WordList.objects.get()
    assert words.versions.get().words == ["ばか", "まぬけ", "!ばか正直"]
    lead.post("/admin/moderation/rule/add/?check=words", terms(word_list=words.pk))
    lead.post(reverse("admin:moderation_wordlist_change", args=[words.pk]), {**form, "words": "ばか"})
    assert words.versions.count() == 2
    (active,) = in_force().rules
    assert active.check.words == ("ばか",)  # type: ignore[attr-defined]
    page = lead.get(reverse("admin:moderation_rule_change", args=[Rule.objects.get().pk])).content.decode()
    assert "<del>罵倒 v1</del> → <ins>罵倒 v2: −まぬけ −!ばか正直</ins>" in page


def test_a_rule_of_words_needs_a_list_of_its_site(site: Site, lead: Client) -> None:
    url = "/admin/moderation/rule/add/?check=words"
    assert "word_list" in lead.post(url, terms()).context["adminform"].form.errors
    own = WordList.objects.create(slug="own", name="固有", site=site)
    assert "word_list" in lead.post(url, terms(word_list=own.pk)).context["adminform"].form.errors
    with pytest.raises(WrongParameters, match="of another site than the rule"):
        world.make_rule("words", word_list=own)
    # Nor does a list become one site's while rules of all sites use it.
    shared = WordList(slug="shared", name="共通", words="副業")
    save_word_list(shared)
    world.make_rule("words", slug="shared", word_list=shared)
    form = {"name": "共通", "words": "副業", "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    page = reverse("admin:moderation_wordlist_change", args=[shared.pk])
    refused = lead.post(page, {**form, "site": site.pk}).context["adminform"].form.errors
    assert refused["site"] == ["全サイト、またはほかのサイトのルールがこのリストを使っています：shared"]
    assert lead.post(page, {**form, "site": ""}).status_code == 302


def test_a_reason_is_edited(lead: Client) -> None:
    reason = world.make_reason()
    form = {
        "label_ja": "宣伝・勧誘",
        "label_en": "Spam",
        "public_ja": "宣伝のため。",
        "public_en": "Spam.",
        "position": "1",
    }
    lead.post(reverse("admin:moderation_reason_change", args=[reason.pk]), {**form, "slug": "other"})
    again = Reason.objects.get(pk=reason.pk)
    assert (again.slug, again.label_ja, again.public_ja) == ("spam", "宣伝・勧誘", "宣伝のため。")


def test_a_key_is_shown_once_and_revoked(site: Site, lead: Client) -> None:
    response = lead.post("/admin/comments/sitekey/add/", {"site": site.pk, "name": "本番"})
    secret = response.context["secret"]
    key = SiteKey.objects.get()
    assert bytes(key.digest) == SiteKey.digest_of(secret)
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    revoke = reverse("admin:comments_sitekey_revoke", args=[key.pk])
    assert secret not in lead.get("/admin/comments/sitekey/").content.decode()
    lead.get(revoke)
    assert SiteKey.objects.get().revoked_at is None
    lead.post(revoke)
    assert SiteKey.objects.get().revoked_at is not None
    assert lead.post(revoke).status_code == 404


def test_a_lead_makes_no_superuser(site: Site, client: Client) -> None:
    user = newsroom.make_person(site, "hara", "Lead")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    boss = User.objects.create_superuser("boss", password="pass-for-tests")
    Membership.objects.create(user=boss, site=site)
    client.force_login(User.objects.get(pk=user.pk))
    form = {
        "username": "hara",
        "is_active": "on",
        "is_superuser": "on",
        "is_staff": "on",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    client.post(
        reverse("admin:auth_user_change", args=[user.pk]),
        {**form, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"},
    )
    assert not User.objects.get(pk=user.pk).is_superuser
    assert client.post(reverse("admin:auth_user_change", args=[boss.pk]), form).status_code == 403
    password = {"password1": "another-pass-9", "password2": "another-pass-9", "usable_password": "true"}
    assert (
        client.post(reverse("admin:auth_user_password_change", args=[boss.pk]), password).status_code == 403
    )


def test_without_rules_the_presets_are_offered_and_tell_what_they_do(lead: Client) -> None:
    page = lead.get("/admin/moderation/rule/").content.decode()
    strict = reverse("admin:moderation_rule_preset", args=["strict"])
    assert strict in page
    assert "人が見るまで" in page
    told = lead.get(strict).content.decode()
    assert "リンクが2個以上" in told
    assert not Rule.objects.exists()
    assert lead.post(strict).status_code == 302
    assert Rule.objects.get(slug="links-many").params == {"most": 1}
    assert RuleSet.objects.count() == 1
    balanced = reverse("admin:moderation_rule_preset", args=["balanced"])
    assert "<del>1</del> → <ins>2</ins>" in lead.get(balanced).content.decode()
    assert "人が見るまで" not in lead.get("/admin/moderation/rule/").content.decode()
    assert lead.get(reverse("admin:moderation_rule_preset", args=["lax"])).status_code == 404


def test_presets_are_for_those_of_every_site(site: Site, client: Client) -> None:
    world.make_site("yunagi")
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    url = reverse("admin:moderation_rule_preset", args=["strict"])
    assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
    assert url not in client.get("/admin/moderation/rule/").content.decode()


def test_an_example_that_comes_out_wrong_refuses_the_save_and_shows_what_was_hit(lead: Client) -> None:
    wrong = terms(
        examples_match="リンクはありません",
        examples_pass="三つ https://example.com/a https://example.com/b⏎https://example.net/c",
    )
    form = lead.post(ADD, wrong).context["adminform"].form
    assert form.errors["examples_match"] == ["一致すべき例で何も見つかりません：«リンクはありません»"]
    (told,) = form.errors["examples_pass"]
    assert told.startswith("一致してはならない例が一致します：«三つ ")
    assert "https://example.net/c" in told
    assert not Rule.objects.exists()
    assert lead.post(ADD, {**wrong, **{k: wrong[o] for k, o in SWAPPED.items()}}).status_code == 302
    version = Rule.objects.get().versions.get()
    assert version.examples_match == [
        "三つ https://example.com/a https://example.com/b\nhttps://example.net/c"
    ]
    page = lead.get(reverse("admin:moderation_rule_change", args=[version.rule_id])).content.decode()
    assert "https://example.com/b⏎https://example.net/c</textarea>" in page


SWAPPED = {"examples_match": "examples_pass", "examples_pass": "examples_match"}


def test_a_check_of_earlier_comments_takes_no_examples(lead: Client) -> None:
    assert "examples_match" not in lead.get("/admin/moderation/rule/add/?check=flood").content.decode()


def test_words_that_an_example_speaks_against_are_refused_at_the_list(lead: Client) -> None:
    words = WordList(slug="abuse", name="罵倒", words="ばか\n!ばか正直")
    save_word_list(words)
    world.make_rule("words", word_list=words, name_ja="罵倒の語", examples_pass=["ばか正直な人"])
    form = {"name": "罵倒", "site": "", "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    page = reverse("admin:moderation_wordlist_change", args=[words.pk])
    told = lead.post(page, {**form, "words": "ばか"}).context["adminform"].form.errors["words"]
    assert "罵倒の語" in told[0]
    assert "ばか正直な人" in told[0]
    assert words.versions.count() == 1
    assert lead.post(page, {**form, "words": "ばか\n!ばか正直\nあほ"}).status_code == 302


def test_the_message_of_a_rule_stands_for_the_reason(lead: Client, site: Site) -> None:
    lead.post(ADD, terms(message_ja="リンクは二つまでにして、もう一度お送りください。", param_most="0"))
    article = world.make_article(site)
    sent = world.send(article, "見て https://example.com/a")
    screen()
    told = status_of(sent.public_id, site.pk, "ja")
    assert told is not None
    assert told["reasons"] == [{"code": "spam", "text": "リンクは二つまでにして、もう一度お送りください。"}]
    english = status_of(sent.public_id, site.pk, "en")
    assert english is not None
    assert [each["text"] for each in english["reasons"]] == ["Spam."]


def test_a_rule_may_spare_the_sites_own_people(lead: Client, site: Site) -> None:
    lead.post(ADD, terms(param_most="0", applies_to="not_staff"))
    User.objects.filter(username="hara").update(email="Hara@Example.com")
    article = world.make_article(site)
    body = "訂正しました https://example.com/a"
    staff = world.send(article, body, author_email="hara@example.com", author_verified=True)
    claims = world.send(article, body, author_email="hara@example.com")
    other = world.send(article, body, author_email="b@example.com", author_verified=True)
    screen()
    assert [world.stored(each).status for each in (staff, claims, other)] == ["published", "held", "held"]


def test_a_preset_is_told_in_words_and_defaults_are_no_change(db: None) -> None:
    from moderation.admin.differences import of_params
    from moderation.admin.presets import _row
    from moderation.presets import preset
    from moderation.rule_files.store import compare, put_in_force
    from moderation.rule_files.store import in_force as in_force_file

    put_in_force(preset("balanced"), by=None, note="preset balanced")
    rules = preset("strict")
    shown = {
        change.slug: _row(change, rules)["fields"]
        for change in compare(in_force_file(), rules)
        if change.writes
    }
    assert ("動作", "目印：掲載し、人が確認する", "保留：人が決めるまで掲載しない") in shown["links-hidden"]
    assert ("モード", "観察：記録だけする", "適用") in shown["surge-article"]
    assert ("本文に入れてよいリンクの数", "2", "1") in shown["links-many"]
    told = of_params("words", {"kana": False, "disguised": True}, {})
    assert told == []
    assert [(each.before, each.after) for each in of_params("links", {}, {"most": 7})] == [("2", "7")]
    assert [(each.before, each.after) for each in of_params("words", {}, {"kana": True})] == [
        ("いいえ", "はい")
    ]
