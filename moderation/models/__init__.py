"""What we think of what people wrote.

Decisions and findings are a log: row triggers refuse UPDATE and DELETE. The
log holds nothing that a person typed; that is in `Evidence`, which can be
erased. Rows are written by `moderation.services` and `moderation.rules`.
"""

from moderation.models.bulk import BulkDecision, BulkRow
from moderation.models.cases import ByCase, Case, CaseCause
from moderation.models.external import ExternalAnswer
from moderation.models.facets import CaseFacet, CaseText
from moderation.models.groups import Regroup
from moderation.models.log import (
    UNSETTLED,
    ByComment,
    Decision,
    Evidence,
    EvidenceKind,
    Finding,
    Quote,
    QuoteSet,
    RuleJudgement,
)
from moderation.models.notes import Note, NoteKind
from moderation.models.rules import (
    Action,
    AppliesTo,
    Mode,
    Reason,
    Rule,
    RuleSet,
    RuleTerms,
    RuleVersion,
    Severity,
    SiteOrAll,
    WordList,
    WordListVersion,
)
from moderation.models.safety import AutomaticRejections, BreakerPair, BreakerTrip, RuleUndo, Safeguards
from moderation.models.sanctions import Sanction, SanctionKind
from moderation.models.settings import Blur, DeskSettings
from moderation.models.tallies import Span, Tally, TallyChange
from moderation.models.traces import LinkTrace, NearKeys
from moderation.models.tryouts import Tryout, TryoutChunk, TryoutHit, TryoutStatus
from moderation.models.undoing import ImportUndo
from moderation.models.views import SavedView
from moderation.models.waiting import Lane, Pending, Retrace

__all__ = [
    "UNSETTLED",
    "Action",
    "AppliesTo",
    "AutomaticRejections",
    "Blur",
    "BreakerPair",
    "BreakerTrip",
    "BulkDecision",
    "BulkRow",
    "ByCase",
    "ByComment",
    "Case",
    "CaseCause",
    "CaseFacet",
    "CaseText",
    "Decision",
    "DeskSettings",
    "Evidence",
    "EvidenceKind",
    "ExternalAnswer",
    "Finding",
    "ImportUndo",
    "Lane",
    "LinkTrace",
    "Mode",
    "NearKeys",
    "Note",
    "NoteKind",
    "Pending",
    "Quote",
    "QuoteSet",
    "Reason",
    "Regroup",
    "Retrace",
    "Rule",
    "RuleJudgement",
    "RuleSet",
    "RuleTerms",
    "RuleUndo",
    "RuleVersion",
    "Safeguards",
    "Sanction",
    "SanctionKind",
    "SavedView",
    "Severity",
    "SiteOrAll",
    "Span",
    "Tally",
    "TallyChange",
    "Tryout",
    "TryoutChunk",
    "TryoutHit",
    "TryoutStatus",
    "WordList",
    "WordListVersion",
]
