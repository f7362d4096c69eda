"""Find data by which a person can be reached, found or robbed. Pure.

Every finder gives the places, in order, in a folded text (`text.fold`).
"""

import re
from collections.abc import Iterator

Place = tuple[int, int]

# Kanji figures and the dashes of all
# keyboards are taken for what they stand for: 〇九〇ー一二三四ー五六七八.
_D = "[0-9〇一二三四五六七八九]"
_FIGURES = str.maketrans("〇一二三四五六七八九", "0123456789")
_LINE = "[\\-ー‐−–—―]"
_PART = "[\\-ー‐−–—―.・()の ]"
# Two digits side by side are there wherever one of the numbers is.
_SOME_NUMBER = re.compile(f"{_D}{_D}")

_EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-])[a-z0-9._%+\-]{1,64} ?(?:@|[(\[](?:at|アット(?:マーク)?)[)\]]|アットマーク) ?"
    r"(?:[a-z0-9\-]{1,63}(?:[.。]|[(\[]dot[)\]]|ドット)){1,5}[a-z]{2,20}"
)
# Japan's numbering plan: mobile and IP numbers are 0A0 and eight digits; the others have ten, with an
# area code of two to five, and are known by their dashes alone. Last those of helplines and offices.
_PHONE = re.compile(
    rf"(?<![0-9〇一二三四五六七八九/.\-])(?:\+81{_PART}{{0,2}}(?:0\))?|\(?[0〇])"
    rf"(?:[5-9五六七八九][0〇]{_PART}{{0,2}}{_D}{{4}}{_PART}{{0,2}}{_D}{{4}}"
    rf"|(?![0〇])(?:{_D}{_PART}{{1,2}}{_D}{{4}}|{_D}{{2}}{_PART}{{1,2}}{_D}{{3}}"
    rf"|{_D}{{3}}{_PART}{{1,2}}{_D}{{2}}|{_D}{{4}}{_PART}{{1,2}}{_D}){_PART}{{1,2}}{_D}{{4}}"
    rf"|(?:120|800|570|180|990){_PART}{{0,2}}{_D}{{2,3}}{_PART}{{0,2}}{_D}{{3,4}})(?!{_D})"
)
_MESSENGERS = (
    *("line", "wechat", "whatsapp", "telegram", "kakao", "skype", "discord"),
    *("ライン", "微信", "テレグラム", "カカオ", "スカイプ"),
)
# A name after the messenger's, with a word between them that says so, or a sign and letters and a digit in
# the name. What ends with ライン is none of them: 「オンライン：v2.0」.
_MESSENGER = re.compile(
    r"(?:(?<![a-z])(?:line|wechat|whatsapp|telegram|kakao(?:talk)?|skype|discord)(?![a-z])"
    r"|(?<![ァ-ヺー])(?:ライン|カカオ(?:トーク)?|テレグラム|スカイプ)|微信)(?: ?の)? ?"
    r"(?:(?:id|アイディー?|アカウント|垢) ?[:=は→]? ?@?|@"
    r"|[:=→] ?(?:@|(?=[a-z._\-]{1,30}[0-9]|[0-9]{1,30}[a-z_])))"
    r"(?!https?:)[a-z0-9][a-z0-9._\-]{3,30}"
)
_HAN = "㐀-鿿々〆"
_N = "[0-9〇一二三四五六七八九十百]{1,5}"
# Down to the house: after a city, ward, town or village a district and a block or house. Particles end a
# name, and digits do (but those of 北1条), so that neither 「市は3-2-1で」 nor a date is one; 一番地味 is
# something else.
_ADDRESS = re.compile(
    rf"[市区町村郡](?!の[0-9])(?:(?![はがをにで])[{_HAN}ァ-ヺーぁ-ゖ]|[0-9]{{1,2}}条){{1,14}}?"
    rf"(?:{_N}丁目 ?{_N}(?:番地?|{_LINE}|の)(?:{_N})?号?"
    rf"|{_N}番地(?![{_HAN}])(?:{_LINE}|の)?(?:{_N})?号?|{_N}番{_N}号"
    rf"|[0-9]{{1,2}}{_LINE}[0-9]{{1,3}}{_LINE}[0-9]{{1,4}})"
)
_HOUSE = re.compile(rf"番|丁目|[0-9]{_LINE}[0-9]{{1,3}}{_LINE}[0-9]")
_NAME_BEFORE = re.compile(f"[{_HAN}ァ-ヺー]{{0,12}}$")
_LONG = re.compile(rf"(?<![+0-9〇一二三四五六七八九]){_D}(?:[ \-ー‐−–]?{_D}){{11,18}}(?!{_D})")
# 202604011230 is a time, and 2024 2025 2026 are years.
_TIME = re.compile(
    "(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-2][0-9]|(?:19|20)..(?:19|20))"
)
# The first digits of the cards of the great networks, and how many they have (ISO/IEC 7812). Visa's of
# thirteen digits are no more, and the bar codes of Japanese goods would be taken for them.
_CARD = re.compile(
    "4[0-9]{15}|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    "|3[47][0-9]{13}|35(?:2[89]|[3-8][0-9])[0-9]{12}|3(?:0[0-5]|[689][0-9])[0-9]{11}|6(?:011|5[0-9]{2})[0-9]{12}"
)


def has_number(text: str) -> bool:
    """Whether two digits stand side by side: elsewhere there is no telephone number and no card."""
    return _SOME_NUMBER.search(text) is not None


def emails(text: str) -> Iterator[Place]:
    if "@" in text or "アット" in text or "at)" in text or "at]" in text:
        yield from (match.span() for match in _EMAIL.finditer(text))


def phones(text: str) -> Iterator[Place]:
    return (match.span() for match in _PHONE.finditer(text))


def messengers(text: str) -> Iterator[Place]:
    if any(name in text for name in _MESSENGERS):
        yield from (match.span() for match in _MESSENGER.finditer(text))


def addresses(text: str) -> Iterator[Place]:
    if not _HOUSE.search(text):
        return
    end = 0
    for match in _ADDRESS.finditer(text):
        before = _NAME_BEFORE.search(text, max(end, match.start() - 12), match.start())
        end = match.end()
        yield before.start() if before else match.start(), end


def my_numbers(text: str) -> Iterator[Place]:
    return (match.span() for match in _LONG.finditer(text) if is_my_number(figures(match[0])))


def cards(text: str) -> Iterator[Place]:
    return (match.span() for match in _LONG.finditer(text) if is_card(figures(match[0])))


def figures(text: str) -> str:
    """The digits of a text, from kanji figures, too."""
    return "".join(char for char in text.translate(_FIGURES) if char in "0123456789")


def is_my_number(digits: str) -> bool:
    """Whether the check digit is right (Order 85 of 2014 of the Ministry of Internal Affairs, article 5).

    What reads as a time or as years is none, nor is one digit twelve times.
    """
    if len(digits) != 12 or len(set(digits)) == 1 or _TIME.match(digits):
        return False
    weighted = sum(
        int(digit) * weight for digit, weight in zip(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=False)
    )
    rest = weighted % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def is_card(digits: str) -> bool:
    """Whether a card could have this number: its first digits, its length, its check digit (Luhn)."""
    if not _CARD.fullmatch(digits):
        return False
    doubled = (int(digit) * (1 + (index + 1) % 2) for index, digit in enumerate(reversed(digits), start=1))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
