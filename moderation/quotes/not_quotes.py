"""What begins with the sign of a quote and is none.

Names that are answered, numbers of comments, faces, arrows, comparisons,
console prompts, and the frame of a mail: headers, signatures, footers. Each
rule takes only what it can be sure of.
"""

import re
from collections.abc import Sequence

from moderation.quotes.signs import BLANK, HONORIFIC, LOOSE_NUMBERS, NUMBERS, PERSON

_WORD = re.compile(r"[^\W_]")

# >_<  ＞＜  >.<  ＞ω＜: a mouth and the other eye. `><b>` is a quoted tag.
_FACE = re.compile(
    r"[-_＿.~^oO0uUvVwWxXДд∀ωεз皿人ワヮ□△▽﹏︿ㅅ/;,'`゜・ ]{0,6}(?:[<＜]|&lt;)(?![A-Za-z/!=<-])"
    r"|[_＿.]{1,4}[>＞](?!\w)"
)
_FACE_LENGTH = 8
# ＞ 突然の死 ＜: a balloon round a cry.
_BALLOON = re.compile(r"[^<＜]{1,20}[<＜]\s*\Z")
# ＞゜))))彡: a fish, which swims to the left or to the right.
_FISH = re.compile(r"[゜°'`(（]{1,2}[)）(（]{2,}")
_SIGN_FIRST = frozenset("=＝:;_＿.")
# >:(  >;-)  stand without a blank; `> :) thanks` quotes a smile.
_CROSS_FACE = re.compile(r"[:;]'?-?[()DPp3OoX|/\\\[\]](?!\w)")

# Arrows to further reading, whole lines.
_ARROW = (
    r"(?:記事の|この)?(?:続き|つづき|詳細|詳しく|全文|もっと(?:見る|読む))(?:を|は)?(?:こちら|コチラ|読む|見る)?"
    r"(?:へ|から)?[。!！…]*|(?:次|前)の?(?:ページ|記事|へ)へ?|(?:トップ|ホーム|一覧)(?:ページ)?(?:へ|に)?(?:戻る)?|戻る"
    r"|(?:read|see|show|view) (?:more|all|next)|next(?: page)?|more"
    r"|back(?: to (?:the )?(?:top|home|list|index|article|news))?"
)
# `> 5%`, `>100mg`, `＞３万円`: a comparison, and too little to be a passage.
_QUANTITY = r"[-+±]?\d(?:[\d.,，．]*\d)?\s*(?:[%％‰°℃]|[A-Za-z]{1,4}(?:/[A-Za-z]{1,3})?|[^\W\dぁ-ん]{1,3})?"
# The particles は, が, を tell a sentence from a name, but for short names.
_NAME = "(?:[^\\s、。,.!?！？「」はがをと]{1,20}|[^\\s、。,.!?！？「」]{1,8})"
_CLOSING = r"(?:へ|宛て?|[\s、,，:：。.!！…→])*"
_NOBODY = (
    "all|everyone|everybody|皆|みな|みんな|各位|主|スレ主|ブログ主|管理人|記者|筆者|編集部|匿名|名無し|通りすがり"
    "|上|下|横|↑|↓"
)
# Words that open a letter or a sentence, and are no name.
_OPENING = (
    r"(?!(?:hi|hello|hey|dear|thanks|thank|regards|cheers|yes|no|however|well|sorry|sincerely|best|but|and|so|also"
    r"|ok|okay|oh|first|second|finally|again|indeed|actually|still|then|now|today|yesterday|perhaps|maybe|please)\b)"
)
_ADDRESS = (
    rf"{_NAME}(?:{HONORIFIC}(?:方|達|たち|がた|ら)?|各位){_CLOSING}"
    rf"|@?(?:{_NOBODY})(?:様|さま|さん)?{_CLOSING}"
    rf"|[^\s、。]{{1,12}}の(?:人|方|者){_CLOSING}"
    r"|@\w{1,30}[\s,:、：]*"
    r"|[一-龯々ァ-ヶー]{1,6}へ[\s、。]*"
    rf"|{_OPENING}(?-i:[A-Z][\w-]{{1,20}}(?: [A-Z][\w-]{{1,20}})?[,:、：]\s*)"
)
_BARE_REFERENCE = rf"{LOOSE_NUMBERS}{BLANK}*+(?:{PERSON})?[\s、,:：。!！]*"
# A name or a number, and the answer on the same line.
_AND_ANSWER = (
    rf"(?:[^\s、。はがをも]{{1,12}}|[^\s、。]{{1,4}})(?:さん|さま|様|氏|殿)"
    rf"(?:(?:方|達|たち)?へ?{BLANK}*+[、,，:：]*+(?<=[、,，:： \u3000]){BLANK}*+\S"
    r"|の(?:おっしゃる|仰る|言う|いう|言われる|ご?指摘の?|ご?意見に|コメントに))"
    "|all[\u3000、:：]"
    rf"|{NUMBERS}(?:{HONORIFIC}|番{HONORIFIC}?|の(?:人|方|者))[へ\s、,，:：]"
)
# A longer line is not only a name.
_ANSWER = re.compile(
    rf"{_AND_ANSWER}|(?:{_BARE_REFERENCE})\Z|(?=.{{0,60}}\Z)(?:{_ADDRESS}|{_ARROW}|{_QUANTITY})\Z",
    re.IGNORECASE,
)
_HANDLE_AND_ANSWER = re.compile(r"@\w{1,30}(?:\s|[^\x00-\x7f])")
# Behind two signs a number, a bare name, an arrow: `>>12それは`, `>>松田`, `>>>続きは来年`.
_SHORT = re.compile(rf"{NUMBERS}|(?:[一-龯々ァ-ヶー]{{1,8}}|[A-Za-z][\w-]{{0,15}})\Z")
_ON = re.compile("(?:続き|つづき|次回|詳細|詳しく)(?:は|を).{0,10}")


