"""Whose clock a time is told by: the site's, else the reader's, whose is that of his sites."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from comments.models import ImportRun, Membership, Site
from moderation.admin.times import midnight
from moderation.models import Tryout
from moderation.people import PeopleBackend, zone_of
from moderation.services import screen
from tests import newsroom, world

pytestmark = pytest.mark.django_db
# In New York half past eleven in the evening of the tenth; in Tokyo half past one of the eleventh.
LATE = datetime(2026, 1, 11, 4, 30, tzinfo=UTC)


@pytest.fixture
def new_york() -> Site:
    return world.make_site("hudson", name="Hudson Courier", zone="America/New_York")


@pytest.fixture
def tokyo() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞", zone="Asia/Tokyo")


def reader_of(client: Client, *sites: Site) -> User:
    user = newsroom.make_person(sites[0], "mori", "Lead")
    for site in sites[1:]:
        Membership.objects.create(user=user, site=site)
    client.force_login(user)
    return user


def known(user: User) -> User:
    found = PeopleBackend().get_user(user.pk)
    assert found is not None
    return found


def test_the_readers_clock_is_that_of_his_sites(client: Client, new_york: Site, tokyo: Site) -> None:
    user = reader_of(client, new_york)
    assert zone_of(known(user)) == "America/New_York"
    Membership.objects.create(user=user, site=tokyo)
    assert zone_of(known(user)) == settings.TIME_ZONE
    Site.objects.filter(pk=tokyo.pk).update(zone="America/New_York")
    assert zone_of(known(user)) == "America/New_York"
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    world.make_site("lisboa", zone="Europe/Lisbon")
    assert zone_of(known(user)) == settings.TIME_ZONE


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 3, 8), "Asia/Tokyo", 24),
        # Here the clock skips midnight itself.
        (date(2026, 4, 24), "Africa/Cairo", 23),
    ],
)
def test_a_day_is_as_long_as_the_sites_clock_makes_it(day: date, zone: str, hours: int) -> None:
    site = world.make_site("hudson", zone=zone)
    first, last = midnight(day, site.pk), midnight(day + timedelta(days=1), site.pk)
    assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours)


def test_the_log_is_narrowed_by_days_of_the_site(client: Client, new_york: Site, tokyo: Site) -> None:
    user = reader_of(client, new_york)
    world.make_rule("required_name", action="reject")
    for site in (new_york, tokyo):
        world.send(newsroom.make_article(site), "誰かが書きました。", author_name="")
    screen(now=lambda: LATE)

    def found(day: str, **query: str) -> int:
        answer = client.get(reverse("desk:log"), {"since": day, "until": day, **query})
        return len(answer.context["entries"])

    assert (found("2026-01-10"), found("2026-01-11")) == (1, 0)
    assert "2026-01-10 23:30" in client.get(reverse("desk:log")).content.decode()
    Membership.objects.create(user=user, site=tokyo)
    assert (found("2026-01-10"), found("2026-01-11")) == (0, 2)
    assert (found("2026-01-10", site=str(new_york.pk)), found("2026-01-10", site=str(tokyo.pk))) == (1, 0)


def test_runs_and_try_outs_are_told_by_the_sites_clock(client: Client, new_york: Site, tokyo: Site) -> None:
    user = reader_of(client, new_york, tokyo)
    run = newsroom.make_run_case(new_york).import_run
    assert run is not None
    ImportRun.objects.filter(pk=run.pk).update(started_at=LATE)
    page = client.get(reverse("admin:comments_importrun_change", args=[run.pk])).content.decode()
    assert "2026年1月10日23:30" in page
    assert "2026年1月11日" not in page
    tried = Tryout.objects.create(
        site=new_york, since=LATE, until=LATE, drafts=[], against=[], created_by=user
    )
    page = client.get(reverse("admin:moderation_tryout_change", args=[tried.pk])).content.decode()
    assert "2026-01-10" in page
    page = client.get(reverse("admin:moderation_tryout_changelist")).content.decode()
    assert "2026-01-10 – 2026-01-10" in page
