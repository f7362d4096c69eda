"""Whom the line before a quote names as its author: `On Monday, Hana wrote:`, `松田さんは書きました:`.

Such a line is no quote. Where it may as well be part of the words, or speaks
of a third person (`The mayor said:`), it is left alone: a quote that is not
found with the one who is named is a grave finding.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from moderation.quotes.base import ARTICLE
from moderation.quotes.frames import forwarded, is_header
from moderation.quotes.references import lead
from moderation.quotes.signs import BLANK, HONORIFIC, LEAD, LINE_END, MARK

# Lines that an attribution may be wrapped to, and characters before a block where it may stand.
MOST_LINES = 3
_ABOVE = 400
_SEEN_ABOVE = 6
_MARKS = re.compile(rf"{LEAD}(?:{MARK}{BLANK}*+)++")
_MARK = re.compile(MARK)
_TAG = re.compile(r"</?[A-Za-z][^<>@]*>")
# What an attribution or a reference may end with: most lines are passed over by this alone.
_LAST = frozenset(
    ":：.…。、,-ー>)]】んンジトメスミ葉見章ま様氏君殿生輩たるりらへ用粋すくgGeEsS0123456789０１２３４５６７８９人方番!！"
)
# What the first line of a wrapped one begins with: `On`, `Le`, `Am`, a date.
_FIRST = frozenset("OoLlAa(（0123456789")


class Named(NamedTuple):
    """Whom a line names, without title and address, which may be empty (`You wrote:`).

    `numbers` are the comments that it refers to. `dated` says that a program
    wrote the line, so that it speaks of all quotes below it.
    """

    name: str
    numbers: tuple[int, ...] = ()
    dated: bool = False


# Nothing longer is such a line, with its wraps.
_LONGEST = 300
_SHORTEST = len("記事より")
# fmt: off
# One of these stands in every attribution: looking for words is faster than for patterns.
_HINTS = (
    "wrote", "writes", "written", "said", "says", "posted", "commented", "replied", "schrieb", "écrit",
    "quot", "article", "story", "report", "news", "@",
    "書", "言", "述", "仰", "おっしゃ", "投稿", "発言", "コメ", "メッセージ", "レス", "メール", "文章",
    "意見", "引用", "抜粋", "記事", "本文", "タイトル", "より", "から", "いわく", "曰く", "によ",
)
# fmt: on

# English and what programs write

_VERB = "wrote|writes|has written|commented|replied|posted|schrieb|a écrit"
_WROTE = re.compile(
    rf"(?P<who>.*\S)??{BLANK}*+(?<![\w-])(?P<verb>{_VERB}|said|says){BLANK}*+"
    rf"(?P<when>(?:on|at|in)? [^:：]{{0,24}}\d[^:：]{{0,12}}(?::\d\d){{0,2}}(?: ?[AP]M)?)?"
    rf"{BLANK}*+(?P<end>[:：]|\.\.\.|…)?",
    re.IGNORECASE,
)
_LEADING = re.compile(
    rf"(?:quoting|quote from|originally posted by|posted by|from){BLANK}++(?P<who>[^:：]+?){BLANK}*+[:：]?",
    re.IGNORECASE,
)
_DATE_WORD = re.compile(
    r"[^A-Za-z]*\d.*|on|at|am|pm|a\.m\.|p\.m\.|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|yesterday|today|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|utc|gmt|jst|[pmce][sd]t|cet|cest|bst|le|am|um|(?:utc|gmt)[+-]\d+|午前|午後",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"on (?:.*\d|(?:mon|tue|wed|thu|fri|sat|sun))|le \d|am \d|[(（]?\d{2,4}\s?[-/.年]\s?\d{1,2}",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"<[^<>]*>|\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]")
_ADDRESS = re.compile(r"\S+@\S+")
_OTHERS = re.compile(
    "he|she|they|it|who|someone|somebody|people|everyone|nobody|one|others|i|we|him|her|them|which|that"
    "|彼|彼女|彼ら|私|僕|俺|自分|誰か?|人|誰も|皆|上|下|前|以前|最初|最後|元|他|別|次|この|その|あの|先|友人|知人",
    re.IGNORECASE,
)
_YOU = re.compile("you|あなた|貴方|君|お前", re.IGNORECASE)
_DETERMINED = re.compile(
    r"(?:the|a|an|this|that|these|those|my|our|your|his|her|their|its|some|one|another|he|she|they|it|we|i"
    r"|as|and|but|in|to|if|so|what)\b"
    r"|.*\b(?:has|had|is|was|have|been|that|also)\Z",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"(?:(?:a )?quot(?:e|ing|ed) )?(?:according to |from |in |as )?(?:the |this )?(?:above |original )?"
    r"(?:article|story|news item|report)(?: itself)?"
    r"(?: (?:says|said|states|stated|reads|writes|wrote|claims|claimed|reports|reported|mentions))?(?: that)?"
    rf"{BLANK}*+(?P<end>[:：,]|\.\.\.|…)?",
    re.IGNORECASE,
)

# Japanese

_LETTER = r"[^\s、。「」『』:：>＞]"
_WHO = rf"(?P<who>(?!-){_LETTER}{{1,20}}?(?:[ \u3000]{_LETTER}{{1,10}}?)??)"
_WHEN = r"[(（]?[\d０-９][\d０-９/年月日時分秒:：.\- ()（）月火水木金土日午前後]{4,40}[)）]?(?:に|、|,)?"
_STATE = "(?:い|お)(?:ます|ました|る|た|られます|られました)"
_SAID = re.compile(
    rf"(?:{_WHEN}\s*)?{_WHO}??{BLANK}*+(?P<title>{HONORIFIC})?{BLANK}*+(?:は|が|も){BLANK}*+、?(?:{_WHEN})?"
    r"(?:こう|次のように|以下のように|こんなことを)?"
    rf"(?:(?:書|記)(?:きました|いた|かれました|(?:いて|かれて){_STATE})|書き込(?:みました|んだ|まれました)"
    rf"|(?:投稿|コメント|発言)(?:しました|した|されました|して{_STATE})|述べ(?:ました|て{_STATE})"
    rf"|言(?:いました|った|って{_STATE})|(?:おっしゃ|仰)(?:いました|った|って{_STATE}))"
    rf"{BLANK}*+(?P<end>[:：。…]+)?"
)
_THING = re.compile(
    rf"-*{BLANK}*+{_WHO}?{BLANK}*+(?P<title>{HONORIFIC})?(?:から)?の"
    r"(?:ご)?(?:コメント|コメ|メッセージ|発言|投稿|書き込み|意見|レス|文章|メール|言葉|引用)"
    rf"(?:より(?:引用|抜粋)?|から(?:の?引用|の?抜粋)?|を引用(?:します)?|の引用|では|に(?:は|よると|よれば))?{BLANK}*+"
    rf"(?P<end>[:：。、…]+)?{BLANK}*+-*"
)
_AFTER = re.compile(
    rf"{_WHO}{BLANK}*+(?P<title>{HONORIFIC}){BLANK}*+"
    rf"(?:曰く|いわく|によると|によれば|より(?:引用)?|から引用|wrote|writes|said){BLANK}*+(?P<end>[:：。、…]+)?",
    re.IGNORECASE,
)
_IN = "(?:で(?:は)?|に(?:は)?|より|から)?"
_JA_ARTICLE = re.compile(
    r"[【（(\[※◆■●・]*(?:以下、?|また、?)?(?:上の|この|元の|当|本|同|上記の?)?(?:ニュース)?"
    r"(?:記事|本文|記事本文|本文記事|元記事|記事中|本文中|引用元|タイトル)"
    rf"(?:より|から|では|によると|によれば|には|に|を|の(?:中|文中|本文){_IN}|中{_IN})?"
    r"(?:の?引用|の?抜粋|の?転載|の?一文|こうあります|書かれて(?:い|お)(?:ます|る)|書いてあります|以下のように|こう"
    r"|次のように|ある|あります|引用します|抜粋します)*[】）)\]]*(?P<end>[:：。、…]+)?"
)
_TITLED = re.compile(r".*(?:[長相臣者官側人員]|首相|知事|会社|政府|新聞|教授|社)\Z")


def named(line: str, *, inside: bool = False) -> Named | None:
    """Whom a line names; None if it is no attribution. `inside` says that it is a quote line itself."""
    text = line.strip()
    if not text or len(text) > _LONGEST:
        return None
    if not inside and (reference := lead(text)):
        return Named(reference.name, reference.numbers)
    if not _is_hinted(text):
        return None
    return _english(text, inside=inside) or _japanese(text, inside=inside)


def named_by(header: str) -> Named:
    """Whom the value of a `From:` header names."""
    return Named(_bare(header) or "", dated=True)


def cited_name(text: str) -> str:
    """Whom a `<cite>` inside of a quote names, with a verb or without."""
    found = named(text)
    return found.name if found else _bare(text) or ""


def may_open(text: str) -> bool:
    """Whether a line may be the first of an attribution: most are passed over by their ends alone."""
    return text.rstrip()[-1:] in _LAST or (text[:1] in _FIRST and _DATED.match(text) is not None)


def at_start(texts: Sequence[str]) -> tuple[int, Named] | None:
    """How many of a block's first lines are an attribution, and whom it names."""
    if found := named(texts[0], inside=True):
        return 1, found
    if _DATED.match(texts[0]):
        for count in range(2, min(MOST_LINES, len(texts)) + 1):
            if found := named(" ".join(texts[:count]), inside=True):
                return count, found
    return None


