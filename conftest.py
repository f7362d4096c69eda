"""Starts what the tests run on before anything else, a `conftest.py` with models in it for one, is imported."""

import django

from tests import stack

stack.start()
django.setup()
