"""A moderator's morning by keyboard alone: deciding and stepping without a page load."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from moderation.models import Case, Decision, Note
from moderation.services import add_note, claim, escalate, screen
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.world import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CASES = 30


@pytest.fixture
def queue(transactional_db: None) -> list[Case]:
    """Thirty nameless comments in the order of the queue."""
    site = world.make_site("asagiri", name="あさぎり新聞")
    newsroom.make_rules()
    article = newsroom.make_article(site)
    for at in range(CASES):
        world.send(
            article,
            f"図書館について、{at + 1}件目の意見です。",
            author_name="",
            now=NOON + timedelta(minutes=at),
        )
    screen(now=lambda: NOON + timedelta(hours=1))
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    newsroom.make_person(site, "kida", "Moderator", first_name="太郎", last_name="木田")
    newsroom.make_person(site, "hara", "Lead", first_name="恵", last_name="原")
    return list(Case.objects.order_by("due_at", "pk"))


def open_first(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_contain_text("1件目")


def test_thirty_cases_by_keyboard_alone(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    page.evaluate("window.sameDocument = true")
    open_first(page)
    for at, case in enumerate(queue):
        expect(page.locator("#body")).to_contain_text(f"、{at + 1}件目")
        expect(page).to_have_url(f"{live_server.url}{reverse('desk:case', args=[case.pk])}")
        expect(page.locator("[data-heading]")).to_be_focused()
        if at == 3:
            keep(page, "acting-split")
        page.keyboard.press("2" if at % 3 == 0 else "a")
        if at < CASES - 1:
            expect(page.locator("#told")).to_contain_text(
                "掲載しませんでした" if at % 3 == 0 else "掲載しました"
            )
            # The whole morning is one page.
            assert page.evaluate("window.sameDocument") is True
    expect(page.get_by_text("待っているものはありません")).to_be_visible()
    decided = list(
        Decision.objects.filter(by__isnull=False).order_by("pk").values_list("case_id", "to_status")
    )
    assert decided == [(case.pk, "rejected" if at % 3 == 0 else "published") for at, case in enumerate(queue)]
    assert not Case.objects.filter(closed_at=None).exists()


def test_undo_by_key_brings_the_card_back(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    page.keyboard.press("a")
    expect(page.locator("#body")).to_contain_text("、2件目")
    page.keyboard.press("u")
    expect(page.locator("#body")).to_contain_text("、1件目")
    expect(page.locator("#told")).to_contain_text("取り消しました")
    expect(page).to_have_url(f"{live_server.url}{reverse('desk:case', args=[queue[0].pk])}")
    assert Case.objects.get(pk=queue[0].pk).closed_at is None
    # What I did today says so, too.
    page.get_by_role("link", name="今日の自分の判断").click()
    expect(page.get_by_role("list", name="今日の自分の判断").get_by_role("listitem")).to_have_count(2)
    keep(page, "acting-today")


def test_the_address_is_true_and_back_works(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    for number in (2, 3):
        page.keyboard.press("j")
        expect(page.locator("#body")).to_contain_text(f"、{number}件目")
    page.go_back()
    expect(page.locator("#body")).to_contain_text("、2件目")
    page.keyboard.press("k")
    expect(page.locator("#body")).to_contain_text("、1件目")
    page.reload()
    expect(page.locator("#body")).to_contain_text("、1件目")
    expect(page.locator("[data-row][aria-current]")).to_have_count(1)


def test_r_opens_the_reasons_and_e_asks_why(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    page.keyboard.press("r")
    expect(page.locator("button.suggested")).to_be_focused()
    page.get_by_label("理由の定型文から始める").select_option("Spam.")
    expect(page.get_by_label("投稿者への文面")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" 1a")
    keep(page, "acting-reject")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#body")).to_contain_text("、2件目")
    decision = Decision.objects.get(by__isnull=False)
    assert (decision.to_status, decision.notes.get().text) == ("rejected", "Spam. 1a")
    # Nothing of it stays in the fields of the next card.
    expect(page.locator("#message")).to_have_value("")

    page.keyboard.press("e")
    expect(page.get_by_label("同僚へのメモ")).to_be_focused()
    page.keyboard.type("判断に迷います")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#told")).to_contain_text("エスカレートしました")
    expect(page.locator("#body")).to_contain_text("、3件目")
    case = Case.objects.get(pk=queue[1].pk)
    assert case.escalated_by is not None
    assert case.escalated_by.username == "mori"

    # `n`, the words, Ctrl+Enter: a note, and the same card.
    page.keyboard.press("n")
    page.keyboard.type("様子を見る")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("メモを残しました")
    expect(page.locator("ol.log").first).to_contain_text("様子を見る")
    expect(page.get_by_label("同僚へのメモ")).to_have_value("")
    assert Case.objects.get(pk=queue[2].pk).closed_at is None


def test_of_two_the_second_sees_what_the_first_decided(
    page: Page, browser: Browser, live_server: Any, queue: list[Case]
) -> None:
    with closing(browser.new_context(locale="ja-JP", viewport={"width": 1440, "height": 900})) as second:
        of_two(page, second.new_page(), live_server, queue)


def of_two(page: Page, other: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    log_in(other, live_server, "kida")
    open_first(page)
    expect(page.locator("#card")).to_have_attribute("data-claim", re.compile("claim"))
    wait_for_lease(queue[0])
    # Both look at one card, and the second knows it: on the list and on the card.
    open_first(other)
    expect(other.locator("#standing")).to_contain_text("森 真理さんが見ています")
    other.evaluate("dispatchEvent(new Event('online'))")
    expect(other.locator("#list")).to_contain_text("森 真理さんが見ています")
    keep(other, "acting-presence")
    other.get_by_label("同僚へのメモ").fill("二人目のメモ")
    page.keyboard.press("a")
    expect(page.locator("#body")).to_contain_text("、2件目")
    other.keyboard.press("Escape")
    other.keyboard.press("1")
    alert = other.locator("#card").get_by_role("alert")
    expect(alert).to_contain_text("森 真理さんが先に判断しました")
    expect(alert).to_be_focused()
    expect(other.get_by_label("同僚へのメモ")).to_have_value("二人目のメモ")
    keep(other, "acting-second")
    other.keyboard.press("j")
    expect(other.locator("#body")).to_contain_text("、2件目")
    assert Decision.objects.filter(by__isnull=False).count() == 1
    # What one decides goes from the other's list without a load, and its card says so.
    expect(other.locator("#standing")).to_contain_text("森 真理さんが見ています")
    page.keyboard.press("a")
    expect(page.locator("#body")).to_contain_text("、3件目")
    other.evaluate("dispatchEvent(new Event('online'))")
    expect(other.locator(f'[data-row="{queue[1].pk}"]')).to_have_count(0)
    expect(other.locator("#standing")).to_contain_text("森 真理さんがこの間に判断しました")


def test_leaving_gives_the_lease_back(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    wait_for_lease(queue[0])
    page.keyboard.press("j")
    expect(page.locator("#body")).to_contain_text("、2件目")
    wait_for_lease(queue[1])
    wait_for_lease(queue[0], held=False)
    page.goto(f"{live_server.url}{reverse('desk:today')}")
    wait_for_lease(queue[1], held=False)


def wait_for_lease(case: Case, *, held: bool = True) -> None:
    """Until the server has heard of it: the browser tells it without waiting for an answer."""
    ends = monotonic() + 10
    while (Case.objects.get(pk=case.pk).claimed_by_id is not None) != held:
        assert monotonic() < ends


def test_a_lost_connection_loses_nothing(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    page.get_by_label("同僚へのメモ").fill("大事なメモ")
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator("#trouble")).to_contain_text("接続が切れています")
    expect(page.get_by_label("同僚へのメモ")).to_have_value("大事なメモ")
    expect(page.locator("#body")).to_contain_text("、1件目")
    keep(page, "acting-offline")
    page.context.set_offline(False)
    expect(page.locator("#trouble")).to_contain_text("接続が戻りました")
    # The server takes it, and the answer is lost on the way.
    lost = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/decide/", lose)
    page.keyboard.press("a")
    expect(page.locator("#trouble")).to_contain_text("接続が切れています")
    page.unroute("**/decide/")
    assert lost == [200]
    page.keyboard.press("a")
    expect(page.locator("#body")).to_contain_text("、2件目")
    decision = Decision.objects.get(by__isnull=False)
    assert decision.notes.get().text == "大事なメモ"


def test_what_was_typed_outlives_a_reload_and_a_login(
    page: Page, live_server: Any, queue: list[Case]
) -> None:
    log_in(page, live_server)
    open_first(page)
    page.get_by_label("同僚へのメモ").fill("書きかけ")
    page.reload()
    expect(page.get_by_label("同僚へのメモ")).to_have_value("書きかけ")
    Session.objects.all().delete()
    page.keyboard.press("a")
    expect(page.locator("#trouble")).to_contain_text("ログアウトされています")
    expect(page.get_by_label("同僚へのメモ")).to_have_value("書きかけ")
    elsewhere = page.context.new_page()
    log_in(elsewhere, live_server)
    elsewhere.close()
    page.keyboard.press("a")
    expect(page.locator("#body")).to_contain_text("、2件目")
    assert Decision.objects.get(by__isnull=False).notes.get().text == "書きかけ"


def test_keys_of_an_input_method_are_its_own(page: Page, live_server: Any, queue: list[Case]) -> None:
    """While Japanese is composed, Escape and Enter choose among candidates, and letters are kana."""
    log_in(page, live_server)
    open_first(page)
    page.keyboard.press("n")
    note = page.get_by_label("同僚へのメモ")
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "ほりゅう", "selectionStart": 4, "selectionEnd": 4})
    page.keyboard.press("Escape")
    expect(note).to_be_focused()
    page.keyboard.press("Control+Enter")
    keyboard.send("Input.insertText", {"text": "保留"})
    expect(note).to_have_value(re.compile("保留"))
    # An input method that composes outside a field sends keys like these.
    for key in ("a", "1", "e", "u", "j"):
        page.evaluate(
            """key => document.querySelector("[data-heading]").dispatchEvent(
                new KeyboardEvent("keydown", {key, bubbles: true, isComposing: true}))""",
            key,
        )
    expect(page.locator("#body")).to_contain_text("、1件目")
    assert not Decision.objects.filter(by__isnull=False).exists()
    assert not Note.objects.exists()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#told")).to_contain_text("メモを残しました")


def test_one_card_at_a_time_and_all_keys(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    page.get_by_role("link", name="一件ずつ表示").click()
    expect(page.get_by_role("link", name="一覧と並べて表示")).to_be_visible()
    open_first(page)
    expect(page.locator("#list")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.locator("#body")).to_contain_text("、2件目")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    # Behind the dialog nothing is decided.
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert Decision.objects.filter(by__isnull=False).count() == 1
    page.keyboard.press("/")
    expect(page).to_have_url(f"{live_server.url}{reverse('desk:queue')}")


@in_two_looks
def test_every_state_is_accessible(
    context: BrowserContext, live_server: Any, queue: list[Case], theme: str, width: int, language: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 844})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    by, lead = User.objects.get(username="kida"), User.objects.get(username="hara")
    escalate(queue[1].pk, "判断を仰ぎたい。", by=by, now=timezone.now())
    claim(queue[1].pk, by=lead, now=timezone.now())
    claim(queue[2].pk, by=by, now=timezone.now())
    add_note(queue[0].pk, "同じ人の三度目の投稿。", by=by, now=timezone.now())

    def look(name: str) -> None:
        keep(page, f"acting-{name}-{theme}-{width}-{language}")
        assert wrong_with(page) == [], name

    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    look("queue")
    open_first(page)
    page.keyboard.press("r")
    look("reasons")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.locator("#body")).to_contain_text("、3件目")
    expect(page.locator("#standing .notice")).to_be_visible()
    look("after")
    page.keyboard.press("?")
    look("keys")
    page.goto(f"{live_server.url}{reverse('desk:case', args=[queue[1].pk])}?escalated=1")
    look("escalated")
    page.goto(f"{live_server.url}{reverse('desk:today')}")
    look("today")
