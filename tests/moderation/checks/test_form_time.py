import pytest

from comments.drafts import Form, FormToken
from moderation.checks.form_time import FormTime
from tests.moderation.checks.cases import codes, findings, submission

VALID, INVALID, EXPIRED = FormToken.VALID, FormToken.INVALID, FormToken.EXPIRED


@pytest.mark.parametrize(
    ("form", "required", "expected"),
    [
        (Form(VALID, 0), False, ["fast"]),
        (Form(VALID, 4), False, ["fast"]),
        (Form(VALID, 5), False, []),
        (Form(VALID, 4), True, ["fast"]),
        (Form(VALID, 86_400), True, []),
        (Form(INVALID), False, ["invalid"]),
        (Form(), False, []),
        (Form(), True, ["missing"]),
        (Form(EXPIRED, 90_000), False, []),
        (Form(EXPIRED, 90_000), True, ["expired"]),
        (Form(EXPIRED, 2), True, ["expired"]),
    ],
)
def test_how_long_the_reader_took(form: Form, required: bool, expected: list[str]) -> None:
    check = FormTime(required=required)
    assert codes(check, submission("すぐに書けました。", form=form)) == expected
    assert codes(check, submission("すぐに書けました。", form=form, live=False)) == []
    assert codes(check, submission(form=form, kind="trackback")) == []


def test_the_seconds_are_told() -> None:
    (found,) = findings(FormTime(seconds=10), submission(form=Form(VALID, 3)))
    assert FormTime.sentence(found.code, found.data, "ja") == (
        "フォームの表示から3秒で送信されました（10秒以上が必要です）。"
    )
