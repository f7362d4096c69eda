"""The texts that open cases are searched by, kept with what they are made of."""

from __future__ import annotations

from collections.abc import Sequence

from comments import bulk
from moderation.grams import SEPARATOR, grams_of, searchable

# Characters of a body that are searched: past them is hardly ever what a person remembers of a comment.
SEARCHED = 5_000
_FIELDS = """
SELECT k.id, left(c.folded, %s), c.author_name, c.author_url, a.title, c.author_email
FROM moderation_case k JOIN comments_comment c ON c.id = k.comment_id
JOIN comments_article a ON a.id = c.article_id
WHERE k.closed_at IS NULL AND k.comment_id = ANY(%s) ORDER BY k.id
"""
_CONFLICT = """ON CONFLICT (case_id) DO UPDATE SET
    text = excluded.text, private = excluded.private, grams = excluded.grams
    WHERE (moderation_casetext.text, moderation_casetext.private)
        IS DISTINCT FROM (excluded.text, excluded.private)"""


def write_texts(comments: Sequence[int]) -> None:
    """Have the open cases of these comments found by what the comments say today."""
    if not comments:
        return
    texts = [
        (case, searchable(*fields), searchable(email))
        for case, *fields, email in bulk.fetch(_FIELDS, [SEARCHED, list(comments)])
    ]
    # An array of arrays would have to be of one length: each travels as its own literal.
    rows = [
        (case, text, private, _array(grams_of(f"{text}{SEPARATOR}{private}")))
        for case, text, private in texts
    ]
    if not rows:
        return
    source, columns = bulk.unnest(
        {"case_id": "bigint", "text": "text", "private": "text", "grams": "text"}, rows
    )
    bulk.execute(
        f"""INSERT INTO moderation_casetext (case_id, text, private, grams)
            SELECT case_id, text, private, grams::int[] FROM {source} AS k(case_id, text, private, grams)
            {_CONFLICT}""",  # noqa: S608
        columns,
    )


def _array(numbers: Sequence[int]) -> str:
    """An array as PostgreSQL spells it."""
    return "{" + ",".join(map(str, numbers)) + "}"


def write_texts_of_articles(articles: Sequence[int]) -> None:
    """The titles of these articles may have changed: so have the texts of their open cases."""
    rows = bulk.fetch(
        """SELECT k.comment_id FROM moderation_casefacet f JOIN moderation_case k ON k.id = f.case_id
           WHERE f.site_id IN (SELECT id FROM comments_site) AND f.facet = ANY(%s)
             AND k.comment_id IS NOT NULL ORDER BY 1""",
        [[f"article:{key}" for key in articles]],
    )
    write_texts([key for (key,) in rows])


# A group is named by the case that it began with: that one stays, or another group could get its name.
_LEAVE = """
UPDATE moderation_case SET group_id = NULL
WHERE comment_id = ANY(%s) AND closed_at IS NULL AND group_id <> id
"""
_RENEW = """
WITH open AS (
    SELECT id, group_id FROM moderation_case WHERE comment_id = ANY(%s) AND closed_at IS NULL
), noted AS (
    INSERT INTO moderation_regroup (case_id) SELECT id FROM open WHERE group_id IS NULL
)
SELECT moderation_renew_facets(array_agg(id)) FROM open HAVING count(*) > 0
"""


def renew_cases_of(comments: Sequence[int]) -> None:
    """Comments were edited: their open cases are found by other words, and alike to others than before."""
    bulk.execute(_LEAVE, [list(comments)])
    bulk.execute(_RENEW, [list(comments)])
    write_texts(comments)
