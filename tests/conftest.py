"""What every test shares."""

import pytest
from hypothesis import HealthCheck, settings

from comments.models import Article, Site
from tests import world

# The same examples on every run and machine; time is the bench's business.
settings.register_profile(
    "sekisho", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sekisho")


@pytest.fixture
def site(db: None) -> Site:
    """An open site."""
    return world.make_site()


@pytest.fixture
def article(site: Site) -> Article:
    """An article of that site."""
    return world.make_article(site)
