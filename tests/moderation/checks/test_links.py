import pytest

from moderation.checks.base import SHOWN
from moderation.checks.links import Links
from tests.moderation.checks.cases import findings, marked, submission

TWO = "出典はhttps://news.example.jp/1と（http://www.example.org/a）です。"


@pytest.mark.parametrize(
    ("most", "body", "links", "hosts"),
    [
        (2, TWO, [], ()),
        (
            1,
            TWO,
            ["https://news.example.jp/1", "http://www.example.org/a"],
            ("news.example.jp", "www.example.org"),
        ),
        (0, "www.example.comへどうぞ", ["www.example.com"], ("www.example.com",)),
        (0, "asahi.com の記事と node.js の話", [], ()),
        (0, "", [], ()),
        (
            2,
            "http://a.jp http://a.jp\nhttp://a.jp",
            ["http://a.jp", "http://a.jp", "http://a.jp"],
            ("a.jp", "a.jp", "a.jp"),
        ),
    ],
)
def test_links(most: int, body: str, links: list[str], hosts: tuple[str, ...]) -> None:
    check, comment = Links(most=most), submission(body)
    assert marked(check, comment) == links
    for finding in findings(check, comment):
        assert finding.evidence == hosts
        assert finding.data == {"count": len(links), "most": most}


def test_a_thousand_links_show_the_first_few() -> None:
    (finding,) = findings(Links(), submission("http://spam.example/ " * 900))
    assert (len(finding.spans), len(finding.evidence)) == (SHOWN, SHOWN)
    assert finding.data["count"] == 900
    assert Links.sentence("many", finding.data, "ja") == "リンクが900個あります（2個まで）。"
