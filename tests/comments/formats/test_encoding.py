"""Which encoding a text is in, and what becomes of bytes that it does not know."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.formats.base import Unreadable
from comments.formats.encoding import codec, find_encoding, undecodable, utf8_stream

JA = "AUTHOR: 魚屋の孫\nDATE: 08/06/2006\n祖父も毎朝、市場へ通っていました。①番の店です。\n-----\n"
FR = "L'été dernier, nous avons visité la Côte d'Azur; c'était très agréable, même à midi. Où êtes-vous ?\n"
RU = "Этот рынок открывается в пять часов утра, и мой дед ходил туда каждый день.\n"
ZH = "市场早上五点开始，我的祖父每天都去，鱼很新鲜。\n" * 5
ASCII = "An ordinary line of an English letter, and no more.\n" * 4000

SURE = [
    (JA, "utf-8", "utf-8"),
    (JA, "utf-8-sig", "utf-8"),
    (JA, "utf-16", "utf-16"),
    (JA, "cp932", "cp932"),
    (JA.replace("①", "一"), "euc_jp", "euc_jp"),
    (JA, "euc_jis_2004", "euc_jis_2004"),
    (JA.replace("①", "一"), "iso2022_jp", "iso2022_jp"),
    (ASCII, "ascii", "utf-8"),
    (ASCII + JA, "cp932", "cp932"),
    (JA * 5000, "cp932", "cp932"),
    ("", "ascii", "utf-8"),
    ('<?xml version="1.0" encoding="EUC-JP"?><a>朝市</a>', "euc_jp", "euc_jp"),
    ("<?xml version='1.0'?><a>朝市</a>", "utf-16-le", "utf-16-le"),
]
LIKELY = [(FR, "cp1252"), (RU, "cp1251"), (ZH, "gb18030")]


@pytest.mark.parametrize(("text", "encoding", "name"), SURE)
def test_sure(text: str, encoding: str, name: str) -> None:
    found = find_encoding(io.BytesIO(text.encode(encoding)))
    assert found is not None
    assert found.name == name
    assert found.confidence > 0.9


@pytest.mark.parametrize(("text", "encoding"), LIKELY)
def test_likely(text: str, encoding: str) -> None:
    found = find_encoding(io.BytesIO(text.encode(encoding)))
    assert found is not None
    assert found.name == encoding
    assert 0.4 < found.confidence <= 1


def test_a_broken_byte_makes_less_sure_and_not_other() -> None:
    found = find_encoding(io.BytesIO(JA.encode() + b"\xff\n"))
    assert found is not None
    assert (found.name, 0.9 < found.confidence < 1) == ("utf-8", True)
    lying = '<?xml version="1.0" encoding="utf-8"?><a>朝市の魚</a>'.encode("cp932")
    found = find_encoding(io.BytesIO(lying))
    assert found is not None
    assert found.confidence < 0.5


def test_no_text() -> None:
    assert find_encoding(io.BytesIO(b"SQLite format 3\0\x10\0")) is None


def test_what_cannot_be_decoded_is_marked() -> None:
    for encoding, data in (("utf-8", b"a\xffb"), ("shift_jis", b"a\xffb"), ("euc-jp", b"a\xffb")):
        text = utf8_stream(io.BytesIO(data), encoding).read().decode()
        refused = undecodable(text, encoding)
        assert refused is not None
        assert f"byte 0xff (character 2) means nothing in {encoding}" in refused.mend
        assert undecodable("朝市 \U0010ffff") is None


@pytest.mark.parametrize("name", ["klingon", "rot13", "zlib", "utf-7", "idna", "unicode_escape", "", "x\0"])
def test_no_encodings(name: str) -> None:
    with pytest.raises(Unreadable, match="no encoding that we know"):
        codec(name)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_asked_about(data: bytes) -> None:
    found = find_encoding(io.BytesIO(data))
    if found is not None:
        assert 0 <= found.confidence <= 1
        assert codec(found.name)
        assert utf8_stream(io.BytesIO(data), found.name).read().decode() is not None
