import pytest

from moderation.checks.base import SHOWN
from moderation.checks.personal_data import PersonalData
from moderation.personal import is_card, is_my_number
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("body", "code", "hits"),
    [
        ("二〇二八年四月に百二十億円、2026年4月1日の10:30、第3回、1,234,567人、３０％増", "", []),
        # E-mail.
        ("連絡はtaro.yamada+news@mail.example.co.jpまで", "email", ["taro.yamada+news@mail.example.co.jp"]),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐです", "email", ["ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"]),
        ("taro(at)example(dot)com へ", "email", ["taro(at)example(dot)com"]),
        ("taroアットマークexample.jp", "email", ["taroアットマークexample.jp"]),
        ("taro ＠ example.jp", "email", ["taro ＠ example.jp"]),
        ("taro@example。jpへ", "email", ["taro@example。jp"]),
        ("@taroさん、3@100円、a@b", "", []),
        # Telephone.
        ("090-1234-5678に電話", "phone", ["090-1234-5678"]),
        ("09012345678まで", "phone", ["09012345678"]),
        ("０９０ー１２３４ー５６７８", "phone", ["０９０ー１２３４ー５６７８"]),
        ("０８０（１２３４）５６７８", "phone", ["０８０（１２３４）５６７８"]),
        ("〇九〇ー一二三四ー五六七八", "phone", ["〇九〇ー一二三四ー五六七八"]),
        ("電話03-1234-5678、(06)1234-5678、0123-45-6789、045 123 4567", "phone", None),
        ("+81 90-1234-5678", "phone", ["+81 90-1234-5678"]),
        ("+81-(0)3-1234-5678", "phone", ["+81-(0)3-1234-5678"]),
        ("㋿ 050−1234−5678", "phone", ["050−1234−5678"]),
        ("いのちの電話は0570-783-556、0120-783-556です。110番と119番", "", []),
        ("0312345678 は部品の番号、https://example.jp/09012345678", "", []),
        ("090-1234-56789 と 1090-1234-5678", "", []),
        ("得点は3-2、01-02-2026、2026-04-01、192.0.2.7、0.123 456", "", []),
        # Messengers.
        ("LINE ID：taro_88 を追加して", "messenger", ["LINE ID：taro_88"]),
        ("ＬＩＮＥのＩＤはｔａｒｏ８８", "messenger", ["ＬＩＮＥのＩＤはｔａｒｏ８８"]),
        ("ライン→taro88、カカオトークID taro-88", "messenger", ["ライン→taro88", "カカオトークID taro-88"]),
        ("WhatsApp: @tarouser", "messenger", ["WhatsApp: @tarouser"]),
        ("LINEで送ってください。LINE: https://example.jp/1 オンラインID、The line: everything", "", []),
        ("オンライン：v2.0beta、ガイドライン: a1b2c3、オンラインID：taro_88、LINE：2024年の決算", "", []),
        # Addresses.
        ("東京都千代田区永田町1-7-1です", "address", ["東京都千代田区永田町1-7-1"]),
        ("犯人は浅霧市港町二丁目三番五号に住む", "address", ["浅霧市港町二丁目三番五号"]),
        ("浅霧市港町２丁目３－４の角", "address", ["浅霧市港町２丁目３－４"]),
        ("浅霧市大字沢１２番地の３", "address", ["浅霧市大字沢１２番地の３"]),
        ("札幌市中央区北１条西2丁目1-3へ", "address", ["札幌市中央区北１条西2丁目1-3"]),
        ("この区の3-1-2という順位、町の１－２－３位", "", []),
        ("〒１２３－４５６７ の町", "", []),
        ("浅霧市港町二丁目の交差点、港町商店街、市は3-2-1で可決、市は2026-04-01に発表", "", []),
        ("地区の3番4番打者、市立船橋3-1で勝利、都市の一番地味な町、区の10番2点", "", []),
        # My Number: the last digit is a check digit.
        ("9832 0567 3214", "my-number", ["9832 0567 3214"]),
        ("９８３２ー０５６７ー３２１４", "my-number", ["９８３２ー０５６７ー３２１４"]),
        ("九八三二〇五六七三二一四", "my-number", ["九八三二〇五六七三二一四"]),
        ("9832 0567 3215", "", []),
        ("983205673214 0", "", []),
        ("000000000000", "", []),
        # Cards.
        ("4111 1111 1111 1111", "card", ["4111 1111 1111 1111"]),
        ("４１１１－１１１１－１１１１－１１１１", "card", ["４１１１－１１１１－１１１１－１１１１"]),
        ("3782-822463-10005", "card", ["3782-822463-10005"]),
        ("4111 1111 1111 1112", "", []),
        ("4901234567894 はバーコード", "", []),
        ("𠮷野家の090", "", []),
        ("", "", []),
        ("\u200b", "", []),
    ],
)
def test_each(body: str, code: str, hits: list[str] | None) -> None:
    assert codes(PersonalData(), submission(body)) == ([code] if code else [])
    if hits is not None:
        assert marked(PersonalData(), submission(body)) == hits