def at_end(texts: Sequence[str], *, inside: bool) -> tuple[int, Named] | None:
    """How many of the last lines of `texts` are an attribution, and whom it names."""
    found = named(texts[-1], inside=inside)
    if (found and (found.numbers or found.dated)) or not (found or _is_hinted(texts[-1])):
        return (1, found) if found else None
    for count in range(2, min(MOST_LINES, len(texts)) + 1):
        joined = " ".join(texts[-count:])
        # A program broke the line before the address or the verb.
        if (_DATED.match(joined) or (found and not found.name)) and (longer := named(joined, inside=inside)):
            return count, longer
    return (1, found) if found else None


def above(body: str, start: int, depth: int) -> Named | None:
    """Whom the line before `body[start]` names, where at most one empty line stands between.

    That line may itself be quoted, as deep as the block or less.
    """
    near = body[max(0, start - _ABOVE) : start]
    before = near.rstrip()
    nearest = before[before.rfind("\n") + 1 :]
    if not (before[-1:] in _LAST and _may_name(nearest)) and not is_header(nearest):
        return None
    lines = near.splitlines()
    if not lines[-1].strip() and body[start - 1] not in LINE_END:
        lines.pop()  # the blanks before the marker itself
    if not lines[-1].strip():
        lines.pop()
    if reference := lead(lines[-1]):
        return Named(reference.name, reference.numbers)
    # A line of which only the end is seen is too long for an attribution.
    texts = _shallow(lines[1:] if start > _ABOVE else lines, depth)
    if not texts:
        return None
    sender = forwarded(texts)
    found = at_end(texts, inside=False)
    return named_by(sender) if sender else found and found[1]


