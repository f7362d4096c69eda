"""The page on which a person erases a comment."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from comments.models import Article, Comment, Site
from moderation.models import Decision
from moderation.services import screen
from tests import newsroom, world
from tests.world import NOON, send

pytestmark = pytest.mark.django_db
SECRET = "私の本名は霧島で、駅裏に住んでいます。"


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


@pytest.fixture
def comment(site: Site) -> Comment:
    article: Article = newsroom.make_article(site)
    sent = send(article, SECRET, author_name="霧島", author_email="kirishima@example.jp")
    screen(now=lambda: NOON)
    return Comment.objects.get(pk=sent.comment_id)


@pytest.fixture
def eraser(site: Site, client: Client) -> Client:
    user = newsroom.make_person(site, "hidaka", "Lead")
    user.user_permissions.add(Permission.objects.get(codename="erase_comment"))
    client.force_login(User.objects.get(pk=user.pk))
    return client


def page_of(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])


def erase_page(comment: Comment) -> str:
    return reverse("admin:comments_comment_erase", args=[comment.pk])


@pytest.mark.parametrize(("language", "told"), [("ja", "二度と掲載されません"), ("en", "never shown again")])
def test_it_says_what_will_happen_and_changes_nothing(
    comment: Comment, eraser: Client, language: str, told: str
) -> None:
    assert erase_page(comment) in eraser.get(page_of(comment)).content.decode()
    page = eraser.get(erase_page(comment), headers={"accept-language": language}).content.decode()
    assert told in page
    assert SECRET in page
    assert Comment.objects.get(pk=comment.pk).body == SECRET


def test_what_was_typed_goes_and_who_did_it_stays(comment: Comment, eraser: Client) -> None:
    after = eraser.post(erase_page(comment), follow=True).content.decode()
    assert SECRET not in after
    assert erase_page(comment) not in after
    row = Comment.objects.get(pk=comment.pk)
    assert (row.body, row.author_name, row.author_email, row.status) == ("", "", "", "rejected")
    assert Decision.objects.filter(comment=row).latest("pk").cause == "erased"
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr) == ("hidaka", f"#{comment.pk}")
    assert eraser.post(erase_page(comment)).status_code == 404


@pytest.mark.parametrize("group", ["Moderator", "Lead", "Auditor"])
def test_no_group_may_by_itself(comment: Comment, site: Site, client: Client, group: str) -> None:
    client.force_login(newsroom.make_person(site, "mori", group))
    assert erase_page(comment) not in client.get(page_of(comment)).content.decode()
    assert client.get(erase_page(comment)).status_code == 403
    assert client.post(erase_page(comment)).status_code == 403
    assert Comment.objects.get(pk=comment.pk).body == SECRET
