"""How fast a run went, from when its chunks were stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from comments.imports.pace import POINTS, pace_of
from comments.models import ImportChunk, Site
from tests.comments.ledgers import figures, make_chunk, make_run
from tests.world import NOON

pytestmark = pytest.mark.django_db


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_point_a_second_and_none_is_left_out(site: Site) -> None:
    run = make_run(site, started_at=NOON)
    make_chunk(run, 0, NOON + seconds(1.2), comments=figures(500, 400))
    make_chunk(run, 1, NOON + seconds(1.9), comments=figures(300, 300), pings=figures(5, 0))
    make_chunk(run, 2, NOON + seconds(4.5), comments=figures(500, 500))
    ImportChunk.objects.create(run=run, number=3, payload=b"not stored yet")
    pace = pace_of(run)
    assert [(point.at - NOON, point.rows, point.created) for point in pace.points] == [
        (seconds(0), 0, 0),
        (seconds(1), 805, 700),
        (seconds(2), 0, 0),
        (seconds(3), 0, 0),
        (seconds(4), 500, 500),
    ]
    assert (pace.until, pace.top) == (NOON + seconds(4.5), 805.0)


@pytest.mark.parametrize("length", [1, 59, 60, 61, 3_600, 86_399.5])
def test_no_more_points_than_a_chart_has(site: Site, length: float) -> None:
    run = make_run(site, started_at=NOON)
    for number in range(200):
        make_chunk(run, number, NOON + seconds(length * number / 199), comments=figures(10, 10))
    points = pace_of(run).points
    assert 1 <= len(points) <= POINTS
    assert sum(point.rows for point in points) == 2_000
    assert points[0].seconds * len(points) >= length


def test_now_is_the_last_while(site: Site) -> None:
    run = make_run(site, started_at=NOON)
    for number in range(40):
        rows = 1_000 if number < 10 else 100
        make_chunk(run, number, NOON + seconds(number), comments=figures(rows, rows))
    assert pace_of(run).now == pytest.approx(100, rel=0.1)


def test_a_run_without_chunks_and_one_whose_clock_was_late(site: Site) -> None:
    run = make_run(site, started_at=NOON)
    pace = pace_of(run)
    assert (pace.points, pace.now, pace.top) == ((), 0, 0)
    make_chunk(run, 0, NOON - seconds(5), comments=figures(20, 20))
    assert [point.rows for point in pace_of(run).points] == [20]


def test_one_query_however_many_chunks(site: Site, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    run = make_run(site, started_at=NOON)
    for number in range(50):
        make_chunk(run, number, NOON + seconds(number), comments=figures(10, 10))
    with django_assert_num_queries(1):
        pace_of(run)
