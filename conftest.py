"""Starts what the tests run on, before a `conftest.py` or a test imports a model."""

import gc

import django
from django.conf import settings

from tests import stack

stack.start()
django.setup()
settings.PASSWORD_HASHERS = ["tests.passwords.Quick"]
stack.be_patient()

# As at every start, see `config`: what is imported and collected stays.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
