"""What a submission knows beside the comment: earlier ones, its author's past, what services said."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """An earlier comment of the site with the same fingerprint (`text.stored_form`).

    `posted_at` is its arrival where the submission is live, as in `author_times`.
    """

    comment: int
    posted_at: datetime
    same_author: bool
    same_article: bool


@dataclass(frozen=True, slots=True)
class LinkedBefore:
    """An earlier comment of another author of the site that links to a domain of this one's links.

    `posted_at` as in `Copy`; `author` is a number that tells authors apart,
    `first_at` when that author's first comment at the site was posted.
    """

    domain: str
    posted_at: datetime
    author: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class NearCopy:
    """An earlier comment of the site whose own text is nearly this one's (`near_text.similarity`).

    `posted_at` as in `Copy`; `author` is a number that tells authors apart;
    `percent` how much is the same; `exact` says that the fingerprint is, so
    that it is a `Copy`, too. `text` is its own text (`near_text.own_text`).
    """

    comment: int
    posted_at: datetime
    same_author: bool
    author: int
    percent: int
    exact: bool
    text: str


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a service outside said of a text (`External`), or why it said nothing (`failure`).

    `score` is from 0 to 100, None if the service gives none; `label` a code of the service's own.
    """

    hit: bool = False
    score: int | None = None
    label: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of the author's earlier comments at the site, of the newest of them.

    `published` stand published, of which the site vouched for the author of
    `verified`; people have `approved` and `refused` so many. Not `known` is an
    author without a key, of whom nobody can say what he wrote before.
    """

    published: int = 0
    verified: int = 0
    approved: int = 0
    refused: int = 0
    known: bool = True
