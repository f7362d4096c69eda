"""What a person sees who goes astray: words in his language, and a way back."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

FIRST = reverse("admin:index")


@pytest.mark.django_db
def test_an_address_of_nothing_leads_back(client: Client) -> None:
    client.force_login(User.objects.create_superuser("hara"))
    page = client.get("/admin/nowhere/", headers={"Accept-Language": "ja"})
    assert page.status_code == 404
    assert "このアドレスには何もありません" in page.content.decode()
    assert f'href="{FIRST}"' in page.content.decode()


@pytest.mark.django_db
def test_a_login_without_a_destination_ends_at_the_first_page(client: Client) -> None:
    User.objects.create_superuser("hara", password="pass-for-tests")
    answer = client.post(reverse("admin:login"), {"username": "hara", "password": "pass-for-tests"})
    assert (answer.status_code, answer.headers["Location"]) == (302, FIRST)


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500"])
def test_each_needs_nothing_but_itself(page: str) -> None:
    """What went wrong may be anything: no database, no context."""
    with override("ja"):
        japanese = render_to_string(f"{page}.html")
    with override("en"):
        english = render_to_string(f"{page}.html")
    assert '<html lang="ja">' in japanese
    assert "最初のページへ" in japanese
    assert "To the first page" in english
