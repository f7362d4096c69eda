"""Tokens of forms: what they say, and what nobody can make them say."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.signing import Signer

from comments.drafts import Form, FormToken
from comments.form_tokens import LIFETIME, TOKEN_LIMIT, mint, read_form

NOON = datetime(2026, 4, 1, 3, 0, 0, 900_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "state", "seconds"),
    [
        (timedelta(0), FormToken.VALID, 0),
        (timedelta(seconds=4, milliseconds=999), FormToken.VALID, 4),
        (timedelta(seconds=5), FormToken.VALID, 5),
        (LIFETIME, FormToken.VALID, 86_400),
        (LIFETIME + timedelta(milliseconds=1), FormToken.EXPIRED, 86_400),
        (timedelta(milliseconds=-1), FormToken.INVALID, None),
    ],
)
def test_a_token_says_when_its_form_was_rendered(
    later: timedelta, state: FormToken, seconds: int | None
) -> None:
    assert read_form(mint(7, NOON), False, 7, NOON + later) == Form(state, seconds)


def test_it_is_good_at_its_own_site_alone() -> None:
    assert read_form(mint(7, NOON), True, 8, NOON) == Form(FormToken.INVALID, trap=True)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "にせもの",
        "\ud800",
        mint(7, NOON)[:-1],
        mint(7, NOON).swapcase(),
        f"{mint(7, NOON)}x",
        "a" * (TOKEN_LIMIT + 1),
        Signer(salt="another").sign_object({"s": 7, "t": 0}),
        Signer(salt="comments.form").sign_object({"s": 7}),
        Signer(salt="comments.form").sign_object([7]),
    ],
)
def test_what_we_did_not_sign_is_invalid_and_no_error(token: str) -> None:
    assert read_form(token, False, 7, NOON) == Form(FormToken.INVALID)


def test_no_token_says_nothing() -> None:
    assert read_form("", False, 7, NOON) == Form()
    assert read_form("", True, 7, NOON) == Form(trap=True)
    assert len(mint(2**62, NOON)) < TOKEN_LIMIT
