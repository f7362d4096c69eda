"""The log refuses to be changed, by whatever way one tries."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from comments.models import Article
from moderation.models import Decision, Finding, RuleSet, RuleVersion
from moderation.services import screen
from tests import world


@pytest.fixture
def decision(article: Article) -> Decision:
    world.make_rule("required_name")
    world.send(article, "名前のない便り", author_name="")
    screen()
    return Decision.objects.get()


def raw(sql: str) -> Callable[[], object]:
    def run() -> object:
        with connection.cursor() as cursor:
            return cursor.execute(sql)

    return run


def bulk_update() -> object:
    decision = Decision.objects.get()
    decision.to_status = "published"
    return Decision.objects.bulk_update([decision], ["to_status"])


def save() -> None:
    decision = Decision.objects.get()
    decision.to_status = "published"
    decision.save()


@pytest.mark.parametrize(
    "change",
    [
        raw("UPDATE moderation_decision SET to_status = 'published'"),
        raw("DELETE FROM moderation_decision"),
        raw("UPDATE moderation_finding SET code = 'x'"),
        raw("DELETE FROM moderation_finding"),
        raw("UPDATE moderation_ruleversion SET action = 'flag'"),
        raw("DELETE FROM moderation_ruleset_versions"),
        bulk_update,
        save,
        lambda: Decision.objects.update(cause="person"),
        lambda: Finding.objects.all().delete(),
        lambda: RuleSet.objects.all()._raw_delete("default"),
        lambda: RuleVersion.objects.update(mode="off"),
    ],
)
def test_the_log_refuses(decision: Decision, change: Callable[[], object]) -> None:
    with pytest.raises((DatabaseError, ProtectedError)) as refusal, transaction.atomic():
        change()
    assert isinstance(refusal.value, ProtectedError) or "append-only" in str(refusal.value)
    assert Decision.objects.get().to_status == decision.to_status


def test_a_cascade_from_the_site_is_refused(decision: Decision) -> None:
    with pytest.raises(ProtectedError):
        decision.comment.site.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        # Foreign keys are checked at the end of the transaction: ask for it now.
        raw("DELETE FROM comments_site; SET CONSTRAINTS ALL IMMEDIATE")()
    assert Decision.objects.count() == 1


def test_facts_have_no_room_for_texts(decision: Decision) -> None:
    with pytest.raises(DatabaseError, match="decision_facts_small"), transaction.atomic():
        Decision.objects.create(
            comment=decision.comment,
            revision=9,
            from_status="received",
            to_status="held",
            cause="rules",
            facts={"typed": "あ" * 400},
        )
