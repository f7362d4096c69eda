"""Screening: from the door in to the decision, on a real PostgreSQL."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from comments.drafts import CommentDraft
from comments.models import Article, Comment, Site
from comments.services import Arrival, Origin, edit, receive
from moderation import facts
from moderation.checks import BY_SLUG
from moderation.models import Case, Decision, Evidence, Finding, Lane, Pending, Quote
from moderation.quotes import Traced
from moderation.quotes import trace_blocks as trace_quotes_of_blocks
from moderation.services import Wanted, decide, screen, screening, undo
from tests import world
from tests.world import NOON, send, stored


def test_a_comment_is_received_judged_and_taken_off_the_list(article: Article) -> None:
    world.make_rule("required_name", action="hold", severity=3)
    good, nameless = send(article, "楽しみです。"), send(article, "誰でしょう。", author_name="")
    assert Pending.objects.count() == 2

    screened = screen(now=lambda: NOON)

    assert (screened.claimed, screened.decided) == (2, Counter(published=1, held=1))
    assert not Pending.objects.exists()
    assert (stored(good).status, stored(good).number) == ("published", 1)
    assert (stored(nameless).status, stored(nameless).number) == ("held", 2)
    case = Case.objects.get()
    assert (case.comment_id, case.severity, case.due_at) == (
        nameless.comment_id,
        3,
        NOON + timedelta(hours=1),
    )
    assert [(cause.kind, cause.finding.code) for cause in case.causes.all() if cause.finding] == [
        ("required_name", "missing")
    ]


def test_without_a_rule_set_everything_is_held(article: Article) -> None:
    received = send(article, "どうなりますか。")
    screen()
    assert stored(received).status == "held"
    assert Decision.objects.get().cause == "no-rule-set"


def test_a_check_that_raises_holds_its_comment_and_no_other(
    article: Article, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.make_rule("required_name")
    real = BY_SLUG["required_name"].check

    def breaks(self: object, submission: object) -> object:
        if "壊れる" in submission.body:  # type: ignore[attr-defined]
            raise RuntimeError("broken on purpose")
        return real(self, submission)  # type: ignore[arg-type]

    monkeypatch.setattr(BY_SLUG["required_name"], "check", breaks)
    bad, good = send(article, "これで壊れる。"), send(article, "これは平気。")
    screen()
    assert (stored(bad).status, stored(good).status) == ("held", "published")
    assert Decision.objects.get(comment=bad.comment_id).cause == "check-failed"
    assert Case.objects.get().causes.get().kind == "check-failed"


def test_a_comment_that_breaks_its_batch_is_held_alone(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("required_name")
    received = world.send_many(article, ["一つ目", "毒のある二つ目", "三つ目"])
    real = facts.gather

    def gather(rows: list[facts.Row], needs: object) -> object:
        if any("毒" in row.body for row in rows):
            raise RuntimeError("poison")
        return real(rows, needs)  # type: ignore[arg-type]

    monkeypatch.setattr("moderation.services.screening.gather", gather)
    screened = screen()
    assert screened.claimed == 3
    assert [stored(each).status for each in received] == ["published", "held", "published"]
    assert not Pending.objects.exists()


def test_live_comments_do_not_wait_for_an_import(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few of its comments are judged with theirs, and some more alone."""
    monkeypatch.setattr(screening, "BESIDE_LIVE", 2)
    monkeypatch.setattr(screening, "ALONE", 3)
    imported = [send(article, f"{number}番目の古い文章。").comment_id for number in range(6)]
    Pending.objects.update(lane=Lane.IMPORT)
    live = [send(article, f"{number}番目の新しい文章。").comment_id for number in range(3)]
    rung: list[bool] = []
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert screen(on_full=lambda: rung.append(True)).claimed == 5
    assert rung
    left = Pending.objects.order_by("pk").values_list("pk", flat=True)
    assert list(left) == imported[2:]
    assert not set(live) & set(left)
    assert [screen().claimed, screen().claimed] == [3, 1]


