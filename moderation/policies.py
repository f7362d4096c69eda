"""What becomes of an import's rows under each policy, as a table that the engine itself fills. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from moderation.checks.base import Check, Finding, Submission
from moderation.engine import ActiveRule, Context, Verdict, evaluate

POLICIES = ("enforce", "flag", "trusted")
BEGIN, END = "<!-- policies: made by manage.py docs -->", "<!-- policies end -->"

_NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
_SUBMISSION = Submission(
    comment=1, revision=1, body="こんにちは", posted_at=_NOON, arrived_at=_NOON, live=False
)


@dataclass(frozen=True)
class _Sees(Check):
    """Finds something, or nothing, or fails."""

    finds: bool = False
    fails: bool = False

    def check(self, submission: Submission) -> Iterator[Finding]:  # noqa: ARG002
        if self.fails:
            raise RuntimeError
        if self.finds:
            yield Finding("hit")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: a comment on which rules of some actions make findings."""

    what: str
    state: str = "approved"
    floor: str = "open"
    action: str = ""
    fails: bool = False


_ROWS = (
    _Row("the source states nothing", state=""),
    _Row("the source has it as *approved*"),
    _Row("the source has it as *pending*", state="pending"),
    _Row("the source has it as *spam*", state="spam"),
    _Row("the source has it as *trash*", state="trash"),
    _Row("approved; the site's or the article's floor holds all", floor="hold_all"),
    _Row("approved; the article is closed", floor="closed"),
    _Row("approved; a rule flags it", action="flag"),
    _Row("approved; a rule holds it", action="hold"),
    _Row("approved; a rule rejects it", action="reject"),
    _Row("approved; a rule's check fails", fails=True),
    _Row("pending; a rule rejects it", state="pending", action="reject"),
)


def with_policies(page: str) -> str:
    """The page with its table of the policies made anew. Raises `ValueError` where it has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place between {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def table() -> str:
    """A line for each of what may speak against a comment, a column for each policy."""
    lines = [f"| an imported comment | {' | '.join(POLICIES)} |", "|---|" + "---|" * len(POLICIES)]
    lines += [
        f"| {row.what} | {' | '.join(_told(_verdict(row, policy)) for policy in POLICIES)} |" for row in _ROWS
    ]
    return "\n".join(lines)


def outcomes(state: str) -> list[str]:
    """What each policy makes of a comment in `state` at its source, where nothing speaks against it."""
    return [_told(_verdict(_Row("", state=state), policy)) for policy in POLICIES]


def _verdict(row: _Row, policy: str) -> Verdict:
    rule = ActiveRule(
        version=1,
        check=_Sees(finds=bool(row.action), fails=row.fails),
        action=row.action or "flag",
        enforced=True,
        severity=1,
        reason=1,
    )
    return evaluate([rule], _SUBMISSION, Context(site=1, floor=row.floor, policy=policy, state=row.state))


def _told(verdict: Verdict) -> str:
    case = ", a case" if verdict.severity else ""
    noted = ", the finding recorded" if verdict.hits and not verdict.causes else ""
    return f"{verdict.status}{case}{noted}"
