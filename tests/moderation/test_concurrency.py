"""Two at once: nobody's work is lost, nobody waits for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from comments import bulk
from comments.drafts import CommentDraft
from comments.models import Article, Comment
from comments.services import Arrival, Origin, Received, edit, receive
from moderation.models import Case, Pending, Quote, Retrace
from moderation.rule_undoing import Window
from moderation.rules import in_force
from moderation.services import (
    Retraced,
    Wanted,
    begin_rule_undo,
    decide,
    go_on_with_rule,
    retrace,
    screen,
)
from tests import world
from tests.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)


class Elsewhere(Thread):
    """Does `work` on a connection of its own; `error` is what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - told to the test
            self.error = error
        finally:
            connection.close()

    def until_done_or_waiting(self) -> None:
        """Return once the other waits for a lock, or has ended."""
        while self.is_alive() and not somebody_waits():
            self.join(0.01)


def comment_of(case: Case) -> Comment:
    return Comment.objects.get(cases=case)


def somebody_waits() -> bool:
    """Whether any connection waits for a lock."""
    return bool(bulk.fetch("SELECT 1 FROM pg_locks WHERE NOT granted"))


def test_of_two_who_save_rules_at_once_both_have_theirs_in_force() -> None:
    world.make_reason()
    with transaction.atomic():
        world.make_rule("links")
        other = Elsewhere(lambda: world.make_rule("flood"))
        other.until_done_or_waiting()
    other.join()
    assert other.error is None
    assert {rule.check.slug for rule in in_force().rules} == {"links", "flood"}


@pytest.mark.parametrize("arrives", [[], ["新しく届いた一文。"]], ids=["edit", "edit and arrival"])
def test_an_edit_and_the_screening_of_its_neighbour_do_not_lock_each_other_out(arrives: list[str]) -> None:
    """The screening holds the pending row of what is being edited, and hides a comment of that article."""
    article = world.make_article(world.make_site())
    world.make_rule("links")
    rows = [CommentDraft(body=f"{name}の文。", external_id=name, author_name="") for name in ("一", "二")]
    origin = Origin(article.site_id, "archive", live=False)
    keys = [each.comment_id for each in receive([Arrival(row, article.pk) for row in rows], origin, now=NOON)]
    Pending.objects.bulk_create(Pending(comment_id=key) for key in keys)
    screen()
    world.make_rule("required_name", action="reject")
    with transaction.atomic():
        for comment in Comment.objects.select_for_update(no_key=True).order_by("pk"):
            edit(comment, comment.body + "追記。", now=NOON)
    claimed = Event()

    def now() -> datetime:
        """Between claim and write: lets the edit go as far as it can."""
        claimed.set()
        while not somebody_waits():
            claimed.wait(0.01)
        return NOON

    with transaction.atomic():
        Comment.objects.select_for_update(no_key=True).get(pk=keys[0])
        screening = Elsewhere(lambda: screen(now=now))
        assert claimed.wait(30)
        drafts = [CommentDraft(body=body, external_id=body, author_name="") for body in arrives]
        drafts.append(CommentDraft(body="一をまた直した文。", external_id="一", author_name=""))
        receive([Arrival(draft, article.pk) for draft in drafts], origin, now=NOON)
    screening.join()

    assert screening.error is None
    assert Comment.objects.get(pk=keys[0]).body == "一をまた直した文。"
    assert Comment.objects.get(pk=keys[1]).status == "rejected"


@pytest.mark.parametrize("held", [0, 1], ids=["comment", "pending row"])
def test_a_full_claim_rings_on_though_somebody_holds_one_of_its_comments(held: int) -> None:
    article = world.make_article(world.make_site())
    keys = [each.comment_id for each in world.send_many(article, ["一つ目。", "二つ目。", "三つ目。"])]
    rings: list[bool] = []
    locked = [Comment.objects.filter(pk=keys[0]), Pending.objects.filter(pk=keys[0])][held]
    with transaction.atomic():
        assert locked.select_for_update(no_key=True).get()
        other = Elsewhere(lambda: screen(2, on_full=lambda: rings.append(True)))
        other.join()
    assert other.error is None
    assert rings == [True]
    assert Pending.objects.count() == 2 - held


def test_two_who_decide_on_the_same_articles_do_not_lock_each_other_out() -> None:
    """Each rejects a comment of either article, in another order."""
    site = world.make_site(floor="hold_all")
    mori, tani = world.make_member(site), world.make_member(site, "tani")
    reason = world.make_reason().pk
    articles = [world.make_article(site), world.make_article(site)]
    for article in [*articles, *articles]:
        world.send(article, "人を待つ文。")
    screen()
    cases = list(Case.objects.order_by("comment_id"))
    wanted = [Wanted(each.pk, "reject", comment_of(each).version, reason_id=reason) for each in cases]

    def reject(mine: list[Wanted], by: User) -> None:
        assert [each.outcome for each in decide(mine, by=by, now=NOON)] == ["done", "done"]

    with transaction.atomic():
        # The other has decided and waits here for the first of the articles.
        Article.objects.select_for_update(no_key=True).get(pk=articles[0].pk)
        other = Elsewhere(lambda: reject([wanted[1], wanted[0]], tani))
        other.until_done_or_waiting()
        reject([wanted[2], wanted[3]], mori)
    other.join()
    assert other.error is None


