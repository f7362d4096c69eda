"""Addresses for those who may not see them."""

import pytest

from comments.masking import mask_address, mask_email


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("hanako@example.co.jp", "h•••@•••.jp"),
        ("x@y", "x•••"),
        ("ただの文字", "た•••"),
        ("@example.jp", "e•••"),
        ("", ""),
    ],
)
def test_email(email: str, masked: str) -> None:
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("203.0.113.9", "203.0.•.•"),
        ("2001:db8::1", "2001:0db8:•••"),
        ("::ffff:203.0.113.9", "0000:0000:•••"),
        (None, ""),
        ("", ""),
    ],
)
def test_address(address: str | None, masked: str) -> None:
    assert mask_address(address) == masked
