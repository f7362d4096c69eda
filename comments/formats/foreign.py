"""What the readers of other systems' exports share: lenient values, people, articles met."""

import hashlib
import json
from dataclasses import dataclass
from typing import NoReturn

from comments.drafts import EMAIL_LIMIT, ID_LIMIT, NAME_LIMIT, URL_LIMIT, Refused
from comments.formats.base import Notice, Unreadable
from comments.formats.lines import Line, utf8
from comments.formats.plain import one_line
from comments.formats.values import cut

Notices = tuple[Notice, ...]

# More articles than the largest newspaper's archive names; a hash of each is kept.
ARTICLES_LIMIT = 1_000_000
# Values in one row; each costs some seventy bytes of memory when it is parsed,
# whatever it took in the file. A thread of twenty thousand comments has fewer.
VALUES_LIMIT = 500_000
# A website that is none: what forms and exporters write for nobody's.
_NO_SITE = {"http://", "https://", "undefined", "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wrote, as far as a draft may hold it."""

    name: str
    email: str
    site: str
    notices: Notices


def person(name: str = "", email: str = "", site: str = "", *, html: bool = False) -> Person:
    """A person's name, e-mail and website as they were exported.

    A name is one line (of `html` its text). An address that is too long is
    dropped: a part of it would be another's.
    """
    shown = one_line(name) if html else " ".join(name.split())
    shown, cut_name = cut("author_name", shown, NAME_LIMIT)
    kept_email, no_email = _within("author_email", email.strip(), EMAIL_LIMIT)
    site = site.strip()
    kept_site, no_site = _within("author_url", "" if site in _NO_SITE else site, URL_LIMIT)
    return Person(name=shown, email=kept_email, site=kept_site, notices=cut_name + no_email + no_site)


def _within(field: str, text: str, limit: int) -> tuple[str, Notices]:
    if len(text) <= limit:
        return text, ()
    return "", (Notice("cut-field", f"{field} is longer than {limit} characters: it was dropped."),)


def identity(*parts: str) -> str:
    """The id that the parts make, hashed where it would be too long to store."""
    name = ":".join(parts)
    return name if len(name) <= ID_LIMIT else content_id(*parts)


def content_id(*parts: str) -> str:
    """The id of a row that has none of its own: what it says names it."""
    return "sha256:" + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


class Met:
    """The articles that a reader has given out already."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def first(self, name: str) -> bool:
        """Whether it is the first time. Raises `Unreadable` past a million articles."""
        key = hash(name)
        if key in self._seen:
            return False
        if len(self._seen) >= ARTICLES_LIMIT:
            raise Unreadable(f"names more than {ARTICLES_LIMIT:,} articles. Import it in parts.")
        self._seen.add(key)
        return True


def deleted(body: str) -> Refused | None:
    """The refusal of a comment that its source had deleted, if nothing is left of it."""
    if body.strip():
        return None
    return Refused("comment", "", "was deleted at the source: nothing is left of it.", code="deleted")


def json_object(line: Line) -> dict[str, object]:
    """The JSON object of a line or element, its numbers as texts. Raises `Refused`.

    Numbers stay as they were written: ids and times have more digits than a
    float holds, and a hundred thousand digits take Python seconds to convert.
    """
    if not line.whole:
        raise Refused("row", "", "is longer than 8 MiB.", code="line-too-long")
    if sum(line.data.count(mark) for mark in b"[{,") > VALUES_LIMIT:
        raise Refused("row", "", f"holds more than {VALUES_LIMIT:,} values.", code="json")
    try:
        value = _DECODER.decode(_decoded(line))
    except RecursionError:
        raise Refused("row", "", "is nested too deeply.", code="json") from None
    except json.JSONDecodeError as error:
        mend = f"is no JSON: {error.msg} at character {error.pos + 1}."
        raise Refused("row", "", mend, code="json") from None
    if not isinstance(value, dict):
        raise Refused("row", "", "is no JSON object, {…}.", code="json")
    return value


def _decoded(line: Line) -> str:
    try:
        return utf8(line)
    except ValueError as error:
        raise Refused("row", "", str(error), code="encoding") from None


def text(row: dict[str, object], key: str) -> str:
    """A field as text, empty where it is missing or null. Raises `Refused`."""
    value = row.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise Refused(key, "", "is no text.", code="wrong-type")


def nested(row: dict[str, object], key: str) -> dict[str, object]:
    """An object within the row, empty where it is missing or null. Raises `Refused`."""
    value = row.get(key)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise Refused(key, "", "is no object, {…}.", code="wrong-type")


def _no_constant(name: str) -> NoReturn:
    raise Refused("row", "", f"is no JSON: {name} is not part of it.", code="json")


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)
