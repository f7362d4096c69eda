"""The page of an import run keeps itself up to date and is steered by keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from comments.imports.counting import counts_of
from comments.imports.runs import this_process
from comments.models import Asked, ImportRun, RunStatus, Site
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.comments.ledgers import figures, make_chunk, make_entry, make_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db: None) -> Site:
    site = world.make_site("asagiri", name="あさぎり新聞")
    user = newsroom.make_person(site, "mori", "Lead", first_name="真理", last_name="森")
    user.user_permissions.add(Permission.objects.get(codename="steer_importrun"))
    return site


@pytest.fixture
def run(site: Site) -> ImportRun:
    run = make_run(
        site, source="furui-blog", path="archive-2008.csv", format="csv", position=2_400, fraction=0.4,
        owner=this_process(),
        counts={"articles": figures(60, 60), "comments": figures(24, 0, problems=24, notices=1)},
        started_at=timezone.now() - timedelta(seconds=40),
        options={"zone": "Asia/Tokyo", "encoding": "cp932", "confidence": 0.97, "header": "id,記事,本文"},
    )  # fmt: skip
    for number in range(40):
        rows = figures(50 + number % 7 * 4, 40)
        make_chunk(run, number, run.started_at + timedelta(seconds=number), comments=rows)
    for position in range(12):
        make_entry(run, position * 3, raw=f"{position},a1,,")
        make_entry(
            run, position * 5, code="encoding",
            reason=f"row: byte {position * 999} (0x8{position % 9}) is not cp932. Name it by --encoding.",
        )  # fmt: skip
    make_entry(
        run,
        7,
        refused=False,
        code="assumed-zone",
        reason="posted_at names no time zone: Asia/Tokyo was assumed.",
    )
    return run


def open_page(page: Page, live_server: Any, run: ImportRun) -> None:
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('admin:comments_importrun_change', args=[run.pk])}")
    expect(page.get_by_role("heading", name=f"取り込み #{run.pk}")).to_be_visible()


def test_it_shows_what_is_stored_meanwhile(page: Page, live_server: Any, run: ImportRun) -> None:
    open_page(page, live_server, run)
    read = page.locator("#run-counts tfoot td").first
    before = int(read.inner_text().replace(",", ""))
    keep(page, "run-running")
    page.get_by_text("数値を表で見る").click()
    make_chunk(run, 40, run.started_at + timedelta(seconds=40), comments=figures(1_000, 1_000))
    expect(read).to_have_text(f"{before + 1_000:,}")
    # What was open stays open, and the page was not loaded anew.
    expect(page.locator("#run-chart-figures")).to_have_attribute("open", "")
    ImportRun.objects.filter(pk=run.pk).update(status=RunStatus.DONE, finished_at=timezone.now())
    expect(page.locator("#run-updates")).to_have_text("取り込みが終わりました。")
    expect(page.locator("#run-state .tag")).to_have_text("完了")
    expect(page.locator("#run-actions button")).to_have_count(0)


def test_nothing_is_asked_for_that_has_not_changed(page: Page, live_server: Any, run: ImportRun) -> None:
    open_page(page, live_server, run)
    with page.expect_response(lambda answer: "/state/" in answer.url) as answer:
        pass
    assert answer.value.status == 304


def test_it_is_steered_by_keyboard(page: Page, live_server: Any, run: ImportRun) -> None:
    open_page(page, live_server, run)
    page.locator("#ask-pause").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#run-state .tag")).to_have_text("一時停止を待っています")
    run.refresh_from_db()
    assert run.asked == Asked.PAUSE
    page.locator("#ask-go-on").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#ask-cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#run-state .tag")).to_have_text("中止しています")
    run.refresh_from_db()
    assert run.asked == Asked.CANCEL


def test_the_keyboard_stays_where_it_is(page: Page, live_server: Any, run: ImportRun) -> None:
    open_page(page, live_server, run)
    page.locator("#ask-cancel").focus()
    ImportRun.objects.filter(pk=run.pk).update(asked=Asked.PAUSE)
    expect(page.locator("#run-state .tag")).to_have_text("一時停止を待っています")
    expect(page.locator("#ask-cancel")).to_be_focused()


def test_without_a_script_it_is_read_again_whole(
    page: Page, live_server: Any, run: ImportRun, browser: Any
) -> None:
    log_in(page, live_server)
    context = browser.new_context(
        locale="ja-JP", java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"{live_server.url}{reverse('admin:comments_importrun_change', args=[run.pk])}")
    assert 'http-equiv="refresh"' in plain.content()
    plain.locator("#ask-pause").click()
    expect(plain.locator("#run-state .tag")).to_have_text("一時停止を待っています")
    context.close()


@pytest.mark.parametrize("ended", [False, True])
@in_two_looks
def test_anyone_can_read_it(
    page: Page, live_server: Any, run: ImportRun, theme: str, width: int, language: str, ended: bool
) -> None:
    if ended:
        ended_at = {"finished_at": timezone.now(), "counts": counts_of(run)}
        ImportRun.objects.filter(pk=run.pk).update(status=RunStatus.DONE, **ended_at)
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, live_server, run)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page.reload()
    page.evaluate("theme => document.documentElement.classList.toggle('dark', theme === 'dark')", theme)
    keep(page, f"run-{theme}-{width}-{'ended' if ended else 'going'}")
    assert wrong_with(page) == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_ledger_can_be_read(page: Page, live_server: Any, run: ImportRun, language: str) -> None:
    log_in(page, live_server)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page.goto(f"{live_server.url}{reverse('admin:comments_importproblem_changelist')}?run={run.pk}")
    expect(page.get_by_role("link", name="CSV")).to_be_visible()
    keep(page, f"ledger-{language}")
    page.goto(f"{live_server.url}{reverse('admin:comments_importrun_change', args=[run.pk])}")
    keep(page, f"run-{language}")
    assert wrong_with(page) == []
