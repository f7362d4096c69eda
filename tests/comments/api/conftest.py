import pytest

from comments.models import Article, Site
from tests.publisher import Publisher


@pytest.fixture
def publisher(site: Site) -> Publisher:
    """The server of the site."""
    return Publisher(site)


@pytest.fixture
def known(article: Article) -> str:
    """The publisher's id of an article that is there."""
    assert article.external_id
    return article.external_id
