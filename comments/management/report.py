"""What a run says when it has ended: a table for people, a line for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from comments.drafts import ArticleDraft
from comments.formats.base import KINDS, Row
from comments.formats.encoding import Encoding
from comments.imports import Preview, Source
from comments.imports.counting import counts_of
from comments.imports.ledger import COUNTED, Counts
from comments.models import ImportRun, RunStatus, Site

# Problems and notices looked at for the list under the table, of each as many,
# and lines that it has; all are stored.
LOOKED_AT = 1_000
LISTED = 20
# Places named for one reason.
PLACES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a run, or of a dry one (`run` is None)."""

    run: int | None
    site: str
    source: str
    format: str
    format_title: str
    policy: str
    zone: str
    encoding: Encoding
    status: str
    error: str
    counts: Counts
    # `(refused, place, code, reason)` of the first problems and notices.
    entries: Sequence[tuple[bool, str, str, str]]
    samples: Sequence[Row] = field(default=())

    @classmethod
    def of_run(cls, run: ImportRun, source: Source) -> Report:
        """Of a run that has ended or was paused."""
        entries: list[tuple[bool, str, str, str]] = []
        for refused in (True, False):
            listed = run.problems.filter(refused=refused).order_by("position", "pk")
            entries += listed.values_list("refused", "place", "code", "reason")[:LOOKED_AT]
        return cls(
            run=run.pk,
            site=run.source.site.slug,
            source=run.source.slug,
            format=source.format.slug,
            format_title=source.format.title,
            policy=run.policy,
            zone=source.zone,
            encoding=source.encoding,
            status=run.status,
            error=run.error,
            counts=counts_of(run),
            entries=entries,
        )

    @classmethod
    def of_preview(cls, site: Site, slug: str, policy: str, source: Source, preview: Preview) -> Report:
        """Of a run that was only tried."""
        listed = [(refused, place, code, reason) for refused, _, _, place, code, reason, _ in preview.entries]
        return cls(
            run=None,
            site=site.slug,
            source=slug,
            format=source.format.slug,
            format_title=source.format.title,
            policy=policy,
            zone=source.zone,
            encoding=source.encoding,
            status=RunStatus.FAILED if preview.error else RunStatus.DONE,
            error=preview.error,
            counts=preview.ledger.counts,
            entries=[entry for entry in listed if entry[0]][:LOOKED_AT]
            + [entry for entry in listed if not entry[0]][:LOOKED_AT],
            samples=preview.samples,
        )

    @property
    def exit_status(self) -> int:
        """0 all well, 1 some rows had problems, 2 nothing could be read."""
        read = sum(counts["read"] for counts in self.counts.values())
        if self.error and not read:
            return 2
        return 1 if self.error or any(counts["problems"] for counts in self.counts.values()) else 0

    def line(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "run": self.run,
                **self.counts,
                "site": self.site,
                "source": self.source,
                "format": self.format,
                "policy": self.policy,
                "zone": self.zone,
                "encoding": self.encoding.name,
                "confidence": round(self.encoding.confidence, 3),
                "dry_run": self.run is None,
                "status": self.status,
                "error": self.error,
            },
            ensure_ascii=False,
        )

    def table(self) -> str:
        """Figures by kind, what was odd, and after a dry run some rows as understood."""
        what = "Dry run: nothing was written" if self.run is None else f"Run {self.run}: {self.status}"
        what += f" · {self.format_title} · site {self.site} · source {self.source}"
        lines = [f"{what} · policy {self.policy}", understood(self.encoding, self.zone)]
        if self.error:
            lines.append(f"Not read to its end: {self.error}")
        lines += ["", _cells("", COUNTED)]
        lines += [_cells(kind, [f"{self.counts[kind][name]:,}" for name in COUNTED]) for kind in KINDS]
        for refused, title, name in ((True, "Problems", "problems"), (False, "Notices", "notices")):
            lines += self._listed(title, refused, sum(counts[name] for counts in self.counts.values()))
        if self.samples:
            lines += ["", samples(self.samples, self.zone)]
        return "\n".join(lines)

    def _listed(self, title: str, refused: bool, number: int) -> list[str]:
        places: dict[str, list[str]] = {}
        for is_refused, place, code, reason in self.entries:
            if is_refused is refused:
                places.setdefault(f"{reason} [{code}]", []).append(place)
        lines = [f"  {_places(found)}: {reason}" for reason, found in places.items()][:LISTED]
        return ["", f"{title} ({number:,}):", *lines] if lines else []


def understood(encoding: Encoding, zone: str) -> str:
    """How the file's text and its times are taken, and how to say otherwise."""
    text = (
        f"{encoding.name} ({encoding.confidence:.0%} sure; --encoding)"
        if encoding.name
        else "none of its own"
    )
    return f"Encoding: {text} · dates without a zone: {zone} (--zone)"


def samples(rows: Sequence[Row], zone: str) -> str:
    """Some rows as they were understood, times in the zone."""
    told = [_sample(row, ZoneInfo(zone)) for row in rows]
    return "\n".join(["Rows as they were understood:", *told])


def _places(places: Sequence[str]) -> str:
    more = f" and {len(places) - PLACES:,} more" if len(places) > PLACES else ""
    return ", ".join(places[:PLACES]) + more


def _cells(name: str, cells: Sequence[str]) -> str:
    return f"{name:<10}" + "".join(f"{cell:>11}" for cell in cells)


def _sample(row: Row, zone: ZoneInfo) -> str:
    draft = row.draft
    time = draft.published_at if isinstance(draft, ArticleDraft) else draft.posted_at
    told = time and time.astimezone(zone)
    if isinstance(draft, ArticleDraft):
        parts: list[Any] = ["article", draft.external_id or draft.url, told, draft.title]
    else:
        parts = [draft.kind, draft.external_id, told, draft.author_name, draft.body]
    return f"  {row.place}: " + " · ".join(" ".join(str(part).split())[:60] for part in parts if part)
