"""Starts what the tests run on, before a `conftest.py` or a test imports a model."""

import django
from django.conf import settings

from tests import stack

stack.start()
django.setup()
settings.PASSWORD_HASHERS = ["tests.passwords.Quick"]
stack.be_patient()
