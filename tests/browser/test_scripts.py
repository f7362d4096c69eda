"""Names and bodies in any script, in list and card, on a wide and on a narrow screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from moderation.models import Case
from moderation.services import screen
from tests import newsroom, world
from tests.browser.conftest import keep, log_in
from tests.world import NOON, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# By what is odd about it: the name, the body, and how it runs.
WRITTEN = {
    "arabic": ("ليلى (12)", "متى تفتح المكتبة الجديدة؟ يقول البيان: عام 2028، أي بعد سنتين.", "rtl"),
    "hebrew": ("נועה", "עיריית asagiri צודקת: 48 מיליארד ין זה הרבה.\nאבל מה עם הספרייה הישנה?", "rtl"),
    "mongolian": ("ᠪᠠᠲᠤ", "ᠨᠣᠮ ᠤᠨ ᠰᠠᠩ ᠢ ᠰᠢᠨᠡᠳᠬᠡᠬᠦ ᠶᠢ ᠳᠡᠮᠵᠢᠵᠦ ᠪᠠᠢ᠌ᠨ᠎ᠠ᠃", "ltr"),
    "stacks": (
        "z" + "\u0337\u0321\u0302" * 12 + "o",
        "He c" + "\u0300\u0301\u0316" * 30 + "omes! 図書館は呪われている。",
        "ltr",
    ),
    "unbroken": ("x" * 120, "駅前" + "w" * 500, "ltr"),
    "emoji": ("👩‍👩‍👧‍👦🇯🇵", "図書館📚に👩🏽‍🚒が来た。すごい❤️‍🔥" + "🎉" * 80, "ltr"),
    "hidden": ("み\u200bどり\u202e", "広\u200b告\u2060ではありません。", "ltr"),
}  # fmt: skip
# Where a text's letters are laid out beyond the sides of the box around them, or of the page.
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  const kinds = ".body, .beginning, .text, h2, blockquote, .clip, q, dd";
  return [...document.querySelectorAll(`#desk :is(${kinds})`)].filter(each => {
    const range = document.createRange();
    range.selectNodeContents(each);
    const box = (each.closest(".panel, .row") ?? each).getBoundingClientRect();
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, wide)];
    return [...range.getClientRects()].some(
      it => it.width > 1 && it.height > 1 && (it.left < left - 1 || it.right > right + 1));
  }).map(each => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 40)}`);
}"""
# How far what is drawn may reach: a tower of marks is cut at its text's own box.
CUT = "each => ['clip', 'hidden'].includes(getComputedStyle(each).overflowY)"
DIRECTION = "each => getComputedStyle(each).direction"


@pytest.fixture
def cases(transactional_db: None) -> dict[str, Case]:
    """A case of each, all of one author's address: each is in the history of the others."""
    site = world.make_site("asagiri", name="あさぎり新聞")
    world.make_rule("links", action="hold", severity=3)
    newsroom.make_person(site, "mori", "Moderator")
    article = newsroom.make_article(site)
    links = " https://a.example https://b.example https://c.example"
    sent = {
        what: send(article, body + links, author_name=name, author_email="ikari@example.jp")
        for what, (name, body, _) in WRITTEN.items()
    }
    screen(now=lambda: NOON)
    return {what: newsroom.case_of(each) for what, each in sent.items()}


def test_every_script_stays_in_its_box_and_runs_its_own_way(
    page: Page, live_server: Any, cases: dict[str, Case]
) -> None:
    log_in(page, live_server)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{live_server.url}{reverse('desk:queue')}?one=1")
        expect(page.locator("#list .row")).to_have_count(len(WRITTEN))
        keep(page, f"scripts-queue-{width}")
        assert page.evaluate(OVERFLOWING) == []
        for what, (_, _, runs) in WRITTEN.items():
            row = page.locator(f'[data-row="{cases[what].pk}"] .beginning')
            assert row.locator("bdi").evaluate(DIRECTION) == runs, what
            assert row.evaluate(CUT), what
        for what, (_, body, runs) in WRITTEN.items():
            if width == 1440 and what not in {"stacks", "unbroken"}:
                continue
            page.goto(f"{live_server.url}{reverse('desk:case', args=[cases[what].pk])}")
            keep(page, f"scripts-{what}-{width}")
            assert page.evaluate(OVERFLOWING) == [], what
            shown = page.locator("#body")
            assert (shown.evaluate(DIRECTION), page.locator("#comment-title").evaluate(DIRECTION)) == (
                runs,
                runs,
            )
            assert shown.evaluate(CUT)
            assert page.locator("#comment-title").evaluate(CUT)
            marked = shown.locator(".unseen").all_inner_texts()
            assert marked == (["U+200B", "U+2060"] if what == "hidden" else marked), what
            assert body.split("\n")[0][-1] in shown.inner_text()
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, what
