"""What a comment quotes must stand, word for word, where it could have been taken from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from moderation.checks.base import Check, Finding, Needs, Span, Submission, choice, parameter
from moderation.quotes import DifferenceKind, Traced
from moderation.text import bare, fold

# What can be told of a quote, each with its name for people; `untraced` is of the comment.
TELLS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "altered": {"ja": "引用元と言葉が違う", "en": "words differ from the source"},
        "misattributed": {"ja": "別の人の言葉とされている", "en": "named after another than who wrote it"},
        "missing": {"ja": "引用元が見つからない", "en": "no source is found"},
        "hidden": {"ja": "掲載されていないコメントが引用元", "en": "from a comment that is not shown"},
        "stale": {"ja": "記事の前の版が引用元", "en": "from an earlier text of the article"},
        "later": {"ja": "後に書かれたコメントが引用元", "en": "from a comment that was written later"},
        "untraced": {"ja": "引用が多すぎて調べきれない", "en": "too many quotes to trace them all"},
    }
)
# The differences that turn a passage's meaning, the gravest first; each has a sentence of its own.
_GRAVE = (
    DifferenceKind.NEGATION,
    DifferenceKind.NUMBER,
    DifferenceKind.NAME,
    DifferenceKind.ORDER,
    DifferenceKind.ELISION,
)


@dataclass(frozen=True)
class Quotes(Check):
    """A quoted passage is not what its source says, or its source is not what it should be.

    One finding a passage and fault. A rule chooses the faults that it tells
    of, so that each can have an action, a mode and a severity of its own, at
    each site. An altered passage is never a pass: its finding counts the
    differences by kind and names the gravest, since a passage and its
    negation are 99 % alike. A quote from a page that we do not hold is only
    `missing`.
    """

    slug = "quotes"
    version = 3
    title = {"ja": "引用の確認", "en": "Quotes"}
    sentences = {
        "altered": {
            "ja": "引用された{characters}文字は引用元と{differences}か所で違います（一致度{similarity}％）。",
            "en": "This quote ({characters} characters) differs from its source (places that "
            "differ: {differences}; {similarity} % alike).",
        },
        "altered-negation": {
            "ja": "引用は引用元と肯定・否定が違います（違いは{differences}か所、一致度{similarity}％）。",
            "en": "A negation is added or lost in this quote (places that differ: {differences}; "
            "{similarity} % alike).",
        },
        "altered-number": {
            "ja": "引用は引用元と数字が違います（違いは{differences}か所、一致度{similarity}％）。",
            "en": "A number in this quote differs from the source (places that differ: {differences}; "
            "{similarity} % alike).",
        },
        "altered-name": {
            "ja": "引用は引用元と名前が違います（違いは{differences}か所、一致度{similarity}％）。",
            "en": "A name in this quote differs from the source (places that differ: {differences}; "
            "{similarity} % alike).",
        },
        "altered-order": {
            "ja": "引用は引用元と語順が違います（違いは{differences}か所、一致度{similarity}％）。",
            "en": "This quote has the words of its source in another order (places that differ: "
            "{differences}; {similarity} % alike).",
        },
        "altered-elision": {
            "ja": "引用の省略で意味が変わっています（違いは{differences}か所、一致度{similarity}％）。",
            "en": "What this quote leaves out changes its meaning (places that differ: {differences}; "
            "{similarity} % alike).",
        },
        "misattributed": {
            "ja": "引用された{characters}文字は、コメントが示す人とは別の人の言葉です。",
            "en": "This quote ({characters} characters) is by another than the comment says.",
        },
        "missing": {
            "ja": "引用された{characters}文字が、記事にも前のコメントにも見つかりません。",
            "en": "This quote ({characters} characters) is in neither the article nor an earlier comment.",
        },
        "hidden": {
            "ja": "引用された{characters}文字は、掲載されていないコメントにしかありません。",
            "en": "This quote ({characters} characters) is only in a comment that is not shown.",
        },
        "stale": {
            "ja": "引用された{characters}文字は、記事の前の版にしかありません。",
            "en": "This quote ({characters} characters) is only in an earlier text of the article.",
        },
        "later": {
            "ja": "引用された{characters}文字は、後に書かれたコメントにしかありません。",
            "en": "This quote ({characters} characters) is only in a comment that was written later.",
        },
        "untraced": {
            "ja": "引用が多すぎるため、{count}か所は引用元を調べていません。",
            "en": "Too many quotes: places whose source was not looked for: {count}.",
        },
    }

    # Shorter passages are mostly exclamations, or another's words from memory.
    least: int = parameter(
        10,
        ja="知らせる引用の、最小の文字数（空白と記号を除く）。",
        en="Characters that a passage must have to be told of, without blanks and punctuation.",
        least=1,
        most=20_000,
    )
    tell: tuple[str, ...] = choice(
        ("missing", "untraced"),
        ja="知らせること。対応や重さを分けるには、同じ確認のルールを分けて作ります。",
        en="What to tell of. For another action or severity make another rule of this check.",
        choices=TELLS,
    )

    @property
    def needs(self) -> Needs:
        return Needs(quotes=True)

    def check(self, submission: Submission) -> Iterator[Finding]:
        if submission.untraced and "untraced" in self.tell:
            # First of all, for findings are capped.
            rest = Span("body", submission.quotes[-1].quoted.end, len(submission.body))
            yield Finding("untraced", (rest,), {"count": submission.untraced})
        for traced in submission.quotes:
            faults = [fault for fault in faults_of(traced) if fault in self.tell]
            characters = len(bare(fold(traced.quoted.text).text)) if faults else 0
            if characters >= self.least:
                span = Span("body", traced.quoted.start, traced.quoted.end)
                for fault in faults:
                    code, counts = _altered(traced) if fault == "altered" else (fault, {})
                    data = {"characters": characters, **counts}
                    yield Finding(code, (span,), data, (traced.quoted.text,))


def faults_of(traced: Traced) -> list[str]:
    """What of `TELLS` is true of a quote, the gravest first."""
    faults = [str(traced.verdict)] if traced.verdict in TELLS else []
    return [*faults, "misattributed"] if traced.misattributed else faults


def _altered(traced: Traced) -> tuple[str, dict[str, int]]:
    """The code of an altered passage's finding, and its counts: never the words themselves."""
    kinds: Counter[DifferenceKind] = Counter(
        each.kind for each in traced.differences if each.kind is not DifferenceKind.ATTRIBUTION
    )
    gravest = next((kind for kind in _GRAVE if kinds[kind]), None)
    counts = {str(kind): count for kind, count in kinds.items()}
    # Never 100: what is told of is not the same.
    counts |= {"differences": kinds.total(), "similarity": min(int(traced.similarity * 100), 99)}
    return f"altered-{gravest}" if gravest else "altered", counts
