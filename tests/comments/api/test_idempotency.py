from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from comments.api import idempotency
from comments.models import Article, Comment, IdempotencyKey, Site
from comments.tasks import purge_idempotency_keys
from tests import world
from tests.publisher import COMMENTS, Publisher, problem

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def test_the_same_request_gets_the_first_answer_again(publisher: Publisher, known: str) -> None:
    first = publisher.post(key=KEY, article=known, body="一度だけ")
    assert "Idempotency-Replayed" not in first
    Comment.objects.update(status="published")
    Article.objects.update(floor="closed")
    again = publisher.post(key=KEY, article=known, body="一度だけ")
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.content, again["Location"]) == (202, first.content, first["Location"])
    assert Comment.objects.count() == 1


def test_another_body_under_the_key_is_refused(publisher: Publisher, known: str) -> None:
    publisher.post(key=KEY, article=known, body="初めの文")
    problem(publisher.post(key=KEY, article=known, body="別の文"), 422, "key-reused")
    assert Comment.objects.get().body == "初めの文"


def test_a_key_is_one_sites_own(publisher: Publisher, known: str) -> None:
    publisher.post(key=KEY, article=known, body="同じ鍵")
    other = world.make_site("yugiri")
    article = world.make_article(other, external_id=known)
    response = Publisher(other).post(key=KEY, article=known, body="同じ鍵")
    assert "Idempotency-Replayed" not in response
    assert (
        Comment.objects.get(article=article).public_id
        != Comment.objects.exclude(article=article).get().public_id
    )


def test_a_refused_request_leaves_the_key_free(publisher: Publisher, site: Site) -> None:
    problem(publisher.post(key=KEY, article="later", body="早すぎた"), 422, "refused")
    world.make_article(site, external_id="later")
    assert publisher.post(key=KEY, article="later", body="早すぎた").status_code == 202


def test_quotation_marks_around_a_key_are_the_drafts_spelling(publisher: Publisher, known: str) -> None:
    publisher.post(key=f'"{KEY}"', article=known, body="引用符")
    assert publisher.post(key=KEY, article=known, body="引用符")["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["x" * 256, "a b", "\t", '""', "caf\xe9"])
def test_a_key_of_other_characters_is_refused(publisher: Publisher, known: str, key: str) -> None:
    (error,) = problem(publisher.post(key=key, article=known, body="鍵"), 400, "bad-parameter")["errors"]
    assert error["field"] == "Idempotency-Key"
    assert not Comment.objects.exists()


def test_an_answer_is_kept_for_a_day(publisher: Publisher, known: str) -> None:
    publisher.post(key=KEY, article=known, body="昨日")
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.KEPT)
    assert publisher.post(key=KEY, article=known, body="今日").status_code == 202
    assert publisher.post(key=KEY, article=known, body="今日")["Idempotency-Replayed"] == "true"
    assert Comment.objects.count() == 2


def test_old_answers_are_purged_in_batches(site: Site) -> None:
    now = timezone.now()
    ages = [timedelta(hours=hours) for hours in (1, 23, 24, 25, 30, 400)]
    for at, age in enumerate(ages):
        IdempotencyKey.objects.create(
            site=site, key=str(at), payload=b"", status_code=202, answer={}, created_at=now - age
        )
    assert idempotency.purge(now, batch=3) == 4
    assert sorted(IdempotencyKey.objects.values_list("key", flat=True)) == ["0", "1"]
    assert purge_idempotency_keys() == 0


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_row() -> None:
    site = world.make_site()
    world.make_article(site, external_id="rush")
    publisher, start = Publisher(site), Barrier(20)

    def post(_: int) -> tuple[int, bytes, str | None]:
        start.wait()
        try:
            response = publisher.post(COMMENTS, key=KEY, article="rush", body="二十人が同時に")
            return response.status_code, response.content, response.headers.get("Idempotency-Replayed")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(20)))
    assert {status for status, _, _ in answers} == {202}
    assert len({content for _, content, _ in answers}) == 1
    assert [replayed for _, _, replayed in answers].count("true") == 19
    assert (Comment.objects.count(), IdempotencyKey.objects.count()) == (1, 1)