def test_landlines_with_all_area_codes() -> None:
    body = "電話03-1234-5678、(06)1234-5678、0123-45-6789、045 123 4567、01234-5-6789"
    assert [hit.strip("(") for hit in marked(PersonalData(), submission(body))] == [
        "03-1234-5678",
        "06)1234-5678",
        "0123-45-6789",
        "045 123 4567",
        "01234-5-6789",
    ]


ALL = "a@b.jp 090-1234-5678 LINE ID: abcd 港区芝1-2-3、9832 0567 3214、4111-1111-1111-1111"


def test_what_is_told_is_chosen() -> None:
    every = ["email", "phone", "messenger", "address", "my-number", "card"]
    assert codes(PersonalData(), submission(ALL)) == every
    for code in every:
        assert codes(PersonalData(tell=(code,)), submission(ALL)) == [code]


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        ((), ["email", "phone"]),
        (("０３－１２３４－５６７８", "@example.jp"), []),
        (("03-1234",), ["email"]),
        (("desk@example.jp",), ["phone"]),
        (("k@example.jp", "3-1234-5678"), ["phone"]),
    ],
)
def test_what_may_stand(allow: tuple[str, ...], expected: list[str]) -> None:
    body = "編集部はdesk@example.jp、03-1234-5678です。"
    assert codes(PersonalData(allow=allow), submission(body)) == expected


def test_helplines_are_told_of_when_they_are_not_allowed() -> None:
    hits = marked(PersonalData(allow=()), submission("0120-783-556と0570783556"))
    assert hits == ["0120-783-556", "0570783556"]


def test_nothing_is_kept_of_it() -> None:
    assert all(finding.evidence == () for finding in findings(PersonalData(), submission(ALL)))
    (finding,) = findings(PersonalData(), submission("a@b.jp " * 99))
    assert (len(finding.spans), finding.data) == (SHOWN, {"count": 99})


# The weighted sums of these leave 1, 7 and 7 when divided by 11.
@pytest.mark.parametrize(("digits", "right"), [("00000000006", 0), ("00000000060", 4), ("98320567321", 4)])
def test_one_check_digit_of_ten_is_right(digits: str, right: int) -> None:
    assert [last for last in range(10) if is_my_number(f"{digits}{last}")] == [right]


@pytest.mark.parametrize(
    "digits", ["202604011230", "202420252026", "12345678901", "1234567890123", "", "1" * 12]
)
def test_no_individual_numbers(digits: str) -> None:
    assert not is_my_number(digits)


@pytest.mark.parametrize(
    "digits",
    [
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "3530111333300000",
        "30569309025904",
        "6011111111111117",
    ],
)
def test_cards_by_network(digits: str) -> None:
    assert is_card(digits)
    assert not is_card(digits[:-1] + str((int(digits[-1]) + 1) % 10))
    assert not is_card(digits + "0")
