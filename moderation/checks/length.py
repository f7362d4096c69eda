"""A comment that is too short to say anything, or longer than anybody reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Span, Submission, parameter


@dataclass(frozen=True)
class Length(Check):
    """The body has too few or too many characters.

    White space and what is invisible do not count; width makes no difference,
    so that `ﾊﾞ` is one. A picture is one character, too, or a few.
    """

    slug = "length"
    title = {"ja": "コメントの長さ", "en": "Length"}
    sentences = {
        "short": {
            "ja": "空白を除いて{count}文字しかありません（{least}文字以上）。",
            "en": "Characters without blanks: {count}; at least {least} are asked for.",
        },
        "long": {
            "ja": "空白を除いて{count}文字あります（{most}文字まで）。",
            "en": "Characters without blanks: {count}; {most} are allowed.",
        },
    }

    # 「賛成」 is an opinion; a single character is a slip of the finger.
    least: int = parameter(
        2, ja="最小の文字数。0なら調べません。", en="Fewest characters; 0 asks for none.", most=1_000
    )
    # Japanese papers ask for some 500 characters in a letter to the editor: four times that is an essay.
    most: int = parameter(
        2_000, ja="最大の文字数。0なら調べません。", en="Most characters; 0 allows any number.", most=20_000
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        text = submission.folded.text
        count = len(text) - text.count(" ")
        body = len(submission.body)
        if count < self.least:
            spans = (Span("body", 0, body),) if body else ()
            yield Finding("short", spans, {"count": count, "least": self.least})
        elif 0 < self.most < count:
            yield Finding("long", (Span("body", 0, body),), {"count": count, "most": self.most})
