"""Expressions over the facts of a comment: what they know, what is refused, when they fail."""

from dataclasses import replace

import pytest

from moderation.checks.base import Needs, Refused, Submission
from moderation.checks.cel import names_of
from moderation.checks.expression import Expression
from moderation.checks.expression_facts import FACTS, Fact
from moderation.checks.facts import Copy
from moderation.engine import ActiveRule, Cause, Context, evaluate
from moderation.quotes import Quoted, Traced, Verdict
from tests.moderation.checks.cases import NOON, ago, codes, findings, submission

COPIES = tuple(Copy(number, ago(60), same_author=number == 1, same_article=True) for number in range(1, 4))


@pytest.mark.parametrize(
    ("expression", "given", "hits"),
    [
        ("true", {}, True),
        ("false", {}, False),
        # Texts, Japanese too; the folded one has width, case and blanks made one.
        ("body.contains('工事')", {}, True),
        ("folded.contains('副業で 月30万')", {"body": "副業で　月３０万"}, True),
        ("body.contains('副業で 月30万')", {"body": "副業で　月３０万"}, False),
        ("folded.matches('月[0-9]+万')", {"body": "月３０万"}, True),
        (r"folded.matches(r'\d{2}万') && !folded.matches('\\d{3}')", {"body": "月３０万"}, True),
        ("body_length == 4", {"body": "あ😀か\u3099"}, True),
        ("body_length > 4", {"body": "あ😀か\u3099"}, False),
        ("body_lines == 2 // two lines", {"body": "一\n二"}, True),
        (
            "title.contains('港') && language == 'ja' && kind != 'pingback'",
            {"article_title": "港の再開発"},
            True,
        ),
        ("live", {"live": False}, False),
        ("posted_at.getHours('Asia/Tokyo') == 12", {}, True),
        ("posted_at > timestamp('2026-04-01T03:00:00Z')", {}, False),
        # The author.
        ("author_name == '' && author_email_domain == ''", {}, True),
        ("author_email_domain == 'example.jp'", {"author_email": "taro@EXAMPLE.jp "}, True),
        ("author_url_host == 'shop.example'", {"author_url": "https://shop.example/a"}, True),
        ("author_url_host == ''", {"author_url": "http://[broken"}, True),
        ("!author_verified && published_before < 3", {"published_before": 2}, True),
        ("!author_verified && published_before < 3", {"published_before": 3}, False),
        # Counts: windows are half-open, and the comment itself counts.
        ("author_comments_hour == 2", {"author_times": (ago(3_599), ago(3_600))}, True),
        ("author_comments_day == 3", {"author_times": (ago(3_599), ago(3_600))}, True),
        ("address_comments_hour == 1", {}, True),
        ("own_copies_day == 1 && others_copies_day == 2", {"copies": COPIES}, True),
        # Links and quotes.
        ("link_count == 2 && 'b.example' in link_hosts", {"body": "http://a.example http://B.example"}, True),
        ("link_hosts.exists(host, host.endsWith('.ru'))", {"body": "http://a.example"}, False),
        ("quotes.altered == 1 && quotes['missing'] == 0 && quotes.misattributed == 0", {}, False),
        (
            "quotes.altered == 1 && quotes['missing'] == 0 && quotes.misattributed == 1",
            {"quotes": (Traced(Quoted(0, 5, "12345"), Verdict.ALTERED, misattributed=True),)},
            True,
        ),
        ("quotes.untraced > 0", {"untraced": 4}, True),
    ],
)
def test_expressions(expression: str, given: dict[str, object], hits: bool) -> None:
    assert codes(Expression(expression=expression), submission(**given)) == (["true"] if hits else [])  # type: ignore[arg-type]


def test_a_finding_has_no_place() -> None:
    (finding,) = findings(Expression(expression="body_length > 0"), submission())
    assert (finding.spans, finding.evidence, finding.data) == ((), (), {})


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_has_the_type_that_it_says(name: str) -> None:
    condition = {
        "string": f"{name}.size() >= 0",
        "int": f"{name} >= 0",
        "bool": f"{name} || !{name}",
        "timestamp": f"{name}.getFullYear() == {NOON.year}",
        "list(string)": f"{name}.all(each, each.size() > 0)",
        "map(string, int)": f"{name}.all(each, {name}[each] == 0)",
    }[FACTS[name].type]
    assert codes(Expression(expression=condition), submission()) == ["true"]


