"""From key press to the next card on the screen: 200 decisions at the desk, in Chromium, by keyboard alone.

The time runs from the key's own time stamp to the first moment after the frame
in which the next card is painted; the decision has been written by then. The
next card is fetched while one reads: a reader who takes a quarter of a second
for a card, and one who takes none and so finds nothing fetched.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
from typing import TYPE_CHECKING, Any

from bench.stand import figures, main, say, stand

if TYPE_CHECKING:
    from playwright.sync_api import Page

DECISIONS = 200
READING_SECONDS = 0.25
LOGIN, PASSWORD = "keypress", "pass-for-the-bench-only"
# Most cards are published, some are rejected with the second reason.
KEYS = "aaa2"

_WATCH = """() => {
    window.waits = [];
    performance.setResourceTimingBufferSize(10_000);
    let pressed = 0;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
    document.addEventListener("desk:shown", () => requestAnimationFrame(() => setTimeout(() => {
        if (pressed) window.waits.push(performance.now() - pressed);
        pressed = 0;
    })));
}"""
# Of each decision of a round, until its answer was there.
_ANSWERS = """() => performance.getEntriesByType("resource")
    .filter((each) => each.name.includes("/decide/")).map((each) => each.duration)"""


def run(*, quick: bool = False) -> dict[str, Any]:
    """Milliseconds: median and 95th percentile, with and without time to read."""
    return figures("bench.keypress", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own; a quick one makes 10 decisions of each kind."""
    decisions = 10 if quick else DECISIONS
    # Playwright keeps an event loop running in this thread.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with stand() as standing:
        say(f"{2 * decisions} cases …")
        _fill(2 * decisions + 20)
        standing.start("web")
        standing.wait_for_web()
        return _in_browser(f"http://127.0.0.1:{standing.port}", decisions)


def _fill(cases: int) -> None:
    """A site that holds everything, a moderator, and so many cases of several authors."""
    from django.contrib.auth.models import Group, User
    from django.utils import timezone

    from bench import data
    from comments.drafts import CommentDraft
    from comments.models import Floor, Membership, Site
    from comments.services import Arrival, Origin, receive
    from moderation.services import screen

    rng = random.Random(data.SEED)
    world = data.make_world(5, rng)
    Site.objects.update(floor=Floor.HOLD_ALL)
    user = User.objects.create_user(LOGIN, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="Moderator"))
    Membership.objects.create(user=user, site=world.site)
    bodies = data.mixed_bodies(world, world.articles, rng, cases)
    arrivals = [
        Arrival(
            CommentDraft(body=body, author_name=f"読者{at % 40}", author_email=f"r{at % 40}@example.jp"),
            world.articles[at % 5],
        )
        for at, body in enumerate(bodies)
    ]
    receive(arrivals, Origin(world.site.pk), now=timezone.now())
    while screen().claimed:
        pass


def _in_browser(base: str, decisions: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((at for name in names if name and (at := shutil.which(name))), None)
    if path is None:
        raise SystemExit("There is no Chromium. Install it, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        _open_first_case(page, base)
        _press(page, 10, READING_SECONDS)
        found: dict[str, Any] = {}
        for name, seconds in (("read for 0.25 s", READING_SECONDS), ("not read at all", 0.0)):
            say(f"{decisions} decisions, each card {name} …")
            waits = _press(page, decisions, seconds)
            found[f"{name}: ms, median"] = statistics.median(waits)
            found[f"{name}: ms, p95"] = sorted(waits)[int(0.95 * (len(waits) - 1))]
            found[f"{name}: ms of it until the server's answer, median"] = statistics.median(
                page.evaluate(_ANSWERS)
            )
        browser.close()
    return found


def _open_first_case(page: Page, base: str) -> None:
    page.goto(f"{base}/admin/desk/")
    page.locator("[name=username]").fill(LOGIN)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").first.click()
    page.locator("[data-row]").first.click()
    page.locator("#body").wait_for()
    page.evaluate(_WATCH)


def _press(page: Page, decisions: int, reading: float) -> list[float]:
    """Decide so many cases; the milliseconds that each next card took."""
    page.evaluate("window.waits = []; performance.clearResourceTimings()")
    for at in range(decisions):
        page.keyboard.press(KEYS[at % len(KEYS)])
        page.wait_for_function("count => window.waits.length === count", arg=at + 1)
        if reading:
            page.wait_for_timeout(1_000 * reading)
    waits: list[float] = page.evaluate("window.waits")
    return waits


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
