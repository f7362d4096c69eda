"""Data by which a person can be reached, found or robbed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from moderation import personal
from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, choice, parameter
from moderation.text import fold

# What can be told, each with its name for people.
TELLS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "email": {"ja": "メールアドレス", "en": "e-mail addresses"},
        "phone": {"ja": "電話番号", "en": "telephone numbers"},
        "messenger": {"ja": "LINEなどのID", "en": "names at LINE and other messengers"},
        "address": {"ja": "番地までの住所", "en": "postal addresses down to the house"},
        "my-number": {"ja": "マイナンバー", "en": "My Number (Japan's individual number)"},
        "card": {"ja": "カード番号", "en": "card numbers"},
    }
)
# How each is found, and whether digits must be there.
_FINDERS: Mapping[str, tuple[Callable[[str], Iterator[personal.Place]], bool]] = MappingProxyType(
    {
        "email": (personal.emails, False),
        "phone": (personal.phones, True),
        "messenger": (personal.messengers, False),
        "address": (personal.addresses, False),
        "my-number": (personal.my_numbers, True),
        "card": (personal.cards, True),
    }
)


@dataclass(frozen=True)
class PersonalData(Check):
    """An e-mail address, a telephone number, a house, an individual number or a card stands in the body.

    In half and full width, with dashes of any kind, in kanji figures. A rule
    chooses what it tells of. Individual numbers and cards must have the right
    check digit. The data is marked in the text and kept nowhere else.
    """

    slug = "personal_data"
    version = 2
    title = {"ja": "連絡先・個人情報", "en": "Contact details and personal data"}
    sentences = {
        "email": {"ja": "メールアドレスが{count}個あります。", "en": "E-mail addresses: {count}."},
        "phone": {"ja": "電話番号が{count}個あります。", "en": "Telephone numbers: {count}."},
        "messenger": {"ja": "LINEなどのIDが{count}個あります。", "en": "Names at messengers: {count}."},
        "address": {"ja": "番地までの住所が{count}個あります。", "en": "Postal addresses: {count}."},
        "my-number": {
            "ja": "マイナンバーと思われる番号が{count}個あります。",
            "en": "Numbers that can be somebody's My Number: {count}.",
        },
        "card": {
            "ja": "カード番号と思われる番号が{count}個あります。",
            "en": "Numbers that can be a card's: {count}.",
        },
    }

    tell: tuple[str, ...] = choice(tuple(TELLS), ja="知らせるもの。", en="What is told of.", choices=TELLS)
    # Toll-free and shared-cost numbers are those of offices and helplines, which may be passed on.
    allow: tuple[str, ...] = parameter(
        ("0120", "0800", "0570", "0180", "0990"),
        ja="知らせない電話番号やメールアドレス。番号はその始まり、アドレスは「@」以降だけでも構いません。",
        en="Numbers and addresses that may stand; a number's beginning, or what follows the @, will do.",
    )

    @cached_property
    def _allowed(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Beginnings of numbers, ends of addresses."""
        entries = [fold(entry).text.strip() for entry in self.allow]
        numbers = (personal.figures(entry) for entry in entries if "@" not in entry)
        return tuple(filter(None, numbers)), tuple(entry for entry in entries if "@" in entry)

    def check(self, submission: Submission) -> Iterator[Finding]:
        folded = submission.folded
        numbers = personal.has_number(folded.text)
        for code, (find, of_numbers) in _FINDERS.items():
            if code not in self.tell or (of_numbers and not numbers):
                continue
            places = [place for place in find(folded.text) if not self._may_stand(code, folded.text, place)]
            if places:
                spans = tuple(Span("body", *folded.original_span(*place)) for place in places[:SHOWN])
                yield Finding(code, spans, {"count": len(places)})

    def _may_stand(self, code: str, text: str, place: personal.Place) -> bool:
        numbers, addresses = self._allowed
        if code == "phone":
            return personal.figures(text[slice(*place)]).startswith(numbers)
        return code == "email" and text[slice(*place)].endswith(addresses)