@pytest.mark.parametrize(
    ("expression", "ja", "en"),
    [
        ("", "式を書いてください", "Write an expression"),
        ("x" * 2_001, "2,000文字まで", "2,000 characters, not 2,001"),
        ("body_length", "式の値はintです", "The expression gives int"),
        (
            "bodi.contains('a')",
            "1行目の1文字目：変数「bodi」はありません。「body」ですか",
            "do you mean body?",
        ),
        (
            "live &&\n foo > 1",
            "2行目の2文字目：変数「foo」はありません",
            "Line 2, column 2: There is no variable foo",
        ),
        ("body.contains('馬鹿') && linkcount > 1", "1行目の24文字目", "do you mean link_count?"),
        ("size(comment.body) > 1", "「comment.body」はありません。「body」ですか", "do you mean body?"),
        ("body.lower() == 'a'", "関数「lower」はありません", "There is no function lower"),
        ("body_length > '5'", "「>」は（int, string）には使えません", "> does not go with (int, string)."),
        ("'a' in body", "「in」は（string, string）", "in does not go with (string, string)."),
        ("live and true", "「and」ではなく「&&」", "Write && and not and."),
        ("language = 'ja'", "「=」ではなく「==」", "Line 1, column 10: Write == and not =."),
        ("live == True", "「True」ではなく「true」", "Write true and not True."),
        ("live &&", "途中で終わっています", "ends too early"),
        ("live && (true", "途中で終わっています", "ends too early"),
        ("live ＆＆ true", "「＆」は引用符の外には書けません", "＆ cannot stand outside quotation marks."),
        ("live ] true", "「]」がここにあると", "cannot be read from ] on"),
        ("body.size > 3", "式が正しくありません", "cannot be the operand"),
        ("(" * 300 + "live" + ")" * 300, "入れ子が深すぎます（32段まで）", "32 levels are allowed"),
        # What no comment has an answer to would hold all of them.
        ("quotes.alterd > 0", "quotesに「alterd」はありません。「altered」ですか", "Do you mean altered?"),
        ("!live && quotes['x'] == 1", "quotesに「x」はありません", "quotes has no x. It has short"),
        ("posted_at > timestamp('yesterday')", "どのコメントでも計算できず", "on any comment"),
        ("posted_at.getHours('Tokyo') < 5", "Invalid timezone", "all would be held: Invalid timezone"),
        ("int(author_name) > 0", "計算できず", "cannot convert"),
        (
            f"[{','.join(['1'] * 100)}].all(a, [{','.join(['1'] * 200)}].all(b, a == b))",
            "計算できず",
            "budget exceeded",
        ),
        ("body.matches('(')", "正規表現「(」：閉じ括弧", "Regular expression (: A closing ) is missing."),
        ("body.matches('値(?=上げ)')", "(?= は使えません", "there is no look-ahead"),
        ("body.matches('.{1,500}x')", "手順、250まで", "250 at most"),
        ("body.matches(folded)", "matches には引用符で囲んだ", "Line 1, column 6: matches takes one regular"),
        ("body.matches('a' + folded)", "matches には引用符で囲んだ", "matches takes one regular"),
        ("matches(body, 'a')", "matches には引用符で囲んだ", "matches takes one regular"),
    ],
)
def test_refused_with_its_place_and_reason(expression: str, ja: str, en: str) -> None:
    with pytest.raises(Refused) as refused:
        Expression(expression=expression)
    assert refused.value.parameter == "expression"
    assert ja in refused.value.ja
    assert en in refused.value.en


def test_what_only_looks_like_a_regular_expression_is_none() -> None:
    assert codes(
        Expression(expression="body.contains(\".matches(\") // .matches('('"), submission(".matches(")
    ) == ["true"]


@pytest.mark.parametrize(
    ("expression", "needs"),
    [
        ("body_length > 5", Needs()),
        ("'quotes' == body // author_comments_day", Needs()),
        ("quotes.altered > 0", Needs(quotes=True)),
        ("author_comments_hour > 5", Needs(author_seconds=3_600, author_rows=50)),
        (
            "author_comments_hour > 5 || author_comments_day > 20 || own_copies_day > 0",
            Needs(author_seconds=86_400, author_rows=50, copy_seconds=86_400, copy_rows=50),
        ),
        ("address_comments_hour > 9", Needs(address_seconds=3_600, address_rows=50)),
    ],
)
def test_needs_follow_from_the_names(expression: str, needs: Needs) -> None:
    assert Expression(expression=expression).needs == needs


def test_names_are_told_from_texts_and_comments() -> None:
    source = """title == "body" && title != r'\\' // live
        || '''kind "language" ''' == author_name"""
    assert names_of(source) == {"title", "author_name"}


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("link_hosts[0] == 'a.example'", "Index error"),
        ("1 / published_before > 0", "divide by zero"),
        ("int(author_name.contains('山') ? '1' : author_name) > 0", "cannot convert"),
    ],
)
def test_an_expression_that_fails_holds_the_comment(expression: str, error: str) -> None:
    check = Expression(expression=expression)
    with pytest.raises((ValueError, RuntimeError), match=error):
        list(check.check(submission()))
    rule = ActiveRule(1, check, "flag", enforced=True, severity=1, reason=1)
    verdict = evaluate([rule], submission(), Context(site=1, floor="open"))
    assert (verdict.status, verdict.causes) == ("held", (Cause.CHECK_FAILED,))


def test_an_expression_that_takes_too_long_fails() -> None:
    check = Expression(expression=f"[{','.join(['1'] * 200)}].all(a, link_hosts.all(b, a == 1))")
    assert codes(check, submission("http://a.example")) == ["true"]
    with pytest.raises(RuntimeError, match="budget exceeded"):
        list(check.check(submission("http://a.example " * 200)))


def test_a_failing_half_does_not_matter_where_the_other_decides() -> None:
    check = Expression(expression="link_count > 0 && link_hosts[0] == 'a.example'")
    assert codes(check, submission()) == []
    assert codes(check, submission("http://a.example")) == ["true"]


def test_only_the_facts_that_are_named_are_had(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def watched(name: str, fact: Fact) -> Fact:
        def value(given: Submission) -> object:
            asked.append(name)
            return fact.value(given)

        return replace(fact, value=value)

    watching = {name: watched(name, fact) for name, fact in FACTS.items()}
    monkeypatch.setattr("moderation.checks.expression.FACTS", watching)
    list(Expression(expression="live && body_length > 0").check(submission()))
    assert sorted(asked) == ["body_length", "live"]
