"""The one door out: every decision is written here, by the system or a person."""

from moderation.services.deciding import Result, Wanted, close_run_case, decide, undo
from moderation.services.screening import Screened, screen

__all__ = ["Result", "Screened", "Wanted", "close_run_case", "decide", "screen", "undo"]
