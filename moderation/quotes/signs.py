"""The signs by which quote lines, references and names are known, as parts of patterns.

No pattern made of them takes more than a time in proportion to its line:
where two runs of blanks meet, the first keeps what it took (`*+`).
"""

BLANK = "[ \t\u00a0\u3000]"
# Blanks and invisible characters that may stand before the first marker.
LEAD = "[ \t\u00a0\u3000\u200b\u2060\ufeff]*+"
# `≫` is one sign and one level: an input method offers it for `>>`, and those who quote with it quote once.
MARK = "(?:[>＞≫》]|&gt;)"
# The two signs before a comment's number.
TWO = "(?:[>＞]{2}|(?:&gt;){2}|≫)"
# Where `str.splitlines` ends a line.
LINE_END = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

HONORIFIC = "(?:さん|サン|さま|様|氏|ちゃん|くん|君|殿|どの|先生|先輩)"

_FIGURE = "[0-9０-９]"
# Numbers have at most six figures: no article has a million comments, and dates and prices have eight.
NUMBER = f"{_FIGURE}{{1,6}}+(?!{_FIGURE})"
DASH = "[-ー－‐−–—―~〜～]"
COMMA = "[,、，]"
# `>>1962年の危機` begins with a figure and refers to no comment; `>>12本当ですか` does.
COUNTER = (
    "(?:[年月分秒週歳才名円件回割倍隻位℃%％億千百兆つ箇カケヵヶ号]|[万時](?![々が代])|日(?![本々])"
    "|人(?!それ)|本(?![当人来気質])|個(?!人)|度(?![々も])|世(?!の)|台(?![風本])|機(?![会械]))"
)
# Neither does a version (`>>3.5`), a time (`>>12:30`) or a word (`>>3rd`, `>>2ch`).
_NO_MORE = f"(?!{BLANK}{{0,2}}{COUNTER}|[.．:：]{_FIGURE}|[A-Za-z_])"
NUMBERS = f"(?:{NUMBER}{_NO_MORE}(?:(?:{DASH}|{COMMA}){NUMBER}{_NO_MORE})*)"
# Where nothing else stands on the line, blanks may part the numbers, and each may have its signs.
LOOSE_NUMBERS = rf"(?:{NUMBER}(?:{BLANK}*+(?:{DASH}|{COMMA}){BLANK}*+(?:[>＞]{{1,2}})?{NUMBER})*)"
# Who has the number: `12さん`, `12番さんへ`, `12の人`.
PERSON = (
    f"(?:(?:{HONORIFIC}|番(?:{HONORIFIC})?|コメ|の(?:人|方|者|コメント|コメ|投稿|発言)|(?=へ))(?:へ|宛て?)?)"
)