def test_deciding_twice_changes_nothing(article: Article) -> None:
    world.make_rule("required_name")
    received = send(article, "もう一度。")
    screen()
    Pending.objects.create(comment_id=received.comment_id, lane=2)
    screen()
    assert Decision.objects.count() == 1
    assert not Pending.objects.exists()


def test_an_edit_is_judged_anew_and_readers_keep_the_published_text(article: Article) -> None:
    world.make_rule("required_name")
    received = send(article, "最初の文。")
    screen()
    comment = stored(received)
    edit(comment, "直した文。", now=NOON)
    comment = stored(received)
    assert (comment.status, comment.revision, comment.published_revision) == ("published", 2, 1)
    assert comment.revisions.get().body == "最初の文。"
    screen()
    assert stored(received).published_revision == 2
    assert list(Decision.objects.values_list("revision", flat=True)) == [2, 1]


def test_quotes_are_traced_to_their_place(article: Article) -> None:
    world.make_rule("quotes")
    first = send(article, "費用の内訳が知りたいです。", author_email="b@example.com")
    second = send(
        article,
        ">市は港の再開発を来年度から始める。\n早いですね。\n>費用の内訳が知りたいです。\n同感。\n>税金は一円も使わないそうです。\n本当？",
        now=NOON + timedelta(minutes=3),
    )
    screen()
    quotes = list(Quote.objects.filter(comment=second.comment_id).order_by("start"))
    assert [quote.verdict for quote in quotes] == ["verbatim", "verbatim", "missing"]
    assert quotes[0].article_revision is not None
    source = quotes[0].article_revision.body
    assert source[quotes[0].source_start : quotes[0].source_end] == "市は港の再開発を来年度から始める。"
    assert quotes[1].source_comment_id == first.comment_id
    finding = Finding.objects.get()
    field, start, end = finding.spans[0]
    assert (field, stored(second).body[start:end]) == ("body", ">税金は一円も使わないそうです。")


def test_a_reply_is_inferred_from_its_quote_with_how_and_how_sure(article: Article) -> None:
    world.make_rule("quotes")
    first = send(article, "費用の内訳が知りたいです。")
    other = send(article, "工期はもっと延びると思います。", now=NOON + timedelta(minutes=1))
    quoting = "> 費用の内訳が知りたいです。\n同感です。"
    later = NOON + timedelta(minutes=2)
    inferred = send(article, quoting, now=later)
    draft = CommentDraft(body=quoting, author_name="名乗る者", author_email="n@example.com")
    origin = Origin(article.site_id)
    (given,) = receive([Arrival(draft, article.pk, parent_id=other.comment_id)], origin, now=later)
    of_article = send(article, "> 費用は百二十億円に上る。\n高い。", now=later)
    screen()
    parents = [
        (each.parent_id, each.parent_how, each.parent_sure)
        for each in (stored(inferred), stored(given), stored(of_article))
    ]
    assert parents == [(first.comment_id, "quote", 90), (other.comment_id, "given", None), (None, "", None)]


def test_a_reply_is_inferred_from_the_number_that_it_refers_to(article: Article) -> None:
    """Also where a number was given by screening, and the reply comes in the same batch."""
    world.make_rule("quotes")
    received = world.send_many(
        article, ["一番目です。", "二番目です。", ">>1 同感です。", "※2 そうでしょうか。"]
    )
    later = send(article, ">>9 まだない番号です。", now=NOON + timedelta(hours=1))
    screen()
    first, second, third, fourth = (each.comment_id for each in received)
    parents = Comment.objects.exclude(parent=None).values_list("pk", "parent", "parent_how", "parent_sure")
    assert set(parents) == {(third, first, "reference", 95), (fourth, second, "reference", 95)}
    assert stored(later).parent_how == ""


