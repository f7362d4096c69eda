import pytest

from comments.drafts import Form, FormToken
from moderation.checks.honeypot import Honeypot
from tests.moderation.checks.cases import codes, submission


@pytest.mark.parametrize(
    ("form", "live", "expected"),
    [
        (Form(trap=True), True, ["filled"]),
        (Form(FormToken.VALID, 60, trap=True), True, ["filled"]),
        (Form(), True, []),
        (Form(FormToken.VALID, 60), True, []),
        (Form(trap=True), False, []),
    ],
)
def test_who_fills_in_what_nobody_sees(form: Form, live: bool, expected: list[str]) -> None:
    assert codes(Honeypot(), submission("とても良い記事でした。", form=form, live=live)) == expected
