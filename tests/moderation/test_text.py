"""Folding: the same for what a reader takes for the same, and exact about the way back."""

import sys
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moderation import text as module
from moderation.text import bare, fold, is_spaced_letter, links, stored_form, website

# Characters that hang together, vanish, grow or shrink, each likely to stand beside another.
TRICKY = (
    " \t\n\r\u3000\u00a0\u2028\u0085\u1680\u2800¨´\u200b\u200d\ufe0f\u00ad\u034f\u0001\ufeff\U000e0101"
    "かガハﾊﾞﾟはｶ\u3099\u309a゛゜㌔㍻①Ａａ！？（…～ﬁßẞİıΐςΣ\u0345ẛ\u0323\u0301\u0307ẖŉǆŀﷺ각ᄀ각\u1161\u11a8ﾡￂ"
    "葛\ufa1cé\u0338=ͺ\u09c7\u09be𝒜😀x1-"
)
any_text = st.text(st.characters(exclude_categories=["Cs"]))
tricky_text = st.text(st.sampled_from(TRICKY), max_size=14)
texts = tricky_text | any_text | st.text(st.sampled_from(TRICKY) | st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("ＡＳＳ", "ass"),
        ("ﾊﾞｶﾔﾛｳ", "バカヤロウ"),
        ("か\u3099くせい", "がくせい"),
        ("ひらがなとカタカナ", "ひらがなとカタカナ"),
        ("死\u200bね", "死ね"),
        ("死\x01ね", "死ね"),
        ("馬\ufe0f鹿", "馬鹿"),
        ("葛\U000e0101飾区", "葛飾区"),
        ("すごい！？　本当に…", "すごい!? 本当に..."),
        ("一行目\r\n\n　二行目", "一行目 二行目"),
        ("\u3000字下げ\n", " 字下げ "),
        ("a \u200b b", "a b"),
        ("\u2800", " "),
        (" \n ", " "),
        ("Straße", "strasse"),
        ("ﬁnal", "final"),
        ("ẛ̣", "ṩ"),
        ("ΌΣΟΣ", "όσοσ"),
        ("한글", "한글"),
        ("①㌔㍻", "1キロ平成"),
        ("　¨", " \u0308"),
        ("Hello,  World\n", "hello, world "),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize(
    ("text", "needle", "hit"),
    [
        ("お前はＡＳＳだ", "ass", "ＡＳＳ"),
        ("このﾊﾞｶ者", "バカ", "ﾊﾞｶ"),
        ("ほんとに死\u200b\u200bね。", "死ね", "死\u200b\u200bね"),
        ("前\u200b馬鹿\u200b後", "馬鹿", "馬鹿"),
        ("か\u3099くせい", "が", "か\u3099"),
        ("ﬁne", "f", "ﬁ"),
        ("㌔で売る", "ロで", "㌔で"),
        ("a \n\t b", " ", " \n\t "),
        ("a \n\t b", "b", "b"),
        ("x\u0301\u200b\u0323y", "x", "x\u0301\u200b\u0323"),
        ("a  ¨b", "a", "a"),
        ("a  ¨b", " ", "  ¨"),
        ("각하", "각", "각"),
    ],
)
def test_span_of_a_hit(text: str, needle: str, hit: str) -> None:
    folded = fold(text)
    start = folded.text.index(needle)
    a, b = folded.original_span(start, start + len(needle))
    assert text[a:b] == hit


@given(texts)
@example("ΐ\u0301")
@example("\u1161\u11a8가")
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text).text
    assert fold(folded).text == folded


@given(texts)
def test_fast_path_equals_the_definition(text: str) -> None:
    kept = module._cut_stacks("".join(c for c in text if not module._DROPPED.match(c)))
    kept = kept.replace("\u2800", " ")  # The Braille blank, which Unicode calls a symbol.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", kept).casefold())
    collapsed = ""
    for char in folded:
        blank = char.isspace()
        if not (blank and collapsed.endswith(" ")):
            collapsed += " " if blank else char
    assert fold(text).text == collapsed


@given(st.data())
@settings(max_examples=300)
def test_span_holds_the_hit_and_folds_to_it(data: st.DataObject) -> None:
    text = data.draw(texts)
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    a, b = folded.original_span(start, end)
    assert 0 <= a <= b <= len(text)
    if start == end:
        assert a == b
        return
    # The three parts fold by themselves to the whole, so the span is exact and not merely sufficient.
    before, hit, after = (fold(part).text for part in (text[:a], text[a:b], text[b:]))
    assert before + hit + after == folded.text
    assert len(before) <= start
    assert len(before) + len(hit) >= end
    assert folded.text[start:end] in hit
    # What the hit leaves over on either side is less than a cluster.
    assert folded.original_span(len(before), start) in {(a, a), (a, _cluster_end(text, a))}
    if len(before) == start and len(before) + len(hit) == end:
        assert hit == folded.text[start:end]


