"""Programs that say what they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from moderation.checks.base import Check, Finding, Submission, choice, parameter


@dataclass(frozen=True)
class UserAgent(Check):
    """The reader's User-Agent names a program that is no browser, or there is none.

    Whoever wants to can send that of any browser: this finds the careless. A site that does not hand the
    header over must not tell of missing ones, or all its readers are told of.
    """

    slug = "user_agent"
    for_staff = True
    # A header says what its sender likes.
    actions = ("flag", "hold")
    title = {"ja": "ユーザーエージェント", "en": "User agent"}
    sentences = {
        "listed": {
            "ja": "ブラウザーではないプログラムから送信されました（{agent}）。",
            "en": "It was sent by a program that is no browser ({agent}).",
        },
        "missing": {"ja": "ユーザーエージェントがありません。", "en": "There is no User-Agent."},
    }

    tell: tuple[str, ...] = choice(
        ("listed",),
        ja="何を知らせるか。",
        en="What is told.",
        choices={
            "listed": {"ja": "一覧にあるもの", "en": "what is listed"},
            "missing": {"ja": "ないもの", "en": "that there is none"},
        },
    )
    # The names that these programs send unless told otherwise, from their own manuals.
    agents: tuple[str, ...] = parameter(
        (
            "curl/",
            "wget/",
            "python-requests",
            "python-urllib",
            "aiohttp",
            "go-http-client",
            "libwww-perl",
            "scrapy",
            "java/",
            "headlesschrome",
            "phantomjs",
            "selenium",
        ),
        ja="ユーザーエージェントに含まれる文字列。大文字と小文字は区別しません。",
        en="Texts that a User-Agent may hold. Capitals and small letters are the same.",
    )

    @cached_property
    def _agents(self) -> tuple[tuple[str, str], ...]:
        return tuple((each.strip().casefold(), each.strip()[:40]) for each in self.agents if each.strip())

    def applies(self, submission: Submission) -> bool:
        return submission.live and submission.kind == "comment"

    def check(self, submission: Submission) -> Iterator[Finding]:
        agent = submission.user_agent.strip().casefold()
        if not agent:
            if "missing" in self.tell:
                yield Finding("missing")
        elif "listed" in self.tell:
            named = next((shown for text, shown in self._agents if text in agent), None)
            if named:
                yield Finding("listed", data={"agent": named})
