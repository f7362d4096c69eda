"""What a check is, and all that it may know.

A check is a frozen dataclass: its fields are the rule's parameters, its
`check` method looks at a `Submission` and yields a `Finding` for each thing it
saw. It has no clock, no network, no database: the same submission always gives
the same findings, today or in a try-out next year.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, ClassVar, TypeVar

from comments.drafts import NO_FORM, Form
from moderation.checks.facts import Copy, LinkedBefore, NearCopy, ServiceAnswer, Standing
from moderation.hidden_links import beside_hidden, hidden_links
from moderation.quotes import Traced
from moderation.text import Folded, Link, fold, links, website

Data = Mapping[str, int | str]
T = TypeVar("T", int, bool, str, tuple[str, ...])

# The parameters that a word list fills.
OF_WORD_LIST = frozenset({"words", "allow"})
# Places that a finding shows at most; its count says how many there were.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the ORIGINAL text of a field, in characters: [start, end)."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check saw.

    `code` names the sentence that tells it (`Check.sentences`); `data` fills
    the sentence's places with codes and counts, never with what a person
    typed, because findings are kept for ever. What a person typed goes into
    `evidence`, one string a span at most, which can be erased.
    """

    code: str
    spans: tuple[Span, ...] = ()
    data: Data = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


# Few authors write most comments, and what is found in a name or an address is the same each time.
AUTHORS_KEPT = 8_192
_folded_name = lru_cache(maxsize=AUTHORS_KEPT)(fold)
_website = lru_cache(maxsize=AUTHORS_KEPT)(website)


@dataclass(frozen=True, slots=True)
class Sanctioned:
    """A sanction that concerns the comment: its id, by what, and the place that shows it, if one does.

    `by` is the sanction's kind (`moderation.targets.Kind`), or how near the
    e-mail address is to a sanctioned one: `mailbox`, `spelling`.
    """

    sanction: int
    by: str
    span: Span | None = None


@dataclass(frozen=True)
class Submission:
    """All that a check may know about one comment. Frozen and free of the ORM.

    `live` is true for what a reader sends now and false for an import; the
    times of earlier rows are arrivals for the first and `posted_at` for the
    second, newest first, capped at what the rules in force ask for (`Needs`).
    """

    comment: int
    revision: int
    body: str
    posted_at: datetime
    arrived_at: datetime
    kind: str = "comment"
    live: bool = True
    identity: bool = True
    author_name: str = ""
    author_email: str = ""
    author_url: str = ""
    author_verified: bool = False
    language: str = "ja"
    article_title: str = ""
    quotes: tuple[Traced, ...] = ()
    # Blocks of quotes after those, which were too many to be traced.
    untraced: int = 0
    author_times: tuple[datetime, ...] = ()
    address_times: tuple[datetime, ...] = ()
    copies: tuple[Copy, ...] = ()
    published_before: int = 0
    # The body as it was folded when it was stored, if today's folder did it.
    stored_fold: str = ""
    # `{External.service: answer}` of the services that were asked about this text.
    external: Mapping[str, ServiceAnswer] = field(default_factory=dict)
    # As they were when it was judged: they are stored with the decision.
    sanctions: tuple[Sanctioned, ...] = ()
    standing: Standing | None = None
    user_agent: str = ""
    form: Form = NO_FORM
    # Others' links to the same domains, newest first, and when this author first wrote, if there are any.
    linked: tuple[LinkedBefore, ...] = ()
    author_first_at: datetime | None = None
    # When each other author last wrote at the article, newest first; of live comments only.
    crowd: tuple[datetime, ...] = ()
    article_published_at: datetime | None = None
    near: tuple[NearCopy, ...] = ()

    @cached_property
    def folded(self) -> Folded:
        """The body folded, with the map back to its original places."""
        return Folded(self.body, self.stored_fold) if self.stored_fold else fold(self.body)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links of the body as it was typed (`text.links`), found once for all checks."""
        return links(self.body)

    @cached_property
    def all_links(self) -> tuple[tuple[str, Link], ...]:
        """The links of the body and of the author's website, each with the name of its field."""
        return (
            *(("body", link) for link in self.links),
            *(("author_url", link) for link in _website(self.author_url)),
        )

    @cached_property
    def hidden_links(self) -> tuple[Link, ...]:
        """The links of the body that are written so as not to be one (`moderation.hidden_links`)."""
        return hidden_links(self.folded, self.links)

    @cached_property
    def targets(self) -> tuple[tuple[str, Link], ...]:
        """`all_links` and the hidden ones: whoever asks where a comment leads to is not to be evaded."""
        if not self.hidden_links:
            return self.all_links
        body = beside_hidden(self.links, self.hidden_links)
        website = (each for each in self.all_links if each[0] != "body")
        return (*(("body", link) for link in body), *website)

    @property
    def folded_name(self) -> Folded:
        """The author's name folded, once for all checks and comments."""
        return _folded_name(self.author_name)

    @property
    def now(self) -> datetime:
        """The time that a window ends at: arrival if live, else `posted_at`."""
        return self.arrived_at if self.live else self.posted_at

    def since(self, seconds: int) -> datetime:
        """Where a window of so many seconds begins: (since, now], the beginning not in it."""
        return self.now - timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Needs:
    """Facts that a check asks `facts.gather` for; the largest of all rules wins.

    Windows are in seconds, and the counts say how many rows are enough.
    """

    author_seconds: int = 0
    author_rows: int = 0
    address_seconds: int = 0
    address_rows: int = 0
    copy_seconds: int = 0
    copy_rows: int = 0
    quotes: bool = False
    # Whether rules spare the site's own people.
    staff: bool = False
    # What services outside answered.
    external: bool = False
    sanctions: bool = False
    # Also e-mail addresses that are near a sanctioned one.
    near_sanctions: bool = False
    standing: bool = False
    # Of each domain that the comment links to.
    link_seconds: int = 0
    link_rows: int = 0
    crowd_seconds: int = 0
    crowd_rows: int = 0
    near_seconds: int = 0
    near_rows: int = 0

    def __or__(self, other: "Needs") -> "Needs":
        larger = {
            each.name: max(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)
        }
        return Needs(**larger)