def test_a_rejected_comment_is_a_new_state_of_the_sources(site: Site, article: Article) -> None:
    """Whether it was decided by a rule or a person; what is held may yet be published."""
    world.make_rule("required_name", action="reject")
    site.floor = "hold_all"
    site.save()

    def version() -> int:
        return Article.objects.values_list("sources_version", flat=True).get(pk=article.pk)

    before = version()
    send(article, "人が見る文。")
    screen()
    assert version() == before
    send(article, "名のない文。", author_name="")
    screen()
    assert version() == before + 1
    case, mori = Case.objects.get(), world.make_member(site)
    seen = comment_of(case).version
    (published,) = decide([Wanted(case.pk, "publish", seen)], by=mori, now=NOON)
    assert version() == before + 1
    assert published.decision_id
    undo(published.decision_id, by=mori, now=NOON)
    reject = Wanted(case.pk, "reject", seen + 2, reason_id=world.make_reason().pk)
    (rejected,) = decide([reject], by=mori, now=NOON)
    assert (rejected.outcome, version()) == ("done", before + 2)
    assert rejected.decision_id
    undo(rejected.decision_id, by=mori, now=NOON)
    assert version() == before + 3


def test_a_quote_sees_only_what_was_there_before_it(article: Article) -> None:
    world.make_rule("quotes")
    early = send(article, ">後から書かれた文を引用する。\nまさか。")
    send(article, "後から書かれた文を引用する。", now=NOON + timedelta(minutes=1))
    screen()
    assert Quote.objects.get(comment=early.comment_id).verdict == "later"


def test_a_flood_is_counted_by_arrival_for_live_comments(article: Article) -> None:
    world.make_rule("flood", action="hold", params={"author_most": 2, "seconds": 60})
    claimed = [NOON + timedelta(minutes=at) for at in (-4, -2, 2)]
    received = [
        send(article, f"{at}通目です。", now=NOON + timedelta(seconds=at), posted_at=claimed[at])
        for at in range(3)
    ]
    screen()
    assert [stored(each).status for each in received] == ["published", "published", "held"]


def test_the_same_text_again_is_seen(article: Article) -> None:
    world.make_rule("repeated_text", action="hold", params={})
    text = "格安の腕時計はこちらの店でどうぞ、今だけ全品半額で送料も無料です。"
    received = [send(article, text, now=NOON + timedelta(hours=at)) for at in range(4)]
    screen()
    statuses = [stored(each).status for each in received]
    assert statuses[0] == "published"
    assert statuses[-1] == "held"


def test_a_clock_that_is_ahead_hides_no_repetition(article: Article) -> None:
    """Copies of live comments count by arrival, whatever times their sender claims."""
    world.make_rule("repeated_text", action="hold", params={})
    text = "格安の腕時計はこちらの店でどうぞ、今だけ全品半額で送料も無料です。"
    first, second = (
        send(article, text, now=now, posted_at=now + timedelta(minutes=4))
        for now in (NOON, NOON + timedelta(minutes=1))
    )
    screen()
    assert (stored(first).status, stored(second).status) == ("published", "held")


def query_count(article: Article, many: int) -> int:
    for at in range(many):
        send(
            article,
            f">市は港の再開発を来年度から始める。\n{many}の{at}、どう思いますか。",
            author_email=f"q{many}-{at}@example.com",
            author_verified=True,
            ip="192.0.2.7",
            author_name="" if at % 2 else "名乗る者",
        )
    with CaptureQueriesContext(connection) as captured:
        assert screen().claimed == many
    return len(captured)


def test_queries_do_not_grow_with_the_batch(article: Article) -> None:
    for check in ("required_name", "required_email", "quotes", "links", "repeated_text", "flood"):
        world.make_rule(check)
    query_count(article, 1)  # the rule set is compiled and the article indexed once a process
    few = query_count(article, 2)
    assert query_count(article, 40) == few


def comment_of(case: Case) -> Comment:
    """The case's comment as the database has it now."""
    return Comment.objects.get(cases=case)


