"""The catalogue of checks: one a file, one line each in `CHECKS`."""

from moderation.checks.base import Check

CHECKS: tuple[type[Check], ...] = ()

BY_SLUG: dict[str, type[Check]] = {check.slug: check for check in CHECKS}
