"""A source that only names an article changes nothing of what is stored of it."""

import pytest

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.models import Floor
from comments.services import Outcome
from tests.world import make_article, make_site

pytestmark = pytest.mark.django_db


def test_what_is_there_stays() -> None:
    site = make_site()
    stored = make_article(site, url="https://example.com/port")
    named = ArticleDraft(url="https://example.com/port", title="Harbour | old blog", partial=True)
    put = put_article(named, site)
    assert put.outcome is Outcome.UNCHANGED
    assert put.article.pk == stored.pk
    assert (put.article.title, put.article.body, put.article.external_id) == (
        stored.title,
        stored.body,
        stored.external_id,
    )


def test_what_is_empty_is_filled() -> None:
    site = make_site()
    make_article(site, url="https://example.com/port", title="")
    put = put_article(
        ArticleDraft(url="https://example.com/port", title="港", closed=True, partial=True), site
    )
    assert put.outcome is Outcome.UPDATED
    assert (put.article.title, put.article.floor) == ("港", Floor.CLOSED)