class TestPeople:
    @pytest.fixture
    def held(self, site: Site, article: Article) -> Case:
        site.floor = "hold_all"
        site.save()
        world.make_rule("required_name")
        send(article, "裁きを待つ文。")
        screen(now=lambda: NOON)
        return Case.objects.get()

    def wanted(self, case: Case, action: str, **fields: object) -> Wanted:
        comment = comment_of(case)
        return Wanted(case.pk, action, comment.version, **fields)  # type: ignore[arg-type]

    def test_publish_then_undo_brings_the_case_back(self, site: Site, held: Case) -> None:
        mori = world.make_member(site)
        (result,) = decide([self.wanted(held, "publish", note="問題なし")], by=mori, now=NOON)
        assert (result.outcome, result.status) == ("done", "published")
        assert not Case.objects.filter(closed_at=None).exists()
        assert Evidence.objects.get(decision=result.decision_id).text == "問題なし"

        assert result.decision_id
        back = undo(result.decision_id, by=mori, now=NOON)
        assert (back.outcome, back.status) == ("done", "held")
        again = Case.objects.get(closed_at=None)
        assert (again.pk, again.severity, again.due_at) == (held.pk, held.severity, held.due_at)
        assert [d.cause for d in Decision.objects.order_by("pk")] == ["floor", "person", "undo"]

    def test_a_stale_page_is_refused_with_the_state_of_now(self, site: Site, held: Case) -> None:
        mori, tani = world.make_member(site), world.make_member(site, "tani")
        seen = self.wanted(held, "publish")
        edit(comment_of(held), "書き換えた文。", now=NOON)
        (result,) = decide([seen], by=mori, now=NOON)
        assert (result.outcome, result.status) == ("stale", "held")
        reject = self.wanted(held, "reject", reason_id=world.make_reason().pk)
        assert decide([reject], by=mori, now=NOON)[0].outcome == "done"
        (late,) = decide([self.wanted(held, "publish")], by=tani, now=NOON)
        assert (late.outcome, late.status) == ("closed", "rejected")
        assert Decision.objects.filter(by__isnull=False).count() == 1

    def test_a_stranger_is_denied(self, held: Case) -> None:
        stranger = world.make_member(world.make_site("yosomachi"), "yoso")
        (result,) = decide([self.wanted(held, "publish")], by=stranger, now=NOON)
        assert result.outcome == "denied"
        assert comment_of(held).status == "held"

    def test_undo_is_for_the_one_who_did_it_and_only_while_it_is_the_last_word(
        self, site: Site, held: Case
    ) -> None:
        mori, tani = world.make_member(site), world.make_member(site, "tani")
        (done,) = decide([self.wanted(held, "publish")], by=mori, now=NOON)
        assert done.decision_id
        assert undo(done.decision_id, by=tani, now=NOON).outcome == "denied"
        assert undo(done.decision_id, by=mori, now=NOON).outcome == "done"
        assert undo(done.decision_id, by=mori, now=NOON).outcome == "stale"

    def test_no_machine_decides_again_what_a_person_decided(self, site: Site, held: Case) -> None:
        decide([self.wanted(held, "publish")], by=world.make_member(site), now=NOON)
        world.make_rule("required_name", slug="stricter", action="reject")
        Pending.objects.create(comment=comment_of(held), lane=2)
        screen()
        assert comment_of(held).status == "published"
        assert not Pending.objects.exists()

    def test_the_edit_of_what_a_person_rejected_goes_to_a_person(self, site: Site, held: Case) -> None:
        reject = self.wanted(held, "reject", reason_id=world.make_reason().pk)
        decide([reject], by=world.make_member(site), now=NOON)
        site.floor = "open"
        site.save()
        edit(comment_of(held), "言い換えました。", now=NOON)
        screen()
        assert comment_of(held).status == "held"
        assert Case.objects.get(closed_at=None).causes.get().kind == "edit"

    def test_a_rejection_stands_when_only_a_later_decision_is_undone(self, site: Site, held: Case) -> None:
        mori, reason = world.make_member(site), world.make_reason().pk
        decide([self.wanted(held, "reject", reason_id=reason)], by=mori, now=NOON)
        edit(comment_of(held), "言い換えました。", now=NOON)
        screen()
        again = Case.objects.get(closed_at=None)
        (published,) = decide([self.wanted(again, "publish")], by=mori, now=NOON)
        assert published.decision_id
        undo(published.decision_id, by=mori, now=NOON)
        site.floor = "open"
        site.save()
        edit(comment_of(held), "また言い換えました。", now=NOON)
        screen()
        assert comment_of(held).status == "held"

    def test_undo_shows_no_text_that_nobody_has_judged(self, site: Site, article: Article) -> None:
        mori = world.make_member(site)
        world.make_rule("required_name")
        received = send(article, "名乗らない一文。", author_name="")
        screen()
        case = Case.objects.get()
        reject = self.wanted(case, "reject", reason_id=world.make_reason().pk)
        (rejected,) = decide([reject], by=mori, now=NOON)
        assert rejected.decision_id
        edit(stored(received), "差し替えられた一文。", now=NOON)
        assert undo(rejected.decision_id, by=mori, now=NOON).outcome == "stale"
        assert (stored(received).status, stored(received).published_revision) == ("rejected", 1)

    def test_a_rejection_needs_a_reason(self, site: Site, held: Case) -> None:
        with pytest.raises(ValueError, match="reason"):
            decide([self.wanted(held, "reject")], by=world.make_member(site), now=NOON)


