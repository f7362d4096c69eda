#!/usr/bin/env python3
"""Sekisho's command line: `manage.py help` lists the commands."""

import os
import sys

# PostgreSQL's code for a table that is not there.
_NO_TABLE = "42P01"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError, ProgrammingError

    from config.env import ConfigurationError

    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as error:
        sys.exit(f"manage.py: {error}")
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        # A database that is away or empty is no fault of the program: nobody needs the way through it.
        away = not isinstance(error, ProgrammingError)
        empty = getattr(error.__cause__, "sqlstate", "") == _NO_TABLE
        if "--traceback" in sys.argv or not (away or empty):
            raise
        told = "see DATABASE_URL" if away else "`manage.py migrate` makes its tables"
        sys.stderr.write(f"manage.py: the database is not ready, {told}. {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