@given(st.data())
@settings(max_examples=300)
def test_no_smaller_span_would_do(data: st.DataObject) -> None:
    text = data.draw(tricky_text)
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    a, b = folded.original_span(start, end)
    for cut in range(len(text) + 1):
        if _may_cut(text, cut):
            before = len(fold(text[:cut]).text)
            assert cut <= a or before > start or fold(text[a:cut]).text == ""
            assert cut >= b or before < end


def _may_cut(text: str, place: int) -> bool:
    """Whether the two parts fold by themselves and no mark is cut from its base."""
    if fold(text[:place]).text + fold(text[place:]).text != fold(text).text:
        return False
    first = unicodedata.normalize("NFKC", "".join(c for c in text[place:] if fold(c).text))[:1]
    return not first or not (unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff")


def _cluster_end(text: str, start: int) -> int:
    return next(end for begin, end, _ in module._clusters(text[start:]) if end > begin) + start


def test_every_character_by_itself() -> None:
    """What the clusters rest on, for each assigned code point of this Python's Unicode."""
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in {"Cn", "Co"}:  # Unassigned or private: nothing is known of them.
            continue
        folded, kind = module._fold(char), module._kind.__wrapped__(char)
        assert module._fold(folded) == folded, hex(code)
        assert (folded == "") == (kind == module._NOTHING), hex(code)
        assert (folded == " ") == (kind == module._BLANK), hex(code)
        assert folded == " " or not folded.endswith(" "), hex(code)
        if module._PLAIN.fullmatch(char):
            assert len(folded) == 1, hex(code)
            assert kind == module._BASE, hex(code)
        parts = unicodedata.decomposition(char).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            assert module._kind(chr(int(parts[1], 16))) == module._MARK, hex(code)


def test_places_outside_are_refused() -> None:
    with pytest.raises(IndexError, match=r"\[0, 4\) does not lie in a text of 3 characters"):
        fold("ａｂｃ").original_span(0, 4)


def test_empty_span_stays_where_it_is() -> None:
    folded = fold("ﾊﾞｶ")
    assert [folded.original_span(i, i) for i in range(3)] == [(0, 0), (2, 2), (3, 3)]


@given(st.text(st.characters() | st.sampled_from("\ud83d\ude00ａ")))
def test_surrogates_are_kept(text: str) -> None:
    form = stored_form(text)
    surrogates = [c for c in text if "\ud800" <= c <= "\udfff"]
    assert [c for c in form.folded if "\ud800" <= c <= "\udfff"] == surrogates
    assert fold(text).original_span(0, len(form.folded))[1] <= len(text)


@pytest.mark.parametrize("run", ["\u200b", "\u0301", " ", "¨", "が\u3099", "a\u200b\u200b", "ﾞ\u0323"])
def test_map_looks_at_each_character_a_few_times(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Counter[str]()
    kind = module._kind

    def counted(char: str) -> int:
        looks[char] += 1
        return kind(char)

    monkeypatch.setattr(module, "_kind", counted)
    text = run * (3_000 // len(run))
    fold(text).original_span(0, 0)
    assert looks.total() <= 4 * len(text)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("q" + "\u0323\u0301" * 15, 30),
        ("q" + "\u0323\u0301" * 16, 30),
        ("q" + "\u0344" * 15, 30),
        ("q" + "\u0344" * 16, 30),
        ("q" + "\u200b\u0323" * 500, 30),
        ("q" + ("ﾞ" * 15 + "\u0323") * 60, 30),
        (("q" + "\u0323" * 20) * 5, 100),
    ],
)
def test_marks_past_a_stack_of_thirty_are_dropped(text: str, marks: int) -> None:
    """Canonical ordering takes the square of a stack's height; no language stacks more."""
    folded = fold(text)
    assert sum(map(bool, map(unicodedata.combining, folded.text))) == marks
    assert fold(folded.text).text == folded.text
    assert folded.original_span(0, 1) == (0, text.find("q", 1) if text.count("q") > 1 else len(text))


@given(st.text(st.sampled_from("aé\u0301\u0323\u0344\u0f73\u0345\u200bﾞは"), min_size=25, max_size=90))
def test_stacks_keep_the_properties(text: str) -> None:
    folded = fold(text)
    assert fold(folded.text).text == folded.text
    pieces = [text[start:end] for start, end, _ in module._clusters(text)]
    assert "".join(fold(piece).text for piece in pieces) == folded.text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("駅前の再開発に反対します。", "駅前の再開発に反対します", True),
        ("駅前の再開発に\n反対します！！", "駅前の再開発に反対します", True),
        ("ﾀｲﾄﾙ通りです", "タイトル通りです。", True),
        ("Buy now - cheap!", "BUY NOW: CHEAP", True),
        ("駅前の再開発に反対します", "駅前の再開発に賛成します", False),
        ("3月1日", "3月2日", False),
    ],
)
def test_fingerprint(one: str, other: str, same: bool) -> None:
    assert (stored_form(one).fingerprint == stored_form(other).fingerprint) is same


