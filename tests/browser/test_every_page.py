"""Every page of the admin in Chromium: accessible, reachable by keyboard, no wider than the screen.

The pages are those of the walk in `tests/moderation/admin/test_every_view.py`, so that a page
added tomorrow is looked at tomorrow.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext

from comments.models import Site
from tests import newsroom
from tests.browser.conftest import keep
from tests.moderation.admin.test_every_view import Newsroom, address, custom_pages, newsroom_

__all__ = ["newsroom_"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What can be pressed or written in, is seen, and is left out by the Tab key. One of a group of radio
# buttons stands for all, and a list of suggestions is gone through by the arrows.
UNREACHABLE = """
() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button]')]
    .filter(each => each.checkVisibility({visibilityProperty: true}) && each.tabIndex < 0 && !each.disabled
        && each.type !== 'hidden' && !each.closest('[aria-hidden=true], [inert]'))
    .map(each => each.outerHTML.slice(0, 160))
"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def paths(found: Newsroom, client: Client) -> list[str]:
    """Every address that answers with a page."""
    pages = [
        reverse(name) for name in ("admin:index", "desk:queue", "desk:today", "desk:log", "desk:dashboard")
    ]
    for model, row in found.rows.items():
        pages += [address(model, page) for page in ("changelist", "add")]
        pages += [address(model, page, row) for page in ("change", "delete", "history")]
    pages += custom_pages(found)
    # The state of a run is a part of its page.
    return [path for path in dict.fromkeys(pages) if not path.endswith("/state/") and is_page(client, path)]


def is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    if answer.streaming:
        answer.close()
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("part", range(2))
def test_every_page(
    context: BrowserContext, live_server: Any, newsroom_: Newsroom, client: Client, part: int
) -> None:
    boss = newsroom.make_person(Site.objects.get(), "boss", "Lead", is_superuser=True)
    client.force_login(User.objects.get(pk=boss.pk))
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page, faults = context.new_page(), []
    walked = paths(newsroom_, client)
    assert len(walked) > 60
    for at, path in enumerate(walked):
        # In turn, so that every kind of page is seen in either theme and language by one of the parts.
        theme, language = ("light", "dark")[(at + part) % 2], ("ja", "en")[part]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": (1280, 390)[(at + part) % 2], "height": 844})
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.goto(f"{live_server.url}{path}")
        keep(page, f"every-{part}-{at}-{path.strip('/').replace('/', '_')[:80]}")
        found = Axe().run(page, options={"runOnly": LEVELS})
        where = f"{path} {theme} {language}"
        faults += [
            (where, each["id"], node["html"][:200])
            for each in found.response["violations"]
            for node in each["nodes"]
        ]
        faults += [(where, "no way by Tab", each) for each in page.evaluate(UNREACHABLE)]
        if (wider := page.evaluate(WIDER)) > 0:
            faults.append((where, "scrolls sideways", f"{wider} px"))
    assert not faults, "\n".join(" | ".join(fault) for fault in faults)