class Refused(ValueError):
    """What a person typed for a parameter cannot be used: where and why, in `ja` and `en`."""

    def __init__(self, parameter: str, *, ja: str, en: str) -> None:
        super().__init__(en)
        self.parameter, self.ja, self.en = parameter, ja, en


def parameter(default: T, *, ja: str, en: str, least: int = 0, most: int = 1_000_000) -> T:
    """A field of a check: its default, its help for people, the bounds of a number."""
    metadata: dict[str, Any] = {"ja": ja, "en": en}
    if type(default) is int:
        metadata |= {"least": least, "most": most}
    return field(default=default, metadata=metadata)  # type: ignore[no-any-return, call-overload, unused-ignore]


def long_text(default: str, *, ja: str, en: str) -> str:
    """A field of a check that is a text of several lines."""
    return field(default=default, metadata={"ja": ja, "en": en, "rows": 4})


def choice(
    default: tuple[str, ...], *, ja: str, en: str, choices: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """A field of a check that is one or more of a few texts: `{text: {"ja": name, "en": name}}`."""
    metadata: dict[str, Any] = {"ja": ja, "en": en, "choices": choices}
    return field(default=default, metadata=metadata)


def one_of(default: str, *, ja: str, en: str, choices: Mapping[str, Mapping[str, str]]) -> str:
    """A field of a check that is exactly one of a few texts; `choices` as in `choice`."""
    metadata: dict[str, Any] = {"ja": ja, "en": en, "choices": choices}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Check:
    """The base of every check; a subclass's fields are its parameters.

    Each is declared by `parameter`, `choice` or `one_of`, so that its help and bounds
    stand in the field's metadata: `ja`, `en` and, for a number, `least` and
    `most`, for a choice `choices`. Raises TypeError or ValueError for
    parameters that do not fit.
    """

    slug: ClassVar[str]
    # Raised whenever the same parameters could give other findings.
    version: ClassVar[int] = 1
    # What a rule of it may do. One whose hits are mostly harmless must never reject by itself.
    actions: ClassVar[tuple[str, ...]] = ("flag", "hold", "reject")
    # Whether its findings would show how to get past it, as what stands on a list of the site's own, or a
    # trap: an author is told the reason alone.
    for_staff: ClassVar[bool] = False
    title: ClassVar[Mapping[str, str]]
    sentences: ClassVar[Mapping[str, Mapping[str, str]]]
    # Markdown that ends the check's chapter in docs/checks.md.
    appendix: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            value, wanted = getattr(self, each.name), type(each.default)
            if type(value) is not wanted or (
                isinstance(value, tuple) and not all(isinstance(item, str) for item in value)
            ):
                kind = "a list of texts" if wanted is tuple else f"of type {wanted.__name__}"
                raise TypeError(f"{each.name} must be {kind}, not {value!r:.80}.")
            least, most = each.metadata.get("least"), each.metadata.get("most")
            if least is not None and most is not None and not least <= value <= most:
                raise ValueError(f"{each.name} must be from {least:,} to {most:,}, not {value:,}.")
            if "choices" in each.metadata:
                _must_be_some(each.name, value, each.metadata["choices"])

    @property
    def needs(self) -> Needs:
        """The facts that this check reads beyond the comment itself."""
        return Needs()

    def applies(self, submission: Submission) -> bool:  # noqa: ARG002 - for subclasses to read
        """Whether the check has anything to say about such a comment at all."""
        return True

    def check(self, submission: Submission) -> Iterator[Finding]:  # noqa: ARG002
        """What the check saw, in the order of the text."""
        raise TypeError(f"{type(self).__name__} does not say what it checks.")

    @classmethod
    def sentence(cls, code: str, data: Data, language: str) -> str:
        """A finding's sentence in `ja` or `en`."""
        return cls.sentences[code][language].format_map(dict(data))


def _must_be_some(name: str, value: Any, choices: Mapping[str, Any]) -> None:
    chosen, few = ((value,), "one") if isinstance(value, str) else (value, "one or more")
    if not chosen or set(chosen) - choices.keys():
        raise ValueError(f"{name} must be {few} of {', '.join(choices)}, not {', '.join(chosen) or 'none'}.")


def takes_words(check: type[Check]) -> bool:
    """Whether a word list fills parameters of the check (see `moderation.rules.build_check`)."""
    return {each.name for each in fields(check)} >= OF_WORD_LIST