@pytest.mark.parametrize(("text", "kept"), [("答えるのはやめます。", None), (">>1 やはりそうです。", 1)])
def test_an_edit_that_answers_nobody_any_more_loses_its_inferred_parent(
    article: Article, text: str, kept: int | None
) -> None:
    world.make_rule("quotes")
    first = send(article, "駅前は便利です。")
    screen()
    answer = send(article, ">>1 そうですね。", now=NOON + timedelta(minutes=1))
    draft = CommentDraft(body=">>1 と言われましても。", author_name="みどり")
    (given,) = receive(
        [Arrival(draft, article.pk, parent_id=answer.comment_id)],
        Origin(article.site_id),
        now=NOON + timedelta(minutes=2),
    )
    screen()
    assert (stored(answer).parent_id, stored(answer).parent_how) == (first.comment_id, "reference")
    for each in (answer, given):
        edit(stored(each), text, now=NOON)
    screen()
    row = stored(answer)
    expected = (first.comment_id, "reference", 95) if kept else (None, "", None)
    assert (row.parent_id, row.parent_how, row.parent_sure) == expected
    assert (stored(given).parent_id, stored(given).parent_how) == (answer.comment_id, "given")


def test_a_comment_of_nothing_but_quotes_is_told_of_and_makes_few_rows(article: Article) -> None:
    world.make_rule("quotes", action="hold")
    received = send(article, ">a\nb\n" * 4_000)
    screen()
    assert stored(received).status == "held"
    assert Quote.objects.filter(comment=received.comment_id).count() == 200
    (finding,) = Finding.objects.all()
    assert (finding.code, finding.data, finding.spans) == (
        "untraced",
        {"count": 3_800},
        [["body", 997, 20_000]],
    )


def test_quotes_are_traced_within_the_time_of_a_claim(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What time does not reach for is left for the next claim, which is rung for."""
    world.make_rule("quotes")
    for at in range(3):
        send(article, f">市は港の再開発を来年度から始める。\n{at}回目の質問です。")
    seconds, rings = iter(range(100)), []
    monkeypatch.setattr("moderation.services.screening.monotonic", lambda: next(seconds))
    traced: list[int] = []
    real = trace_quotes_of_blocks

    def trace_blocks(*blocks: Any, before: tuple[datetime, int], **options: Any) -> tuple[Traced, ...]:
        traced.append(before[1])
        return real(*blocks, before=before, **options)

    monkeypatch.setattr("moderation.tracing.trace_blocks", trace_blocks)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert screen(on_full=lambda: rings.append(1)).claimed == 2
    assert (len(traced), Pending.objects.count(), rings) == (2, 1, [1])
