import pytest

from moderation.checks.user_agent import UserAgent
from tests.moderation.checks.cases import codes, findings, submission

BOTH = ("listed", "missing")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML) Chrome/138.0 Safari/537.36"
YAHOO = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) YJApp-IOS jp.co.yahoo.ipn.appli/4.128"


@pytest.mark.parametrize(
    ("agent", "tell", "expected"),
    [
        (FIREFOX, BOTH, []),
        (CHROME, BOTH, []),
        (YAHOO, BOTH, []),
        ("朝霧新報アプリ/3.2 (Android)", BOTH, []),
        ("curl/8.5.0", BOTH, ["listed"]),
        ("Python-Requests/2.32", BOTH, ["listed"]),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), BOTH, ["listed"]),
        ("curl/8.5.0", ("missing",), []),
        ("curling fan", BOTH, []),
        ("", BOTH, ["missing"]),
        (" \t", BOTH, ["missing"]),
        ("", ("listed",), []),
    ],
)
def test_programs_that_say_what_they_are(agent: str, tell: tuple[str, ...], expected: list[str]) -> None:
    comment = submission("記事を読みました。", user_agent=agent)
    assert codes(UserAgent(tell=tell), comment) == expected


def test_an_own_list_is_compared_without_case_and_blank_lines_match_nothing() -> None:
    check = UserAgent(agents=(" ボット ", "", "SpamKit"))
    assert findings(check, submission(user_agent="朝のボット/1.0"))[0].data == {"agent": "ボット"}
    assert codes(check, submission(user_agent="spamkit 2")) == ["listed"]
    assert codes(check, submission(user_agent="curl/8.5.0")) == []


def test_an_import_has_none_and_is_not_told_of() -> None:
    assert codes(UserAgent(tell=BOTH), submission(user_agent="", live=False)) == []
