"""Starts what the tests run on, before a `conftest.py` or a test imports a model."""

import django

from tests import stack

stack.start()
django.setup()
stack.be_patient()
