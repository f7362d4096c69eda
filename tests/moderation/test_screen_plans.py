"""Screening reads by index, whatever the planner knows of the tables."""

from datetime import datetime

from comments import bulk
from comments.models import Article
from moderation.services import screen
from tests import world
from tests.world import NOON, send

_SCANS = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'comments_comment'"


def test_a_claim_reads_no_table_whole(article: Article) -> None:
    """A table of a few rows is one that any planner would read whole."""
    world.make_rule("flood")
    world.make_rule("repeated_text")
    world.make_rule("new_author_links")
    world.make_rule("article_surge")
    for number in range(3):
        send(article, f"三つ目の駅まで歩いて{number}分かかりました。http://example.com/{number}")
    scans = [bulk.fetch(_SCANS)]

    def now() -> datetime:  # asked for within the claim's transaction, when all has been read
        scans.append(bulk.fetch(_SCANS))
        return NOON

    assert screen(now=now).claimed == 3
    assert scans[1] == scans[0]
