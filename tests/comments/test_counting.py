"""The figures of a run, while it is going on and when it has ended."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from comments.formats.base import KINDS
from comments.imports.counting import counts_of, counts_of_runs, total
from comments.imports.ledger import COUNTED
from comments.models import ImportChunk, ImportRun, RunStatus, Site
from tests.comments.ledgers import figures, make_chunk, make_run

pytestmark = pytest.mark.django_db


def test_while_a_run_is_going_on_its_own_and_its_chunks_are_added_up(site: Site) -> None:
    run = make_run(site, counts={"articles": figures(3, 2), "comments": figures(5, 0, problems=5)})
    make_chunk(run, 0, comments=figures(500, 490, problems=4, notices=7))
    make_chunk(run, 1, comments=figures(500, 500), pings=figures(2, 1))
    ImportChunk.objects.create(run=run, number=2, payload=b"not stored yet")
    counts = counts_of(run)
    assert counts["articles"] == figures(3, 2)
    assert counts["comments"] == {
        "read": 1005, "created": 990, "updated": 0, "unchanged": 6, "problems": 9, "notices": 7,
    }  # fmt: skip
    assert counts["pings"] == figures(2, 1)
    for numbers in counts.values():
        outcomes = ("created", "updated", "unchanged", "problems")
        assert numbers["read"] == sum(numbers[name] for name in outcomes)
    assert total(counts, "read") == 1010


def test_of_a_run_that_has_ended_its_own_are_all(site: Site) -> None:
    run = make_run(site, counts={"comments": figures(500, 490)}, status=RunStatus.DONE)
    make_chunk(run, 0, comments=figures(500, 490))
    ImportRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    # The instance was read before the run ended: what counts is the database.
    assert run.finished_at is None
    assert counts_of(run)["comments"] == figures(500, 490)


def test_a_run_that_has_met_nothing_has_all_figures(site: Site) -> None:
    run = make_run(site)
    assert counts_of(run) == {kind: dict.fromkeys(COUNTED, 0) for kind in KINDS}
    assert counts_of_runs([]) == {}


def test_many_runs_and_chunks_take_one_query(
    site: Site, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    runs = [make_run(site, status=RunStatus.FAILED) for _ in range(6)]
    for run in runs:
        for number in range(run.pk % 5):
            make_chunk(run, number, comments=figures(10, 10))
    with django_assert_num_queries(1):
        counts = counts_of_runs([run.pk for run in runs])
    assert {run: each["comments"]["read"] for run, each in counts.items()} == {
        run.pk: 10 * (run.pk % 5) for run in runs
    }
