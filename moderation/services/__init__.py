"""The one door out: every decision is written here, by the system or a person."""

from moderation.services.bulk_deciding import decide_together, undo_together
from moderation.services.deciding import Result, Wanted, close_run_case, decide, reopen_run_case
from moderation.services.decision_undoing import undo
from moderation.services.escalating import add_note, escalate, pass_on_again, release, take_note_back
from moderation.services.grouping import Grouped, group_cases
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
from moderation.services.sanctioning import SanctionTerms, lift, sanction, sanction_and_decide
from moderation.services.screening import Screened, screen
from moderation.services.sending import send_to_desk
from moderation.services.undoing import begin_undo, go_on, unfinished

__all__ = [
    "Grouped",
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
    "decide_together",
    "escalate",
    "go_on",
    "go_on_with_rule",
    "group_cases",
    "leave",
    "lift",
    "pass_on_again",
    "rehearse_again",
    "release",
    "reopen_run_case",
    "resume_rule_undo",
    "retrace",
    "sanction",
    "sanction_and_decide",
    "screen",
    "screen_again",
    "send_to_desk",
    "take_note_back",
    "undo",
    "undo_together",
    "unfinished",
    "unfinished_of_rules",
]
