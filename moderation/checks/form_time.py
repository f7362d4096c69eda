"""A form that came back sooner than a person types."""

from collections.abc import Iterator
from dataclasses import dataclass

from comments.drafts import FormToken
from moderation.checks.base import Check, Finding, Submission, parameter


@dataclass(frozen=True)
class FormTime(Check):
    """The comment arrived too soon after its form was rendered, or its token was forged.

    A token tells that is had by `GET /form-token/` when the form is rendered and sent back as `form_token`
    (docs/api.md). A comment without one, or with one that is over a day old, is only told of where the
    rule asks for one: a site that uses none, and a page that stood open overnight, do nothing wrong.
    """

    slug = "form_time"
    for_staff = True
    title = {"ja": "フォームの入力時間", "en": "Time on the form"}
    sentences = {
        "fast": {
            "ja": "フォームの表示から{seconds}秒で送信されました（{least}秒以上が必要です）。",
            "en": "It was sent {seconds} seconds after its form was rendered; {least} are asked for.",
        },
        "invalid": {
            "ja": "フォームのトークンが偽物か、別のサイトのものです。",
            "en": "The form's token is forged, or that of another site.",
        },
        "missing": {"ja": "フォームのトークンがありません。", "en": "There is no token of a form."},
        "expired": {
            "ja": "フォームのトークンの期限が切れています。",
            "en": "The form's token is over a day old.",
        },
    }

    # The time limit that Drupal's Honeypot module is installed with; nobody reads and types in less.
    seconds: int = parameter(
        5,
        ja="フォームの表示から送信までの最短の秒数。",
        en="Seconds from rendering to sending that a person needs at least.",
        least=1,
        most=600,
    )
    required: bool = parameter(
        False,
        ja="トークンのないもの、期限の切れたものも知らせます。",
        en="Tell also of comments without a token, or with one that has expired.",
    )

    def applies(self, submission: Submission) -> bool:
        return submission.live and submission.kind == "comment"

    def check(self, submission: Submission) -> Iterator[Finding]:
        form = submission.form
        if form.token is FormToken.INVALID:
            yield Finding("invalid")
        elif form.token is FormToken.VALID:
            if form.seconds is not None and form.seconds < self.seconds:
                yield Finding("fast", data={"seconds": form.seconds, "least": self.seconds})
        elif self.required:
            yield Finding("expired" if form.token is FormToken.EXPIRED else "missing")
