"""A seeded newsroom in the database: comments decided over years, and a desk full of open cases.

Everything but the times and the random halves of `public_id` hangs on the
seed. Rows go in by COPY with ids of their own, without the triggers that would
look each of them up; what triggers would have written is written at the end.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.db import connection

from bench.data import COLUMNS, SEED
from bench.newsfigures import add_figures
from bench.prose import TOPICS, english, sentence
from comments import bulk
from comments.authors import author_key
from comments.ids import uuid7
from comments.models import Floor, Membership, Site
from moderation.models import Reason, RuleVersion, Severity
from moderation.services import tallying
from moderation.services.case_texts import write_texts
from moderation.services.judgements import judge_again
from moderation.services.terms import TERMS
from moderation.text import bare, fold, stored_form

# How the comments are shared among the sites; each has a person who sees it alone, and all have a Lead.
SITES = (("minato", 0.5), ("tozan", 0.3), ("bay", 0.15), ("akari", 0.05))
PEOPLE = ("hara", "mori", "kida", "noe", "sakaki", "ellery")
# Comments to one article, on the average: readers crowd to few of them.
TO_AN_ARTICLE = 50
# The newest quarter of the comments is of the last two weeks, the rest of three years.
RECENT, RECENTLY, LONG_AGO = 0.25, timedelta(days=14), timedelta(days=3 * 365)
# Of what is older so much had a case, which a person closed.
HAD_CASE = 0.2
SEVERITIES = (Severity.LOW,) * 5 + (Severity.NORMAL,) * 4 + (Severity.HIGH,)
# Of the cases that wait so much is like others, in groups of two to fifty, and so much was passed on.
ALIKE, PASSED_ON, GROUPS = 0.15, 0.05, (2, 2, 2, 3, 3, 5, 10, 50)
BARE_CAUSES = ("floor", "audit", "check-failed")
FAMILY = (
    "田中",
    "佐々木",
    "渡し守",
    "なぎさ",
    "松田",
    "港町の会計係",
    "通りすがり",
    "ﾀﾅﾍﾞ",
    "Tom",
    "Ellery",
    "Ｋ．Ｓ．",
)
HOSTS = ("example.com", "example.jp", "mail.example.net", "example.org")
CHUNK = 20_000


class Size(NamedTuple):
    """How many comments, and how many of them wait."""

    comments: int
    open_cases: int


class Piece(NamedTuple):
    """A sentence with its folded form and its letters alone: a text's are those of its sentences in a row."""

    text: str
    folded: str
    letters: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What was made: ids by which the desk can be asked."""

    sites: list[int]
    articles: list[int]
    # Those with the most cases first.
    rules: list[int]
    checks: list[str]
    reasons: list[int]
    people: list[User]
    # Of all sites but the last, by due time, without those passed on.
    open_cases: list[int]
    # Those that have cases.
    groups: list[int]


@dataclass(slots=True)
class Maker:
    """Rows on their way to the database, by table."""

    rng: random.Random
    now: datetime
    size: Size
    sites: list[int]
    articles: list[tuple[int, int]]
    shares: list[float]
    versions: list[RuleVersion]
    reasons: list[int]
    people: list[User]
    pieces: list[Piece]
    open: frozenset[int]
    keys: dict[tuple[int, int], UUID | None] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)
    # The group that cases of a site join, and how many more it takes.
    group: dict[int, tuple[int, int]] = field(default_factory=dict)
    # Comments that a person decided.
    judged: list[int] = field(default_factory=list)
    rows: defaultdict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    ids: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def next_id(self, table: str) -> int:
        self.ids[table] += 1
        return self.ids[table]

    def reader(self) -> int:
        """One of the readers: few write much, most write once."""
        most = max(10, self.size.comments // 8)
        return min(most, int(self.rng.paretovariate(0.55)))

    def comment(self, number: int) -> None:
        """Comment `number` of all, with its decisions and what waits of it."""
        rng, key = self.rng, number + 1
        article, site = rng.choices(self.articles, cum_weights=self.shares)[0]
        posted, reader = self.posted(number), self.reader()
        status = "held" if number in self.open and rng.random() < 0.7 else "published"
        rejected = number not in self.open and rng.random() < HAD_CASE / 2
        email = "" if rng.random() < 0.04 else f"reader{reader}@{HOSTS[reader % len(HOSTS)]}"
        if (site, reader) not in self.keys:
            self.keys[site, reader] = author_key(site, "", f"reader{reader}@{HOSTS[reader % len(HOSTS)]}")
        chosen = rng.choices(self.pieces, k=rng.randint(2, 6))
        body = "".join(piece.text for piece in chosen)
        parent = self.newest.get(article) if rng.random() < 0.2 else None
        self.newest[article] = key
        ip = f"198.{reader % 200}.{reader // 200 % 250}.{rng.randrange(250)}"
        url = f"https://blog{reader}.example.net/" if reader % 9 == 0 else ""
        form = (
            "".join(piece.folded for piece in chosen),
            stored_form("".join(piece.letters for piece in chosen)).fingerprint,
            1,
        )
        self.rows["comments_comment"].append((
            key, uuid7(), site, article, "bench", None, None, "comment", number + 1, parent,
            "given" if parent else "", f"{FAMILY[reader % len(FAMILY)]}{reader}", email, url, "", False,
            self.keys[site, reader] if email else None, True, ip, "Mozilla/5.0", "", None, False, body,
            *form, 1, 1,
            posted, None, posted, True, "", "rejected" if rejected else status,
        ))  # fmt: skip
        self.decide(number, key, site, posted, "held" if rejected else status, rejected=rejected)

    def posted(self, number: int) -> datetime:
        """Comments come in order, an eternity of old ones first."""
        old = int(self.size.comments * (1 - RECENT))
        if number < old:
            return self.now - RECENTLY - LONG_AGO * ((old - number) / old)
        return self.now - RECENTLY * ((self.size.comments - number) / (self.size.comments - old))

    def decide(
        self, number: int, comment: int, site: int, posted: datetime, status: str, *, rejected: bool
    ) -> None:
        """What the rules said, and what a person made of it."""
        rng = self.rng
        at = posted + timedelta(seconds=rng.random() * 5)
        decision = self.next_id("moderation_decision")
        facts = json.dumps({"floor": "open", "hits": 1})
        self.rows["moderation_decision"].append(
            (decision, comment, 1, None, "received", status, "rules", None, None, None, None, None, facts, at)
        )
        closed = number not in self.open and (rejected or rng.random() < HAD_CASE / 2)
        if number not in self.open and not closed:
            return
        severity = rng.choice(SEVERITIES)
        case = self.next_id("moderation_case")
        by = rng.choice(self.people).pk if closed else None
        waits = number in self.open
        group = self.like(case, site) if waits and rng.random() < ALIKE else None
        passed_on = waits and rng.random() < PASSED_ON
        closed_at = at + TERMS[severity] * rng.random() if closed else None
        self.rows["moderation_case"].append(
            (case, comment, None, site, severity, at, at + TERMS[severity], closed_at, by, "",
             group, at if passed_on else None, self.people[0].pk if passed_on else None)
        )  # fmt: skip
        self.causes(case, decision)
        if closed:
            self.judged.append(comment)
            reason = rng.choice(self.reasons) if rejected else None
            verdict = "rejected" if rejected else "published"
            self.rows["moderation_decision"].append((
                self.next_id("moderation_decision"), comment, 1, None, status, verdict, "person",
                reason, by, case, decision, None, "{}", closed_at,
            ))  # fmt: skip

    def like(self, case: int, site: int) -> int:
        """The group that the case joins or begins."""
        group, left = self.group.get(site, (case, 0))
        if not left:
            group, left = case, self.rng.choice(GROUPS)
        self.group[site] = group, left - 1
        return group

    def causes(self, case: int, decision: int) -> None:
        """One to three findings, with evidence; of one in ten cases something that is no finding."""
        rng = self.rng
        if rng.random() < 0.1:
            kind = rng.choice(BARE_CAUSES)
            self.rows["moderation_casecause"].append((self.next_id("moderation_casecause"), case, kind, None))
            return
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            # The first rules hit often, the last ones hardly ever.
            version = self.versions[int(len(self.versions) * rng.random() ** 2.5)]
            finding = self.next_id("moderation_finding")
            self.rows["moderation_finding"].append((
                finding, decision, version.pk, "hold", version.mode, "hit",
                json.dumps([["body", 2, 8]]), json.dumps({"count": rng.randint(1, 9)}),
            ))  # fmt: skip
            cause = self.next_id("moderation_casecause")
            self.rows["moderation_casecause"].append((cause, case, version.check_slug, finding))
            self.rows["moderation_evidence"].append(
                (self.next_id("moderation_evidence"), finding, None, 0, rng.choice(TOPICS))
            )


# Never back: an id that is given out twice in a process finds the sources that it had the first time.
_GO_ON = """SELECT setval(seq, greatest(pg_sequence_last_value(seq), (SELECT max(id) FROM {table})))
    FROM (SELECT pg_get_serial_sequence('{table}', 'id')::regclass AS seq) s"""
# Whoever comes is first until somebody has looked at his group: of each group one stays so, in either queue.
_FIRSTS = """DELETE FROM moderation_casefacet f USING (
        SELECT id, row_number() OVER (
            PARTITION BY group_id, escalated_at IS NULL ORDER BY due_at, id) AS place
        FROM moderation_case WHERE closed_at IS NULL AND group_id IS NOT NULL) k
    WHERE f.case_id = k.id AND k.place > 1 AND f.facet IN ('first', 'escalated first')"""
TABLES: dict[str, tuple[str, ...]] = {
    "comments_comment": ("id", *COLUMNS),
    "moderation_case": (
        "id", "comment_id", "import_run_id", "site_id", "severity", "opened_at", "due_at", "closed_at",
        "closed_by_id", "closed_why", "group_id", "escalated_at", "escalated_by_id",
    ),
    "moderation_decision": (
        "id", "comment_id", "revision", "rule_set_id", "from_status", "to_status", "cause", "reason_id",
        "by_id", "case_id", "supersedes_id", "import_run_id", "facts", "created_at",
    ),
    "moderation_finding": (
        "id", "decision_id", "rule_version_id", "action", "mode", "code", "spans", "data",
    ),
    "moderation_casecause": ("id", "case_id", "kind", "finding_id"),
    "moderation_evidence": ("id", "finding_id", "decision_id", "position", "text"),
}  # fmt: skip


def fill(size: Size, now: datetime) -> Desk:
    """Make the newsroom in an empty database that has rules and reasons."""
    rng = random.Random(SEED)
    with connection.cursor() as cursor:
        # Every row is right by construction: to look up each of its keys would take most of the time.
        cursor.execute("SET session_replication_role = replica")
        maker = _maker(rng, size, now)
        for start in range(0, size.comments, CHUNK):
            for number in range(start, min(start + CHUNK, size.comments)):
                maker.comment(number)
            for table, columns in TABLES.items():
                bulk.copy(table, columns, maker.rows.pop(table, ()))
        for table in TABLES:
            cursor.execute(_GO_ON.format(table=table))
        add_figures(maker.sites, now)
        for start in range(0, len(maker.judged), CHUNK):
            judge_again(maker.judged[start : start + CHUNK])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            "SELECT moderation_renew_facets(array_agg(id)) FROM moderation_case WHERE closed_at IS NULL"
        )
        cursor.execute(_FIRSTS)
    # Made at the end, the index of grams takes seconds instead of minutes.
    ((index,),) = bulk.fetch("SELECT pg_get_indexdef('case_text_grams'::regclass)")
    bulk.execute("DROP INDEX case_text_grams")
    waiting = [number + 1 for number in sorted(maker.open)]
    for start in range(0, len(waiting), CHUNK):
        write_texts(waiting[start : start + CHUNK])
    bulk.execute(index)
    tallying.recount()
    return Desk(
        maker.sites,
        [key for key, _ in maker.articles],
        [version.rule_id for version in maker.versions],
        list(dict.fromkeys(version.check_slug for version in maker.versions)),
        maker.reasons,
        maker.people,
        [
            key
            for (key,) in bulk.fetch(
                """SELECT id FROM moderation_case
                   WHERE closed_at IS NULL AND escalated_at IS NULL AND site_id = ANY(%s)
                   ORDER BY due_at, id""",
                [maker.sites[:-1]],
            )
        ],
        [
            group
            for (group,) in bulk.fetch(
                """SELECT group_id FROM moderation_case WHERE closed_at IS NULL AND site_id = ANY(%s)
                   GROUP BY group_id HAVING group_id IS NOT NULL ORDER BY group_id""",
                [maker.sites[:-1]],
            )
        ],
    )


def _maker(rng: random.Random, size: Size, now: datetime) -> Maker:
    sites = [Site.objects.create(slug=slug, name=slug.title(), floor=Floor.OPEN).pk for slug, _ in SITES]
    articles = list(_articles(rng, sites, max(len(sites), size.comments // TO_AN_ARTICLE)))
    texts = [sentence(rng) if rng.random() < 0.9 else f"{english(rng)} " for _ in range(5_000)]
    recent = range(int(size.comments * (1 - RECENT)), size.comments)
    return Maker(
        rng=rng,
        now=now,
        size=size,
        sites=sites,
        articles=articles,
        # Half of the comments go to a tenth of the articles.
        shares=list(accumulate(1 / (place + len(articles) / 50) for place in range(len(articles)))),
        versions=list(RuleVersion.objects.exclude(mode="off").order_by("rule__slug")),
        reasons=list(Reason.objects.values_list("pk", flat=True)),
        people=_people(sites),
        pieces=[Piece(text, folded := fold(text).text, bare(folded)) for text in texts],
        open=frozenset(rng.sample(recent, size.open_cases)),
    )


def _people(sites: Sequence[int]) -> list[User]:
    """A Lead of all sites, and moderators of all but the last."""
    people = [User(username=name, is_staff=True, password="!") for name in PEOPLE]
    people = User.objects.bulk_create(people)
    for person in people:
        person.groups.add(Group.objects.get(name="Lead" if person is people[0] else "Moderator"))
        mine = sites if person is people[0] else sites[:-1]
        Membership.objects.bulk_create(Membership(user=person, site_id=site) for site in mine)
    return people


def _articles(rng: random.Random, sites: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """`(article, site)` of so many articles with a title and some 200 characters."""
    shares = [share for _, share in SITES]
    rows = [
        (
            key,
            rng.choices(sites, shares)[0],
            str(key),
            f"https://example.com/{key}",
            f"{rng.choice(TOPICS)}、{sentence(rng)[:-1]}",
            "".join(sentence(rng) for _ in range(6)),
        )
        for key in range(1, count + 1)
    ]
    columns = (
        "id",
        "site_id",
        "external_id",
        "url",
        "title",
        "body",
        "source",
        "related",
        "credit",
        "floor",
        "revision",
    )
    bulk.copy("comments_article", columns, [(*row, "", "[]", "", "", 1) for row in rows])
    bulk.copy(
        "comments_articlerevision",
        ("article_id", "number", "title", "body"),
        [(row[0], 1, *row[4:]) for row in rows],
    )
    bulk.execute(_GO_ON.format(table="comments_article"))
    yield from ((row[0], row[1]) for row in rows)
