"""What a service outside said of a comment: Akismet, or anyone's. It was asked before the claim."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from moderation.checks.base import Check, Finding, Needs, Refused, Submission, one_of, parameter
from moderation.checks.facts import ServiceAnswer

AKISMET = "https://rest.akismet.com/1.1/comment-check"
# Variables of the environment that a rule may name: nothing else of it can be sent anywhere.
PREFIX = "SEKISHO_EXTERNAL_"
HOSTS = "_HOSTS"
_VARIABLE = re.compile(rf"{PREFIX}[A-Z0-9_]{{1,60}}")


class Protocol(StrEnum):
    """How a service is asked; docs/external.md has both to the letter."""

    AKISMET = "akismet"
    SIGNED = "signed"


class NoAnswer(Exception):
    """A service that a rule requires did not answer: the comment is held. Says why."""


@dataclass(frozen=True)
class External(Check):
    """A service outside says that the comment is spam, or whatever else it looks for.

    Asked is Akismet, or anyone's service by a signed POST (docs/external.md),
    once for each text and before the comment is judged; the answer is kept,
    and a try-out reads it and never asks. Where no answer comes, that is kept,
    too: the comment is held if the rule is `required`, else the rule sees
    nothing. While a rule only observes, it holds nothing. **What readers wrote
    leaves your house by this rule**: the text, the name and the website
    always, e-mail and network address where you say so here.
    """

    slug = "external"
    for_staff = True
    title = {"ja": "外部サービス", "en": "External service"}
    sentences = {
        "hit": {"ja": "外部サービスが該当と判定しました。", "en": "The service took it for a hit."},
        "label": {
            "ja": "外部サービスの判定：{label}。",
            "en": "The service calls it {label}.",
        },
        "score": {
            "ja": "外部サービスの判定：100点中{score}点。",
            "en": "The service gives it {score} of 100.",
        },
        "label_score": {
            "ja": "外部サービスの判定：{label}（100点中{score}点）。",
            "en": "The service calls it {label}, {score} of 100.",
        },
    }

    protocol: str = one_of(
        "akismet",
        ja="サービスの種類。仕様はdocs/external.mdにあります。",
        en="Kind of service. docs/external.md describes both.",
        choices={
            "akismet": {
                "ja": "Akismet（IPアドレスとユーザーエージェントは必ず送られます）",
                "en": "Akismet (always gets the network address and user agent)",
            },
            "signed": {
                "ja": "署名付きPOST（自社や他社のサービス）",
                "en": "A signed POST (your own service, or anyone's)",
            },
        },
    )
    url: str = parameter(
        "",
        ja="サービスのアドレス（https://）。空欄ならAkismetのもの。",
        en="Address of the service (https://). Empty is Akismet's own.",
    )
    credential: str = parameter(
        "SEKISHO_EXTERNAL_AKISMET",
        ja="鍵を入れた環境変数の名前。鍵そのものは書かないでください。SEKISHO_EXTERNAL_で始まる名前だけが使えます。",
        en="Variable of the environment that holds the key. Never write the key itself; "
        "names begin with SEKISHO_EXTERNAL_.",
    )
    blog: str = parameter(
        "",
        ja="Akismetに登録したサイトのアドレス。空欄なら記事のアドレスから作ります。",
        en="Address of the site as Akismet knows it. Empty is where the article is.",
    )
    from_score: int = parameter(
        0,
        ja="該当とみなす点数（100点満点）。0ならサービスの判定に従います。",
        en="Score from which it is a hit, of 100. With 0 the service's own yes or no counts.",
        most=100,
    )
    labels: tuple[str, ...] = parameter(
        (),
        ja="該当とみなす判定の種類。空欄ならすべて。Akismetは明らかなスパムをdiscardと呼びます。",
        en="Labels that count. Empty is all; Akismet calls blatant spam discard.",
    )
    required: bool = parameter(
        True,
        ja="答えがなければ保留にする。オフなら、このルールなしで進みます。",
        en="Hold the comment when there is no answer. If off, the others go on without this rule.",
    )
    # No one waits for it but a worker, and so long it holds up what comes after. Most
    # services answer within half a second; Akismet's own plug-in waits for 15.
    deadline_ms: int = parameter(
        2_000,
        ja="待つ時間の上限（ミリ秒）。同時に尋ねる全コメントの合計です。",
        en="Milliseconds to wait at most. In all, for however many comments are asked about at once.",
        least=100,
        most=10_000,
    )
    send_email: bool = parameter(
        False,
        ja="メールアドレスを送る。個人情報です。",
        en="Send the e-mail address. It is personal data.",
    )
    send_address: bool = parameter(
        False,
        ja="IPアドレスとユーザーエージェントを送る。個人情報です。Akismetには必ず送られます。",
        en="Send the network address and user agent. They are personal data; Akismet always gets them.",
    )
    ask_imports: bool = parameter(
        False,
        ja="取り込んだコメントについても尋ねる。件数分の料金と時間がかかります。",
        en="Ask about imported comments, too. Each costs what a live one does.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _must_be_address("url", self.url, may_be_empty=self.protocol == Protocol.AKISMET)
        _must_be_address("blog", self.blog, may_be_empty=True)
        if not _VARIABLE.fullmatch(self.credential) or self.credential.endswith(HOSTS):
            raise Refused(
                "credential",
                ja="SEKISHO_EXTERNAL_で始まる環境変数の名前を書いてください。鍵そのものは書きません。",
                en="Write the name of a variable that begins with SEKISHO_EXTERNAL_, never the key itself.",
            )

    @property
    def needs(self) -> Needs:
        return Needs(external=True)

    @property
    def address(self) -> str:
        return self.url or AKISMET

    @property
    def sends_address(self) -> bool:
        """Whether the network address and the user agent go out: Akismet answers nobody without."""
        return self.send_address or self.protocol == Protocol.AKISMET

    @cached_property
    def service(self) -> str:
        """What is asked, as 12 hex digits: rules that would ask the same share one answer."""
        asked: tuple[Any, ...] = (self.protocol, self.address, self.credential, self.blog)
        asked += (self.send_email, self.sends_address)
        return blake2b(json.dumps(asked).encode(), digest_size=6).hexdigest()

    def applies(self, submission: Submission) -> bool:
        return submission.live or self.ask_imports

    def check(self, submission: Submission) -> Iterator[Finding]:
        answer = submission.external.get(self.service)
        if answer is None:
            # Only where nobody asks: a forecast, a try-out over the time before the rule.
            return
        if answer.failure:
            if self.required:
                raise NoAnswer(answer.failure)
        elif self._hits(answer):
            yield _finding(answer)

    def _hits(self, answer: ServiceAnswer) -> bool:
        if self.labels and answer.label not in self.labels:
            return False
        if not self.from_score:
            return answer.hit
        return answer.score is not None and answer.score >= self.from_score


def _finding(answer: ServiceAnswer) -> Finding:
    told: dict[str, int | str] = {"label": answer.label} if answer.label else {}
    if answer.score is not None:
        told["score"] = answer.score
    return Finding("_".join(told) or "hit", data=told)


def _must_be_address(name: str, text: str, *, may_be_empty: bool) -> None:
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        plain = not (parts.username or parts.password or parts.fragment) and text.isprintable()
    except ValueError:
        known = plain = False
    if (known and plain) or (may_be_empty and not text):
        return
    raise Refused(
        name,
        ja="https://で始まるアドレスを書いてください。ユーザー名、パスワード、#は含められません。",
        en="Write an address that begins with https://, without user name, password and #.",
    )