def _may_name(line: str) -> bool:
    return (len(line) >= _SHORTEST and _is_hinted(line)) or lead(line.splitlines()[-1]) is not None


def _is_hinted(text: str) -> bool:
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


def _shallow(lines: Sequence[str], depth: int) -> list[str]:
    """The last of `lines` without tags and markers, as far up as none is empty or deeper than `depth`."""
    texts: list[str] = []
    for line in lines[-_SEEN_ABOVE:]:
        marks = _MARKS.match(line)
        text = _TAG.sub("", line[marks.end() :] if marks else line).strip()
        shallow = marks is None or len(_MARK.findall(marks[0])) <= depth
        texts = [*texts, text] if text and shallow else []
    return texts


def _english(text: str, *, inside: bool) -> Named | None:
    if (match := _ARTICLE.fullmatch(text)) and match["end"]:
        return Named(ARTICLE)
    dated = _DATED.match(text) is not None
    if match := _WROTE.fullmatch(text):
        who = match["who"] or ""
        # Prose may end in `said:`, and in a quote it is a part of the words.
        said = match["verb"].lower() in {"said", "says"}
        sure = match["end"] and not (said and inside)
        short = not inside and not said and len(who.split()) <= 2
        return _person(who, dated=dated or bool(match["when"])) if sure or short else None
    if match := _LEADING.fullmatch(text):
        return _person(match["who"], dated=False) if text[-1] in ":：" else None
    if dated and text[-1] in ":：" and ("@" in text or "のメール" in text):
        return _person(re.sub(r"(?:さん)?のメール|[:：]\Z", "", text), dated=True)
    return None


def _person(who: str, *, dated: bool) -> Named | None:
    name = _bare(who)
    if name is None:
        return None
    return Named("" if _YOU.fullmatch(name) else name, dated=dated)


def _bare(who: str) -> str | None:
    """The name in `On Mon, 3 Apr 2026, Hana Matsuda <hana@example.jp>`; None if no person is named."""
    who = _ADDRESS.sub(" ", _BRACKETS.sub(" ", who)).replace("、", " ").strip(" \t\u3000*・-–—>＞\"'“”")
    who = re.sub(r"^in (?:message|article)\b ?,?", "", who, flags=re.IGNORECASE)
    words = who.split()
    if words and _YOU.fullmatch(words[-1]):
        return words[-1]
    if _DATED.match(who):
        dates = [number for number, word in enumerate(words) if _DATE_WORD.fullmatch(word.strip(",.()"))]
        words = words[dates[-1] + 1 :] if dates else words
    name = re.sub(f"{HONORIFIC}\\Z", "", " ".join(words).strip(" ,@\"'“”")).strip()
    if not name or _YOU.fullmatch(name):
        return name
    if _OTHERS.fullmatch(name) or _DETERMINED.match(name) or len(words) > 6 or len(name) > 60:
        return None
    return name


def _japanese(text: str, *, inside: bool) -> Named | None:
    if (match := _JA_ARTICLE.fullmatch(text)) and (
        match["end"] or text.rstrip("】）)]")[-2:] in {"より", "から", "引用", "抜粋"}
    ):
        return Named(ARTICLE)
    for pattern in (_SAID, _THING, _AFTER):
        if match := pattern.fullmatch(text):
            who, title = match["who"] or "", match["title"]
            if not title and (inside or not match["end"] or _TITLED.match(who)):
                continue
            name = who.strip("・-*「」『』\"'")
            if _YOU.fullmatch(name) or (name == "元" and "メッセージ" in text):
                return Named("")
            if re.fullmatch("[0-9０-９]{1,6}", name):
                return Named("", (int(name),))
            return None if _OTHERS.fullmatch(name) else Named(name)
    return None
