"""Word lists: files that are read or refused, lines that are said twice, words that are dangerous."""

import pytest

from moderation.word_lists import MOST_LINES, WrongFileError, check_of, duplicates, ordinary, read_file, risks

LINES = ["馬鹿", "くたばれ", "!馬鹿正直"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_in_utf_8_and_shift_jis(encoding: str, end: str) -> None:
    data = end.join(["  馬鹿 ", "", "くたばれ", "!馬鹿正直", "馬鹿"]).encode(encoding)
    assert read_file(data) == LINES


@pytest.mark.parametrize(
    ("data", "line", "told"),
    [
        (b"", 0, "no word in the file"),
        (b"\n \n", 0, "no word in the file"),
        ("よい語\n".encode() + b"\xff\xfe\x80\n", 2, "neither UTF-8 nor Shift_JIS"),
        ("よい語\n\n".encode() + b"a" * 101, 3, "100 characters, not 101"),
        ("よい語\nword,\tother".encode(), 2, "control characters or tabs"),
        (b"good\nbad\x00", 2, "control characters or tabs"),
        ("よい語\n!\n".encode(), 2, "no character that can be seen"),
        ("よい語\n\u200b\u200b".encode(), 2, "no character that can be seen"),
        (b"a" * (2 << 20) + b"b", 0, "A file may have 2 MB"),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(data: bytes, line: int, told: str) -> None:
    with pytest.raises(WrongFileError, match=told) as refused:
        read_file(data)
    assert [each.line for each in refused.value.wrong] == [line]
    assert all(each.ja and not each.ja.isascii() for each in refused.value.wrong)


def test_every_wrong_line_is_told_at_once() -> None:
    with pytest.raises(WrongFileError) as refused:
        read_file(b"a\tb\nok\n!\n")
    assert [each.line for each in refused.value.wrong] == [1, 3]


def test_a_list_has_an_end() -> None:
    with pytest.raises(WrongFileError, match="20,000 lines"):
        read_file("\n".join(map(str, range(MOST_LINES + 1))).encode())


def test_lines_that_look_for_the_same() -> None:
    lines = ["バカ", "ﾊﾞｶ", "Idiot", "ＩＤＩＯＴ", "!バカンス", "!ﾊﾞｶﾝｽ", "!バカ", "ばか"]
    assert duplicates(lines) == [("ﾊﾞｶ", "バカ"), ("ＩＤＩＯＴ", "Idiot"), ("!ﾊﾞｶﾝｽ", "!バカンス")]
    assert duplicates(lines, kana=True)[-1] == ("ばか", "バカ")


def test_words_that_would_hit_ordinary_comments() -> None:
    found = {
        risk.word: risk for risk in risks(["くたばれ", "ばか", "図書館", "馬鹿", "しね", "idiot", "free"])
    }
    assert found.keys() == {"ばか", "図書館", "馬鹿", "しね", "free"}
    assert (found["ばか"].short, found["図書館"].short) == (True, False)
    assert any("図書館の" in example for example in found["図書館"].examples)
    assert 0 < len(found["free"].examples) <= 3


def test_an_allowed_phrase_takes_the_danger_away() -> None:
    allowed = ["!馬鹿正直", "!馬鹿力", "!馬鹿にな", "!馬鹿にで"]
    assert [risk.word for risk in risks(["馬鹿", *allowed])] == []


def test_the_shipped_sample_is_large_and_ordinary() -> None:
    assert len(ordinary()) > 250
    assert not any(check_of(["くたばれ", "殺すぞ", "売国奴"]).find(text) for text in ordinary())