def test_fingerprint_is_stored_so_it_must_never_change() -> None:
    assert stored_form("関所を通る。") == ("関所を通る。", stored_form("関所を通る").fingerprint, 1)
    assert -(2**63) <= stored_form("関所を通る").fingerprint < 2**63
    assert stored_form("関所を通る").fingerprint == -886122610566746684


@pytest.mark.parametrize("text", ["", "…", "！！", "😀😀", " \u200b", "\u0301"])
def test_nothing_to_compare_has_no_fingerprint(text: str) -> None:
    assert stored_form(text).fingerprint == 0


def test_bare_keeps_letters_and_digits() -> None:
    assert bare("関所 -- 2番! ー_😀") == "関所2番ー"


@pytest.mark.parametrize("char", "a1éяαא")
def test_letters_of_spaced_scripts(char: str) -> None:
    assert is_spaced_letter(char)


@pytest.mark.parametrize("char", "あアー々漢한ไ、 -_!😀")
def test_characters_that_end_a_latin_word(char: str) -> None:
    assert not is_spaced_letter(char)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://example.com/aという記事", [("https://example.com/a", "example.com")]),
        ("見て→http://example.jp。すごい", [("http://example.jp", "example.jp")]),
        ("（https://example.com/a?b=1&c=2）", [("https://example.com/a?b=1&c=2", "example.com")]),
        ("(see https://example.com/a).", [("https://example.com/a", "example.com")]),
        ("https://example.org/wiki/A_(b), ok", [("https://example.org/wiki/A_(b)", "example.org")]),
        ("「https://example.com/」", [("https://example.com/", "example.com")]),
        ("https://日本語.jp/aです", [("https://日本語.jp/a", "日本語.jp")]),
        ("HTTPS://EXAMPLE.COM/A", [("HTTPS://EXAMPLE.COM/A", "example.com")]),
        ("www.example.comを見よ", [("www.example.com", "www.example.com")]),
        ("詳しくはWWW.Example.com.", [("WWW.Example.com", "www.example.com")]),
        ("https://www.example.com/", [("https://www.example.com/", "www.example.com")]),
        ("http://user:pw@example.com:8080/x", [("http://user:pw@example.com:8080/x", "example.com")]),
        ("http://192.0.2.7/、", [("http://192.0.2.7/", "192.0.2.7")]),
        ("http://[2001:db8::1]/x", [("http://[2001:db8::1]/x", "[2001:db8::1]")]),
        ("http://a.jp/1https://b.jp/2", [("http://a.jp/1", "a.jp"), ("https://b.jp/2", "b.jp")]),
        ("http://a.jp/web/http://b.jp/", [("http://a.jp/web/http://b.jp/", "a.jp")]),
        ("[url=https://example.com/a]x[/url]", [("https://example.com/a", "example.com")]),
        ('<a href="http://example.com/">x</a>', [("http://example.com/", "example.com")]),
        ("https://example.comです。連絡は@taroへ", [("https://example.com", "example.com")]),
        ("https:// と www. と ://", []),
        ("asahi.com や node.js は語", []),
        ("taro@www.example.com", []),
        ("", []),
    ],
)
def test_links(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[link.start : link.end], link.host) for link in links(text)] == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.jp/a", [("https://example.jp/a", "example.jp")]),
        ("example.jp/a", [("example.jp/a", "example.jp")]),
        ("www.example.jp", [("www.example.jp", "www.example.jp")]),
        ("日本語.jp", [("日本語.jp", "日本語.jp")]),
        ("ftp://example.jp", []),
        ("なし", []),
        ("", []),
    ],
)
def test_a_website_needs_no_scheme(url: str, found: list[tuple[str, str]]) -> None:
    assert [(url[link.start : link.end], link.host) for link in website(url)] == found


@given(st.text(st.sampled_from("htps:/w.a@[]()?日。:1 -%")) | any_text)
def test_links_lie_in_the_text_in_order(text: str) -> None:
    found = links(text)
    assert all(0 <= link.start < link.end <= len(text) and link.host for link in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
