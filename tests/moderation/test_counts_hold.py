"""Whatever happens at the desk, in whatever order: what is kept of it is what a recount finds."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction

from comments.services import edit
from moderation import services
from moderation.grams import searchable
from moderation.models import BulkDecision, Case, CaseText, Regroup, RuleJudgement
from moderation.services import SanctionTerms, Wanted, tallying
from moderation.services.judgements import judge_again
from moderation.services.sanctioning import AlreadySanctionedError
from moderation.targets import Kind, NotSanctionable, target_in
from tests import facets, newsroom, world
from tests.moderation.desk_life import Life
from tests.world import NOON

pytestmark = pytest.mark.django_db


class Busy(Life):
    """As `Life`, with all that is done to many at once, and from the card."""

    def step(self) -> None:
        acts = (self.together, self.undo_together, self.sanction, self.group, self.edit_waiting)
        if self.rng.random() < 0.5:
            return super().step()
        self.rng.choices(acts, weights=(4, 2, 2, 3, 2))[0]()
        return None

    def again(self) -> None:
        self.number += 1
        super().again()

    def together(self) -> None:
        reason, action = self.rng.choice(self.reasons).pk, self.rng.choice(("publish", "reject"))
        cases = [*self._some(6), *Case.objects.filter(comment__isnull=False).order_by("-pk")[:2]]
        asked = [
            Wanted(
                case.pk,
                action,
                newsroom.comment_of(case).version - (self.rng.random() < 0.1),
                reason_id=reason if action == "reject" else None,
                anew=self.rng.random() < 0.3,
            )
            for case in cases
        ]
        if asked:
            services.decide_together(asked, token=uuid4(), by=self.person, now=self.now)

    def undo_together(self) -> None:
        if bulks := list(BulkDecision.objects.filter(undoes=None).order_by("pk")):
            services.undo_together(self.rng.choice(bulks[-3:]), token=uuid4(), by=self.person, now=self.now)

    def sanction(self) -> None:
        for case in self._some(1):
            comment, reason = newsroom.comment_of(case), self.rng.choice(self.reasons)
            terms = SanctionTerms(site_id=case.site_id, reason=reason, comment=comment)
            wanted = Wanted(case.pk, "reject", comment.version, reason_id=reason.pk)
            try:
                services.sanction_and_decide(
                    target_in(comment, Kind.EMAIL), terms, wanted, by=self.person, now=self.now
                )
            except (NotSanctionable, AlreadySanctionedError):
                continue

    def group(self) -> None:
        services.group_cases(limit=self.rng.choice((3, 500)))

    def edit_waiting(self) -> None:
        """Of a case that is looked at, into what another says already."""
        for case, other in zip(self._some(1), self._some(1), strict=True):
            with transaction.atomic():
                comment = newsroom.comment_of(case)
                comment = type(comment).objects.select_for_update().get(pk=comment.pk)
                edit(comment, newsroom.comment_of(other).body, now=self.now)


def texts() -> dict[int, str]:
    """`{open case: what it is searched by}`, from the comments alone."""
    rows = Case.objects.filter(closed_at=None, comment__isnull=False).select_related("comment__article")
    return {
        case.pk: searchable(
            comment.folded[:5_000], comment.author_name, comment.author_url, comment.article.title
        )
        for case in rows
        if (comment := newsroom.comment_of(case))
    }


def check() -> None:
    while services.group_cases().looked:
        pass
    assert not Regroup.objects.exists()
    assert facets.stored() == facets.expected()
    assert tallying.differences() == []
    assert dict(CaseText.objects.values_list("case_id", "text")) == texts()
    pairs = RuleJudgement.objects.values_list("rule_version", "comment", "revision", "is_right", "site")
    before = set(pairs.all())
    judge_again(comment for _, comment, *_ in before)
    assert set(pairs.all()) == before


@pytest.mark.parametrize("seed", [4, 5])
def test_all_that_is_kept_of_the_desk_is_what_a_recount_finds(seed: int) -> None:
    sites = [world.make_site("one", floor="hold_all"), world.make_site("other", floor="hold_all")]
    life = Busy(seed, sites, NOON)
    for number in range(80):
        life.step()
        if number % 16 == 15:
            check()
        if number == 50:
            newsroom.make_run_case(sites[1])
            life.undo_rule()
    check()
    assert BulkDecision.objects.filter(undoes__isnull=False, rows__outcome="done").exists()
    assert Case.objects.filter(group_id__isnull=False).exists()
