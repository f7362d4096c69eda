import pytest

from moderation.checks.name_words import NameWords
from tests.moderation.checks.cases import findings, marked, submission


@pytest.mark.parametrize(
    ("name", "hits"),
    [
        ("馬鹿を見る人", ["馬鹿"]),
        ("ﾊﾞｶ市長", ["ﾊﾞｶ"]),
        ("馬鹿正直", []),
        ("Class of 99", []),
        ("ＡＳＳ田", ["ＡＳＳ"]),
        ("馬\u200b鹿", ["馬\u200b鹿"]),
        ("山田", []),
        ("𠮷田バカ", ["バカ"]),
        ("", []),
    ],
)
def test_names(name: str, hits: list[str]) -> None:
    check = NameWords(words=("馬鹿", "バカ", "ass"), allow=("馬鹿正直",))
    comment = submission("馬鹿と書いた本文は関係ありません。", author_name=name)
    assert marked(check, comment) == hits
    for finding in findings(check, comment):
        assert {span.field for span in finding.spans} == {"author_name"}
        assert finding.evidence == tuple(hits)


def test_not_applicable_where_a_source_has_no_names() -> None:
    assert not NameWords(words=("馬鹿",)).applies(submission(author_name="馬鹿", identity=False))