def is_empty(text: str) -> bool:
    """Whether no letter or figure stands on the line."""
    return _WORD.search(text) is None


def is_sign(raw: str, *, tight: bool) -> bool:
    """Whether the sign of a quote is part of a face or a comparison; `tight` says that no blank follows it.

    `raw` is the line behind the sign.
    """
    if _FISH.match(raw) or (raw.rstrip()[-1:] in {"<", "＜"} and _BALLOON.fullmatch(raw)):
        return True
    if raw[:1] not in _SIGN_FIRST and "<" not in raw[:_FACE_LENGTH] and "＜" not in raw[:_FACE_LENGTH]:
        return False
    if not tight:
        return bool(_FACE.fullmatch(raw.strip()))
    return bool(raw.startswith(("=", "＝")) or _FACE.match(raw) or _CROSS_FACE.match(raw))


def is_address(raw: str, *, signs: int, tight: bool) -> bool:
    """Whether a line answers a person or a comment, or points on; `signs` counts its `>`."""
    text = raw.strip()
    if _ANSWER.match(text):
        return True
    if signs >= 2 and _ON.fullmatch(text):
        return True
    return tight and bool(_HANDLE_AND_ANSWER.match(text) or (signs == 2 and _SHORT.match(text)))


# Consoles

_PYTHON = re.compile(
    r"import [\w.]+(?: as \w+)?$|from [\w.]+ import |print\(|(?:def|class|for|while|if|with)\b.*:$"
    r"|[A-Za-z_]\w*(?:\.\w+)*(?: ?[-+*/%]?= ?\S|[\[(].*[\])]$|$)|[\w.]+(?: ?[-+*/%]{1,2} ?[\w.]+)+$"
)
_CONSOLE = re.compile(
    # R, and calls of a function that stand alone
    r"[A-Za-z.][\w.]*\s*<-\s*\S|(?:library|require|source|print|console\.\w+)\(.*\);?$"
    r"|[A-Za-z_.][\w.$]*\([\w\s\"'.,=:$\[\]-]*\)$"
    r"|(?:var|let|const) \w+ = |[\d.]+(?: ?[-+*/%] ?[\d.]+)+$|db\.\w+\."
    # SQL
    r"|SELECT\b.*(?:\bFROM\b|;$|[*])|INSERT INTO |UPDATE \S+ SET |DELETE FROM |SHOW (?:TABLES|DATABASES)"
    r"|(?:CREATE|DROP|ALTER) (?:TABLE|DATABASE|INDEX|VIEW|USER) |(?:DESCRIBE|EXPLAIN) \w+;?"
    r"|(?:FROM|WHERE) .*;$"
    r"|(?i:(?:select|insert|update|delete|create|drop|show|use)\b.*;$)"
    # Shells
    r"|(?:sudo|docker|kubectl|systemctl|apt-get|pip3?|npx|brew|choco|conda) [\w./-]+(?: \S+){0,6}$"
    r"|(?:npm|yarn|pnpm|cargo|go|git|apt|dnf|yum|uv|poetry) (?:install|i|ci|run|test|start|build|add|remove"
    r"|update|upgrade|init|clone|pull|push|commit|checkout|status|log|diff|fetch|merge|rebase|switch|get|mod|sync|audit)"
    r"(?: \S+){0,6}$|(?:npm|yarn|git|make|pytest|dir|ls|pwd|ipconfig|ifconfig|whoami|exit)$"
    r"|ipconfig /\w+$|make (?:all|clean|test|install|check|build)$"
    r"|(?:python3?|node|ruby|perl|bash|sh|java|php) (?:-\w+ )?\S+\.\w{1,5}(?: \S+){0,4}$"
    r"|(?:cd|ls|dir|cat|rm|cp|mv|mkdir|chmod|chown|curl|wget|ssh|scp|tar|grep|tail|head|find|echo|set|ping|type|copy"
    r"|del|less|vi|vim|nano|open|start|export|touch|man|which|make|ps|kill)"
    r" (?:-|/\w|\S*[./~\\$=*\"']|%)\S*(?: \S+){0,5}$"
    r"|(?:cd|mkdir|rm|ping|ssh|man|which) \S+$"
)
# What may be code and may be words; beside a line that is code it is.
_CODE = re.compile(r"(?=.*[()\[\]{}=<>+*/;$|&]).*[^.!?,]\Z|\S{1,16}\Z")
_PROMPTING = {1: _CONSOLE, 3: _PYTHON}
_LONGEST_COMMAND = 400


def were_typed(texts: Sequence[str], depth: int) -> bool:
    """Whether the lines were typed at a console: some surely, and all maybe."""
    if depth not in _PROMPTING or not texts[0].isascii():
        return False
    if not all(text.isascii() and len(text) <= _LONGEST_COMMAND for text in texts):
        return False
    lines = [text.strip() for text in texts if text.strip()]
    sure = [_PROMPTING[depth].match(line) is not None for line in lines]
    return any(sure) and all(one or _CODE.match(line) for one, line in zip(sure, lines, strict=True))
