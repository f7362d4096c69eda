"""The one door out: every decision is written here, by the system or a person."""

from moderation.services.deciding import Result, Wanted, close_run_case, decide, undo
from moderation.services.retracing import Retraced, retrace
from moderation.services.screening import Screened, screen

__all__ = [
    "Result",
    "Retraced",
    "Screened",
    "Wanted",
    "close_run_case",
    "decide",
    "retrace",
    "screen",
    "undo",
]
