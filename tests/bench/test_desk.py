"""The generated newsroom: the same for the same seed, true to the services, and a desk that answers."""

import pytest
from django.db import transaction
from django.utils import timezone

from bench import desk, newsdesk
from comments import bulk
from comments.authors import author_key
from comments.models import Article, Comment
from moderation.models import Case, Decision, Finding, RuleVersion
from moderation.text import stored_form
from tests import facets, newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db

SIZE = newsdesk.Size(400, 60)


@pytest.fixture
def filled() -> newsdesk.Desk:
    newsroom.groups()
    newsroom.make_rules()
    return newsdesk.fill(SIZE, timezone.now())


def test_there_is_as_much_as_was_asked_for(filled: newsdesk.Desk) -> None:
    assert Comment.objects.count() == SIZE.comments
    assert Case.objects.filter(closed_at=None).count() == SIZE.open_cases
    assert 0.1 * SIZE.comments < Case.objects.filter(closed_at__isnull=False).count() < 0.2 * SIZE.comments
    assert Decision.objects.filter(by=None).count() == SIZE.comments
    assert Decision.objects.filter(by__isnull=False).count() == Case.objects.exclude(closed_at=None).count()
    assert Decision.objects.values("by").distinct().count() == len(newsdesk.PEOPLE) + 1
    assert set(Finding.objects.values_list("rule_version", flat=True)) == set(
        RuleVersion.objects.values_list("pk", flat=True)
    )
    assert not Case.objects.filter(causes=None).exists()
    assert filled.groups
    assert facets.stored() == facets.expected()


def test_rows_are_what_the_services_would_write(filled: newsdesk.Desk) -> None:
    article = Article.objects.order_by("pk").last()
    assert article is not None
    for comment in Comment.objects.all()[:100]:
        assert stored_form(comment.body) == (comment.folded, comment.fingerprint, comment.folder_version)
        key = author_key(comment.site_id, "", comment.author_email)
        assert (comment.author_key, comment.site_id) == (key, comment.article.site_id)
    # The next one gets an id of its own.
    assert world.send(article, "次の方どうぞ。").comment_id > SIZE.comments


def test_a_seed_makes_the_same_desk() -> None:
    newsroom.groups()
    newsroom.make_rules()

    def digest() -> str:
        with transaction.atomic():
            newsdesk.fill(SIZE, NOON)
            ((found,),) = bulk.fetch(
                """SELECT md5(string_agg(concat(c.folded, c.posted_at, k.severity, k.closed_at), '|'
                                         ORDER BY c.id))
                   FROM comments_comment c LEFT JOIN moderation_case k ON k.comment_id = c.id"""
            )
            transaction.set_rollback(True)
        return str(found)

    assert digest() == digest()


def test_the_desk_is_asked_for_everything(filled: newsdesk.Desk) -> None:
    for name, ask in desk.scenarios(filled).items():
        for number in range(2):
            ask(number)
        assert name
    assert Case.objects.filter(closed_at=None).count() == SIZE.open_cases - 2


def test_two_desks_are_compared() -> None:
    small = {"queue": desk.Figure(40.0, 12, 30.0), "card": desk.Figure(50.0, 9, 30.0)}
    large = {"queue": desk.Figure(50.0, 12, 33.0), "card": desk.Figure(55.0, 10, 30.0)}
    found = desk.compared(small, large)
    assert found["queue: ratio"] == found["slowest: ratio"] == 1.25
    assert found["slowest: ratio of processor time"] == 1.1
    assert (found["slowest: ms, p95"], found["pages with other numbers of queries"]) == (55.0, 1)
