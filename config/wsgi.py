"""The WSGI entry point."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.checks import require_serving  # noqa: E402 - it reads the settings, which stand only now
from config.env import ConfigurationError  # noqa: E402

try:
    require_serving()
except ConfigurationError as error:
    sys.exit(f"sekisho: {error}")
