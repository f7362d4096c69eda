"""The lock-out of logins."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

PASSWORD = "pass-for-tests"


@pytest.fixture
def colleague(db: None) -> User:
    return User.objects.create_user("mori", password=PASSWORD, is_staff=True)


def log_in(password: str, **meta: str) -> int:
    """The status of the answer: 302 to the admin, 200 the form again, 429 locked out."""
    given = {"username": "mori", "password": password}
    status: int = Client().post(reverse("admin:login"), given, **meta).status_code  # type: ignore[arg-type]
    return status


def lock_out(**meta: str) -> None:
    assert [log_in("guess", **meta) for _ in range(5)][-1] == 429
    assert log_in(PASSWORD, **meta) == 429


def test_five_guesses_close_the_name_to_the_address_they_came_from(colleague: User) -> None:
    lock_out(REMOTE_ADDR="203.0.113.1")
    assert log_in(PASSWORD, REMOTE_ADDR="203.0.113.2") == 302


def test_behind_a_proxy_guesses_close_the_name_to_their_own_address_alone(
    colleague: User, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    lock_out(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.9, 203.0.113.1")
    # What stands before the proxy's own entry is the guesser's to choose.
    assert log_in(PASSWORD, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="8.8.8.8, 203.0.113.1") == 429
    assert log_in(PASSWORD, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.2") == 302
