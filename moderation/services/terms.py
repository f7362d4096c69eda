"""How soon a person is to look at a case."""

from collections.abc import Mapping
from datetime import timedelta

from moderation.models import Severity

# How long a case may wait. A misquote spreads while it stands, so it is due
# within the hour; what is merely odd may wait for a quiet hour of these days.
TERMS: Mapping[int, timedelta] = {
    Severity.HIGH: timedelta(hours=1),
    Severity.NORMAL: timedelta(hours=8),
    Severity.LOW: timedelta(days=3),
}
