"""The answer about a comment that was not sent: what of a preview a publisher's readers may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moderation import reading
from moderation.checks.quotes import Quotes
from moderation.models import Reason
from moderation.quote_words import difference_in_words, quote_in_words, reference_in_words
from moderation.shown_quotes import PASSAGE, Shown, shown

if TYPE_CHECKING:
    from moderation.engine import Hit
    from moderation.preview import Preview
    from moderation.quotes import Difference, Traced
    from moderation.referring import Referred
    from moderation.replies import Answered

Row = Mapping[str, Any]


def document(preview: Preview, language: str) -> Row:
    """The answer, in `language` where it has words; that language must be the active one."""
    quotes = preview.claimed.submission.quotes
    named = {each.comment for each in preview.references if each.comment is not None}
    told = shown(quotes, named | ({preview.parent.comment} if preview.parent else set()))
    hits = [hit for hit in preview.verdict.hits if hit.rule.enforced]
    reasons = _reasons(preview, hits)
    return {
        "status": preview.status,
        "causes": [str(cause) for cause in preview.verdict.causes],
        "reasons": _stopped_by(preview, hits, reasons, language),
        "findings": [
            _finding(hit, reasons[hit.rule.reason], quotes, told, language)
            for hit in _told_of(hits)
            if hit.rule.message(language) or reasons[hit.rule.reason].public_text(language)
        ],
        "quotes": [_quote(traced, told) for traced in quotes],
        "references": [_reference(each, told) for each in preview.references],
        "parent": _parent(preview.parent, told),
    }


def _reasons(preview: Preview, hits: Sequence[Hit]) -> dict[int, Reason]:
    """The reasons of the rules that hit, and of the verdict."""
    wanted = {hit.rule.reason for hit in hits}
    if preview.verdict.reason is not None:
        wanted.add(preview.verdict.reason)
    return Reason.objects.in_bulk(wanted)


def _stopped_by(
    preview: Preview, hits: Sequence[Hit], reasons: Mapping[int, Reason], language: str
) -> list[dict[str, str]]:
    actions = reading.stopping(preview.status)
    stopping = [hit.rule for hit in hits if hit.rule.action in actions]
    told = [(reasons[rule.reason], rule.message(language)) for rule in stopping]
    others = {preview.verdict.reason or 0} - {rule.reason for rule in stopping} if actions else set()
    told += [(reason, "") for key, reason in reasons.items() if key in others]
    return reading.in_public(told, language)


def _told_of(hits: Sequence[Hit]) -> list[Hit]:
    """The hits; of a rule whose hits are for staff the first alone, for their number would tell as much."""
    told = {hit.rule.version: hit for hit in reversed(hits)}
    return [hit for hit in hits if not hit.rule.check.for_staff or told[hit.rule.version] is hit]


def _finding(hit: Hit, reason: Reason, quotes: Sequence[Traced], told: Shown, language: str) -> Row:
    finding = hit.finding
    code, text = finding.code, hit.rule.check.sentence(finding.code, finding.data, language)
    spans = finding.spans
    if hit.rule.check.for_staff:
        # Where a listed word stands would tell which it is.
        text, spans = hit.rule.message(language) or reason.public_text(language), ()
    if isinstance(hit.rule.check, Quotes):
        places = {(span.start, span.end) for span in finding.spans}
        for traced in quotes:
            if (traced.quoted.start, traced.quoted.end) in places and told.conceals(traced):
                # How much differs, and in what, would lead a guess on.
                code, text = str(traced.verdict), quote_in_words(traced.verdict)
    return {
        "reason": reason.slug,
        "code": code,
        "text": text,
        "action": hit.rule.action,
        "spans": [{"field": span.field, "start": span.start, "end": span.end} for span in spans],
    }


def _quote(traced: Traced, told: Shown) -> Row:
    quoted, source = traced.quoted, told.source(traced)
    known = traced.source if source else None
    return {
        "start": quoted.start,
        "end": quoted.end,
        "verdict": traced.verdict,
        "text": quote_in_words(traced.verdict),
        "source": source,
        "passage": known and known.text[traced.start : traced.end][:PASSAGE],
        "similarity": round(traced.similarity, 4) if known else None,
        "differences": [_difference(each, traced) for each in traced.differences] if known else [],
        "ambiguous": traced.ambiguous,
        "misattributed": traced.misattributed,
    }


def _difference(each: Difference, traced: Traced) -> Row:
    quoted = traced.quoted
    start = quoted.place(each.start)
    return {
        "kind": each.kind,
        "text": difference_in_words(each.kind),
        "quoted": each.quoted,
        "source": each.source,
        "start": start,
        # Of the last character, for the place behind it may lie on the next line.
        "end": quoted.place(each.end - 1) + 1 if each.end > each.start else start,
    }


def _reference(each: Referred, told: Shown) -> Row:
    return {
        "start": each.start,
        "end": each.end,
        "number": each.number,
        "verdict": each.verdict,
        "text": reference_in_words(each.verdict),
        "id": told.comments.get(each.comment or 0),
    }


def _parent(answered: Answered | None, told: Shown) -> Row | None:
    if answered is None or answered.comment not in told.comments:
        return None
    return {"id": told.comments[answered.comment], "how": answered.how, "sure": answered.sure or None}
