"""The OpenAPI document, held against the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode

from comments.models import Site
from tests import world
from tests.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comments.models import Article

generator: Any = SchemaGenerator
schema = schemathesis.openapi.from_dict(generator().get_schema(public=True))
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
# A request may be well-formed and name what is not there, or begin at no page's
# end: the document cannot say which. A missing body is a missing length.
schema.config.checks.update(excluded_check_names=["positive_data_acceptance"])
rejection = schema.config.checks.negative_data_rejection
rejection.expected_statuses = [*rejection.expected_statuses, "411", "413"]
schema.app = get_wsgi_application()


@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_its_document_says(case: Any, publisher: Publisher, example: Article) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {publisher.secret}"})


@pytest.fixture
def publisher(site: Site) -> Iterator[Publisher]:
    """The server of the site; the test's transaction outlives the requests, as with Django's client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Publisher(site)
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def example(site: Site) -> Article:
    """The article of the document's examples."""
    return world.make_article(site, external_id="2026-0417")


def test_the_document_and_its_pages_need_no_key() -> None:
    client = Client()
    assert client.get("/api/v1/schema/").status_code == 200
    html = client.get("/api/v1/docs/").content.decode()
    assert "swagger-ui-bundle.js" in html
    assert "//" not in html.replace("//localhost", "").split("<script>")[0]
