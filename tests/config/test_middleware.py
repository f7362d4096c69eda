"""What is refused before any view sees it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/admin/comments/comment/?status=%00",
        "/admin/auth/user/?q=a%00b",
        "/admin/auth/user/?is_staff__exact=%00",
        "/admin/%00/",
    ],
)
def test_a_nul_byte_in_the_address_is_a_bad_request(client: Client, path: str) -> None:
    client.raise_request_exception = False
    client.force_login(User.objects.create_superuser("chief"))
    answer = client.get(path)
    assert answer.status_code == 400
    assert answer.headers["X-Request-ID"]


def test_other_addresses_pass(client: Client) -> None:
    client.force_login(User.objects.create_superuser("chief"))
    assert client.get("/admin/auth/user/?q=100%25+0").status_code == 200


def test_what_is_not_allowed_or_too_old_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(User.objects.create_user("mori", is_staff=True))
    assert "You may not do this" in client.get("/admin/desk/audit/").content.decode()
    too_old = client.post("/admin/logout/")
    assert too_old.status_code == 403
    assert "load the page again" in too_old.content.decode()
