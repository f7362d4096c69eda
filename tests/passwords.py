"""Passwords of tests."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    """As Django's own, which other processes can verify, without the third of a second that it takes."""

    iterations = 1
