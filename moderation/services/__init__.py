"""The one door out: every decision is written here, by the system or a person."""

from moderation.services.deciding import Result, Wanted, close_run_case, decide, undo
from moderation.services.escalating import add_note, escalate, release
from moderation.services.leasing import claim, leave
from moderation.services.rescreening import rehearse_again, screen_again
from moderation.services.retracing import Retraced, retrace
from moderation.services.rule_undoing import (
    begin_rule_undo,
    cancel_rule_undo,
    go_on_with_rule,
    resume_rule_undo,
    unfinished_of_rules,
)
from moderation.services.sanctioning import SanctionTerms, lift, sanction
from moderation.services.screening import Screened, screen
from moderation.services.sending import send_to_desk
from moderation.services.undoing import begin_undo, go_on, unfinished

__all__ = [
    "Result",
    "Retraced",
    "SanctionTerms",
    "Screened",
    "Wanted",
    "add_note",
    "begin_rule_undo",
    "begin_undo",
    "cancel_rule_undo",
    "claim",
    "close_run_case",
    "decide",
    "escalate",
    "go_on",
    "go_on_with_rule",
    "leave",
    "lift",
    "rehearse_again",
    "release",
    "resume_rule_undo",
    "retrace",
    "sanction",
    "screen",
    "screen_again",
    "send_to_desk",
    "undo",
    "unfinished",
    "unfinished_of_rules",
]
