import pytest

from moderation.checks.base import SHOWN
from moderation.checks.link_share import LinkShare
from tests.moderation.checks.cases import findings, marked, submission

# 19 characters.
LINK = "https://example.jp/"


@pytest.mark.parametrize(
    ("percent", "body", "expected"),
    [
        (90, LINK, [100]),
        (90, f"　{LINK}\n{LINK} ", [100]),
        (90, f"{LINK} https://example.com", [100]),
        (95, f"{LINK}字", [95]),
        (96, f"{LINK}字", []),
        (50, LINK + "𠮷" * 19, [50]),
        (50, LINK + "𠮷" * 20, []),
        (50, f"出典は（{LINK}）です。", [70]),
        (1, "リンクはありません。example.jp", []),
        (1, "", []),
        (1, "\u200b \u3000", []),
    ],
)
def test_share(percent: int, body: str, expected: list[int]) -> None:
    found = findings(LinkShare(percent=percent), submission(body))
    assert [finding.data["share"] for finding in found] == expected
    assert all(finding.data["percent"] == percent for finding in found)


def test_the_links_are_marked_and_their_hosts_kept() -> None:
    comment = submission(f"{LINK} と www.example.com")
    assert marked(LinkShare(), comment) == [LINK, "www.example.com"]
    assert findings(LinkShare(), comment)[0].evidence == ("example.jp", "www.example.com")
    (finding,) = findings(LinkShare(), submission(f"{LINK} " * 200))
    assert len(finding.spans) == len(finding.evidence) == SHOWN
