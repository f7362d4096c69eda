"""Reading the environment: what is accepted, and what a mistake is answered with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable

import manage
from config import env
from config.local import Stack


@pytest.fixture(autouse=True)
def _no_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "fallback", {})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://sekisho@/sekisho?host=/run/postgresql",
            {"NAME": "sekisho", "USER": "sekisho", "HOST": "/run/postgresql", "PORT": "", "OPTIONS": {}},
        ),
        (
            "postgresql://u%40x:p%2Fw%23@db.example:5433/news?sslmode=require",
            {
                "NAME": "news",
                "USER": "u@x",
                "PASSWORD": "p/w#",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgres://%2Frun%2Fpg/news", {"HOST": "/run/pg", "NAME": "news"}),
        ("postgres://db", {"HOST": "db", "NAME": "sekisho"}),
    ],
)
def test_a_database_url(monkeypatch: pytest.MonkeyPatch, url: str, expected: dict[str, object]) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    read = env.database()
    assert {name: read[name] for name in expected} == expected
    assert read["ENGINE"] == "django.db.backends.postgresql"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:geheim@db/news",
        "postgres://u:geheim#1@db/news",
        "postgres://u:ge/heim@db/news",
        "postgres://[::1/x",
    ],
)
def test_a_wrong_database_url_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.ConfigurationError, match="DATABASE_URL") as error:
        env.database()
    assert "heim" not in str(error.value)


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n", encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("SECRET_KEY", "")  # compose passes what is unset as empty
    assert env.text("SECRET_KEY") == "hush"
    monkeypatch.setenv("SECRET_KEY", "loud")
    with pytest.raises(env.ConfigurationError, match="both set"):
        env.text("SECRET_KEY")


def test_a_secret_file_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(env.ConfigurationError, match="none"):
        env.text("SECRET_KEY")


@pytest.mark.parametrize(
    ("value", "read"), [("1", True), ("Yes", True), ("off", False), ("", True), ("0", False)]
)
def test_a_flag(monkeypatch: pytest.MonkeyPatch, value: str, read: bool) -> None:
    monkeypatch.setenv("SOME_FLAG", value)
    assert env.flag("SOME_FLAG", default=True) is read


def test_what_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_FLAG", "maybe")
    with pytest.raises(env.ConfigurationError, match="maybe"):
        env.flag("SOME_FLAG")


@pytest.mark.parametrize("value", ["many", "-1", "1.5"])
def test_a_wrong_number_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_NUMBER", value)
    with pytest.raises(env.ConfigurationError, match="SOME_NUMBER"):
        env.integer("SOME_NUMBER", 3)


def test_a_redis_url_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "http://localhost")
    with pytest.raises(env.ConfigurationError, match="redis://"):
        env.redis_url()


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://:pw@host:6379/3", "redis://:pw@host:6379/3"),
        ("unix:///run/redis.sock?db=5", "redis+socket:///run/redis.sock?virtual_host=5"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix://u:p%40@/run/redis.sock", "redis+socket://u:p%40@/run/redis.sock?virtual_host=0"),
        ("unix:///run/r.sock?password=p/w", "redis+socket://:p%2Fw@/run/r.sock?virtual_host=0"),
    ],
)
def test_the_broker_url(url: str, broker: str) -> None:
    assert env.broker_url(url) == broker


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    with Stack.start(postgres=False) as stack:
        yield stack.redis.socket


def test_one_redis_url_serves_celery_cache_and_client(socket: Path) -> None:
    url = f"unix://{socket}?db=3"
    with redis.Redis.from_url(url) as client:
        RedisCache(url, {}).set("seen", 1)
        app = Celery("t", broker=env.broker_url(url), broker_connection_retry=False, set_as_current=False)
        with app.connection_for_write() as connection:
            app.send_task("nothing", connection=connection)
        assert client.connection_pool.connection_kwargs["db"] == 3
        assert client.exists(":1:seen", "celery") == 2
    with redis.Redis.from_url(f"unix://{socket}?db=0") as other:
        assert other.dbsize() == 0


@pytest.mark.parametrize(
    ("error", "cause", "told"),
    [
        (OperationalError("connection refused"), None, "see DATABASE_URL. connection refused"),
        (
            ProgrammingError("no relation"),
            UndefinedTable(),
            "`manage.py migrate` makes its tables. no relation",
        ),
        (ProgrammingError("no column"), UndefinedColumn(), None),
    ],
)
def test_a_database_that_is_not_ready_is_told_in_a_line(
    error: Exception,
    cause: Exception | None,
    told: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def execute(_: list[str]) -> None:
        raise error from cause

    monkeypatch.setattr("django.core.management.execute_from_command_line", execute)
    monkeypatch.setattr("sys.argv", ["manage.py", "figures"])
    with pytest.raises(SystemExit if told else ProgrammingError) as raised:
        manage.main()
    if told:
        assert isinstance(raised.value, SystemExit)
        assert raised.value.code == 2
        assert told in capsys.readouterr().err
