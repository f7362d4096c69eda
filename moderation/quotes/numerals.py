"""Numbers in a text, whatever they are written in: digits, kanji numerals, English words."""

import re

_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_SMALL = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_WORDS: dict[str, float] = {word: value for value, word in enumerate(_SMALL)} | {
    word: value
    for value, word in (
        *(
            (30, "thirty"),
            (40, "forty"),
            (50, "fifty"),
            (60, "sixty"),
            (70, "seventy"),
            (80, "eighty"),
            (90, "ninety"),
        ),
        *(
            (100, "hundred"),
            (10**3, "thousand"),
            (10**6, "million"),
            (10**9, "billion"),
            (10**12, "trillion"),
        ),
        *((0.5, "half"), (1, "first"), (2, "second"), (3, "third"), (1, "once"), (2, "twice"), (12, "dozen")),
    )
}
_NUMBER = re.compile(r"[0-9〇一二三四五六七八九十百千万億兆.,]*[0-9〇一二三四五六七八九十百千万億兆]")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_MEASURE = re.compile(
    "円|ドル|ユーロ|ポンド|元|ウォン|％|%|パーセント|ポイント|割|人|名|件|台|本|個|回|度|倍|歳|才|年|月|日|週間?|時間?|分|秒|"
    "(?:キロ|センチ|ミリ)?(?:メートル|グラム|リットル)|キロ|トン|ヘクタール|平方|km|cm|mm|kg|mg|ha|m|g|t|"
    "yen|dollars?|euros?|pounds?|percent|points?|people|years?|months?|weeks?|days?|hours?|minutes?|seconds?|"
    "met(?:er|re)s?|kilomet(?:er|re)s?|miles?|tons?|feet|inches"
)
_BOUND = re.compile("以上|以下|以内|未満|超|弱|強|前後|more|less|least|most|over|under|above|below|fewer")


def numbers(text: str) -> list[float]:
    """The values of the numbers in a text, in order; `3億` is 300,000,000, `3,000` is 3,000."""
    folded = text.translate(_ASCII).lower()
    found = [(match.start(), _value(match[0])) for match in _NUMBER.finditer(folded)]
    found += [(match.start(), float(_WORDS[match[0]])) for match in _WORD.finditer(folded)]
    return [value for _, value in sorted(found)]


_ASCII = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {0xFF0C: ",", 0xFF0E: ".", 0x3001: " "}


def _value(text: str) -> float:
    """The value of one number; units multiply what stands before them."""
    total = section = 0.0
    current: float | None = None
    for part in re.findall(r"\d[\d,]*(?:\.\d+)?|[〇一二三四五六七八九]+|[十百千万億兆]", text):
        if part in _LARGE:
            total += (section + (current or 0.0) or 1.0) * _LARGE[part]
            section, current = 0.0, None
        elif part in _UNITS:
            section += (1.0 if current is None else current) * _UNITS[part]
            current = None
        else:
            current = _plain(part)
    return total + section + (current or 0.0)


def _plain(part: str) -> float:
    digits = "".join(str(_DIGITS[each]) if each in _DIGITS else each for each in part)
    # No longer number means an amount, and a float holds no longer one.
    match = _PLAIN.match(digits.replace(",", "")[:300])
    return float(match[0]) if match else 0.0


def tells_amount(one: str, other: str, *, follows_number: bool) -> bool:
    """Whether two wordings of one place differ in a measure or a bound: 円 and ドル, 以上 and 未満."""
    bounds = [match[0] for text in (one, other) if (match := _BOUND.search(text.lower()))]
    if len(bounds) == 2 and bounds[0] != bounds[1]:
        return True
    units = [match[0] for text in (one, other) if (match := _MEASURE.match(text.lower()))]
    return follows_number and len(units) == 2 and units[0] != units[1]
