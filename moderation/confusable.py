"""What a name looks like. Pure.

Two names that a reader takes for each other have the same skeleton:
`Ａdmin`, `аdmin` with a Cyrillic а, `adm1n` and `A d m i n`; 編集ロ and 編集口.
The idea is that of Unicode's confusables (UTS #39), with what Japanese adds to
it: kana that look like kanji, small kana, dashes for the long vowel, old forms
of the kanji in names.
"""

import re
import unicodedata
from functools import lru_cache

from comments.drafts import INVISIBLE

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_NO_LETTER = re.compile(r"[\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")
# A dash after katakana is a long vowel; elsewhere it parts words.
_DASH = re.compile("(?<=[ァ-ヺ])[\\-‐-―−─━一]")


# Each character of the first line and what it looks like, below it. Before case is folded, for Η looks
# like H and η like n.
_CASED = str.maketrans(
    "АΑВΒСϹЕΕНΗІΙӀ|ЈКΚМΜΝОΟРΡЅТΤУΥХΧΖԚԜ@$",
    "aabbcceehhlllljkkmmnooppsttyyxxzqwas",
)
# After it. I, l and 1 are one, as are O and 0, and other digits stand for the letters they are put for.
_ALIKE = str.maketrans(
    "аα4вьβ8сϲԁе3һні1ιiӏıјкκмпηոо0οօσ〇○◯рρԛгѕ5тτ7υսνԝωхχуγ"
    "口力ヶヵ夕二八工卜千三才又厶丿へべぺり一ぁぃぅぇぉっゃゅょァィゥェォッャュョヮ"
    "髙﨑碕濵濱邊邉澤齋齊斎眞廣德國會壽櫻嶋嶌龍惠淵冨條榮黑輯",
    "aaabbbbccdeehhlllllljkkmnnnooooooooppqrsstttuuvwwxxyy"
    "ロカカカタニハエトチミオヌムノヘベペリーあいうえおつやゆよアイウエオツヤユヨワ"
    "高崎崎浜浜辺辺沢斉斉斉真広徳国会寿桜島島竜恵渕富条栄黒集",
)


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """What is left of a name when all that a reader may overlook is taken away.

    Only to be compared with another skeleton: it is no text for people. Blanks,
    punctuation, pictures and accents are no part of it.
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name))
    text = _DASH.sub("ー", text).translate(_CASED).casefold()
    text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text)))
    text = _NO_LETTER.sub("", text.translate(_ALIKE))
    return text.replace("rn", "m").replace("vv", "w")
