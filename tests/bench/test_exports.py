"""The generated exports: the same bytes for the same seed, and files that the readers take whole."""

import io
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from bench.archive import articles
from bench.exports import KINDS
from comments.drafts import CommentDraft, Kind, SourceState
from comments.formats import by_slug, detect
from comments.formats import read as read_format
from comments.formats.base import Options, Row

COUNT = 1_130


def export(kind: str, seed: int = 7, comments: int = COUNT) -> str:
    return "".join(KINDS[kind](seed, comments))


def comments_of(kind: str) -> list[CommentDraft]:
    stream = io.BytesIO(export(kind).encode())
    rows = list(read_format(by_slug(kind), stream, Options(zone=ZoneInfo("Asia/Tokyo"))))
    assert all(isinstance(row, Row) and not row.notices for row in rows)
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    return [draft for draft in drafts if isinstance(draft, CommentDraft)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_makes_the_same_bytes(kind: str) -> None:
    assert export(kind) == export(kind)
    assert export(kind) != export(kind, seed=8)


@pytest.mark.parametrize("kind", KINDS)
def test_the_format_is_told_by_content(kind: str) -> None:
    assert detect(export(kind).encode()).slug == kind


@pytest.mark.parametrize("comments", [1, 49, 50, 99, 100, 101, 299, 300, COUNT])
def test_there_are_as_many_comments_as_were_asked_for(comments: int) -> None:
    numbers = [comment.number for made in articles(7, comments) for comment in made.comments]
    assert numbers == list(range(1, comments + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_takes_every_row(kind: str) -> None:
    drafts = comments_of(kind)
    assert len({draft.external_id for draft in drafts}) == len(drafts) == COUNT
    assert len({draft.article for draft in drafts}) == -(-COUNT // 50)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mixture_is_that_of_a_newspaper(kind: str) -> None:
    drafts = comments_of(kind)
    states = Counter(draft.state for draft in drafts)
    assert set(states) == set(SourceState) - {SourceState.NONE}
    assert states[SourceState.APPROVED] > 0.9 * COUNT
    assert 0.25 < sum(bool(draft.parent) for draft in drafts) / COUNT < 0.4
    assert 0.05 < sum(draft.body.startswith("> ") for draft in drafts) / COUNT < 0.11
    assert sum(60 <= len(draft.body) <= 400 for draft in drafts) > 0.9 * COUNT
    assert sum(draft.body.isascii() for draft in drafts) > 0.05 * COUNT


@pytest.mark.parametrize("kind", KINDS)
def test_every_parent_is_a_comment_of_the_same_article(kind: str) -> None:
    drafts = comments_of(kind)
    article = {draft.external_id: draft.article for draft in drafts}
    assert all(article[draft.parent] == draft.article for draft in drafts if draft.parent)


def test_wxr_has_pingbacks() -> None:
    assert any(draft.kind is Kind.PINGBACK for draft in comments_of("wxr"))


def test_in_disqus_some_replies_stand_before_their_parents() -> None:
    drafts = comments_of("disqus")
    place = {draft.external_id: at for at, draft in enumerate(drafts)}
    early = sum(place[draft.parent] > place[draft.external_id] for draft in drafts if draft.parent)
    assert 0 < early < 0.1 * COUNT