def test_an_undo_of_a_rule_leaves_what_a_person_decides_meanwhile() -> None:
    """It waits for him at the comment, and looks at the decisions only then."""
    article = world.make_article(world.make_site())
    rule = world.make_rule("links", params={"most": 0}, action="hold")
    world.send(article, "一 https://example.com/a", author_email="a@example.com")
    world.send(article, "二 https://example.com/a", author_email="b@example.com")
    screen(now=lambda: NOON)
    first, second = Case.objects.order_by("pk")
    person = User.objects.create(username="tani", is_superuser=True)
    version = rule.versions.get().pk
    window = Window(version, NOON - timedelta(hours=1), NOON)
    undo = begin_rule_undo(window, by=person, reason="誤検出", now=NOON)
    with transaction.atomic():
        decide([Wanted(second.pk, "reject", comment_of(second).version, rule.reason_id)], by=person, now=NOON)
        other = Elsewhere(lambda: go_on_with_rule(undo, now=lambda: NOON))
        other.until_done_or_waiting()
    other.join()
    assert other.error is None
    undo.refresh_from_db()
    assert undo.counts == {"decided": 1, "published": 1}
    assert [comment_of(case).status for case in (first, second)] == ["published", "rejected"]


def test_quotes_that_were_overtaken_while_they_were_traced_are_traced_again() -> None:
    """The source is rejected, and all that is noted is traced, before the quote is written."""
    article = world.make_article(world.make_site())
    world.make_rule("quotes")
    text = "堤防の高さが足りないと前から言われていました。"
    source = world.send(article, text)
    screen()
    world.send(article, f"> {text}\nそうですね。", now=NOON + timedelta(minutes=1))

    def reject_and_retrace() -> None:
        reject(article, source)
        retrace()

    def now() -> datetime:
        """Between the claim and the write of the comment that quotes."""
        other = Elsewhere(reject_and_retrace)
        other.join()
        assert other.error is None
        return NOON

    screen(now=now)
    assert Retrace.objects.get().comment_id == Quote.objects.get().comment_id
    assert Quote.objects.get().verdict == "verbatim"
    assert retrace().changed == 1
    assert Quote.objects.get().verdict == "hidden"


def reject(article: Article, comment: Received) -> None:
    person = world.make_member(article.site)
    case = Case.objects.create(
        comment_id=comment.comment_id, site=article.site, severity=2, opened_at=NOON, due_at=NOON
    )
    version = Comment.objects.get(pk=comment.comment_id).version
    wanted = Wanted(case.pk, "reject", version, reason_id=world.make_reason().pk)
    assert decide([wanted], by=person, now=NOON)[0].outcome == "done"


def test_two_workers_that_trace_again_share_the_changes() -> None:
    """What one holds the other leaves, and neither waits; whoever adds a change waits for nobody."""
    article = world.make_article(world.make_site())
    world.make_rule("quotes")
    world.send(article, "> 誰も書いていない一文を引きました。\n本当？")
    screen()
    Retrace.objects.create(article=article, unsettled=True)
    with transaction.atomic():
        assert Retrace.objects.select_for_update().get()
        Elsewhere(lambda: Retrace.objects.create(article=article, unsettled=True)).join()
        done: list[Retraced] = []
        Elsewhere(lambda: done.append(retrace())).join()
    assert [(each.changes, each.traced) for each in done] == [(1, 1)]
    assert Retrace.objects.count() == 1


def test_a_person_who_decides_waits_for_no_queue_of_changes() -> None:
    """He holds the comment that a worker wants, and adds a change to what it has claimed."""
    article = world.make_article(world.make_site())
    world.make_rule("quotes")
    text = "堤防の高さが足りないと前から言われていました。"
    source = world.send(article, text)
    quoting = world.send(article, f"> {text}\nそうですね。", now=NOON + timedelta(minutes=1))
    screen()
    Retrace.objects.create(article=article, source_id=source.comment_id)
    with transaction.atomic():
        Comment.objects.select_for_update(no_key=True).get(pk=quoting.comment_id)
        worker = Elsewhere(retrace)
        worker.until_done_or_waiting()
        reject(article, quoting)
        edit(Comment.objects.get(pk=quoting.comment_id), "言い直します。", now=NOON)
    worker.join()
    assert worker.error is None
