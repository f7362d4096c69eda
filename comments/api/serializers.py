"""What a body holds: the shape for the OpenAPI document, and the way to a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rest_framework import serializers

from comments import drafts
from comments.api.fields import ClientAddress, PublicId, Text, Texts, Time, Truth, read
from comments.api.problems import FieldError, refusal, refused
from comments.drafts import ArticleDraft, CommentDraft, Refused, canonical_url
from comments.models import Status

if TYPE_CHECKING:
    from comments.models import Article


def _text(limit: int, help_text: str) -> Text:
    """An optional text; null says the same as leaving it out."""
    return Text(required=False, allow_null=True, allow_blank=True, max_length=limit, help_text=help_text)


def _unbounded(help_text: str) -> Text:
    """An optional text that is not stored: whatever came in it says something, and is not refused."""
    return Text(required=False, allow_null=True, allow_blank=True, help_text=help_text)


class ArticleIn(serializers.Serializer[Any]):
    """An article, whole: what is left out is empty."""

    id = _text(drafts.ID_LIMIT, "Your own id of the article. Give it, or `url`, or both.")
    url = _text(
        drafts.URL_LIMIT, "The article's URL. Tracking parameters are dropped; earlier URLs stay known."
    )
    title = _text(drafts.TITLE_LIMIT, "The headline.")
    body = Text(
        allow_blank=True,
        max_length=drafts.ARTICLE_BODY_LIMIT,
        help_text="The text, without markup. Quotes in comments are traced to it.",
    )
    published_at = Time(required=False, allow_null=True, help_text="When it was published, with its offset.")
    closed = Truth(
        required=False,
        allow_null=True,
        help_text="true: no comments are taken in. false: opened again. Left out: as it was.",
    )
    source = _text(drafts.TITLE_LIMIT, "The article's own source, if it names one.")  # type: ignore[assignment]
    related = Texts(required=False, allow_null=True, help_text="Titles of related articles on the page.")
    credit = _text(drafts.TITLE_LIMIT, "The credit of its picture.")


class ArticleOut(serializers.Serializer[Any]):
    """An article as it is kept."""

    id = serializers.CharField(allow_null=True, help_text="Your own id of the article.")
    url = serializers.CharField(allow_blank=True, help_text="Its present URL, canonical.")
    title = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField(min_value=1, help_text="Rises with each change of title or body.")
    published_at = serializers.DateTimeField(allow_null=True)
    closed = serializers.BooleanField(help_text="Whether its comments are closed.")


class CommentIn(serializers.Serializer[Any]):
    """A reader's comment."""

    article = _text(drafts.ID_LIMIT, "Your own id of the article. Give it or `article_url`.")
    article_url = _text(drafts.URL_LIMIT, "Any URL that the article has or had.")
    body = Text(
        allow_blank=True, max_length=drafts.BODY_LIMIT, help_text="What the reader wrote, without markup."
    )
    author_name = _text(drafts.NAME_LIMIT, "The name. Whether one is needed, your rules say.")
    author_email = _text(drafts.EMAIL_LIMIT, "The e-mail address; never given out.")
    author_url = _text(drafts.URL_LIMIT, "The reader's website.")
    author_id = _text(drafts.ID_LIMIT, "Your own opaque id of the reader: his history hangs on it.")
    author_verified = Truth(
        required=False,
        allow_null=True,
        help_text="Whether you know the reader to be who he says, by a login say.",
    )
    parent = PublicId(  # type: ignore[assignment]
        required=False,
        allow_null=True,
        help_text="The id of the comment that this one answers, of the same article.",
    )
    external_id = _text(
        drafts.ID_LIMIT,
        "Your own id of the comment. Sent again with another body it is an edit, with the same one nothing.",
    )
    posted_at = Time(
        required=False,
        allow_null=True,
        help_text="When the reader sent it; held to five minutes around now. Left out: now.",
    )
    ip = ClientAddress(required=False, allow_null=True, help_text="The reader's address; never given out.")
    user_agent = _text(drafts.USER_AGENT_LIMIT, "The reader's User-Agent.")
    form_token = _unbounded("The token of `GET /form-token/` that your form held: it says how long he took.")
    form_trap = _unbounded(
        "What came in a field of your form that people do not see. Only whether it was filled in is kept."
    )


class Accepted(serializers.Serializer[Any]):
    """A comment that was taken in and waits for its decision."""

    id = serializers.UUIDField(help_text="The comment's id from now on.")
    status = serializers.ChoiceField(Status.values)
    outcome = serializers.ChoiceField(
        ["created", "updated", "unchanged"],
        help_text="What became of the request; always created without external_id.",
    )
    status_url = serializers.URLField(help_text="Ask here for the decision.")


_ARTICLE, _COMMENT = ArticleIn(), CommentIn()


def article_draft(data: Any) -> ArticleDraft:
    """The draft that the body of a PUT means. Raises `Problem`."""
    values = read(_ARTICLE, data)
    try:
        return ArticleDraft(
            external_id=values.pop("id", ""), related=tuple(values.pop("related", ())), **values
        )
    except Refused as error:
        raise refused(error) from None


def article_out(article: Article) -> dict[str, Any]:
    """The answer about an article."""
    return {
        "id": article.external_id,
        "url": article.url,
        "title": article.title,
        "revision": article.revision,
        "published_at": article.published_at and article.published_at.astimezone(UTC),
        "closed": article.floor == "closed",
    }


@dataclass(frozen=True, slots=True)
class ArticleName:
    """How a request names an article: exactly one of the two is not empty."""

    external_id: str = ""
    url: str = ""

    @classmethod
    def of(cls, external_id: str, url: str) -> ArticleName:
        """From what was given; raises `Refused` for both, neither, or what can be no such name."""
        if bool(external_id) == bool(url):
            mend = "name the article once: send either article (your own id) or article_url."
            raise Refused("article", external_id, mend, code="required")
        drafts.clean("article", external_id, drafts.ID_LIMIT)
        try:
            return cls(external_id, canonical_url(url) if url else "")
        except Refused as error:
            raise Refused("article_url", url, error.mend, code=error.code) from None


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a POST: a draft whose article and parent are still to be found."""

    draft: CommentDraft
    article: ArticleName
    parent: UUID | None
    form_token: str = ""
    form_trap: bool = False


def comment_asked(data: Any) -> Asked:
    """What the body of a POST means. Raises `Problem`."""
    values = read(_COMMENT, data)
    parent = values.pop("parent", None)
    token, trap = values.pop("form_token", ""), bool(values.pop("form_trap", "").strip())
    try:
        article = ArticleName.of(values.pop("article", ""), values.pop("article_url", ""))
        return Asked(CommentDraft(**values), article, parent, token, trap)
    except Refused as error:
        # The draft knows the comment's id at the source as its id.
        raise refused(error, "external_id" if error.field == "id" else None) from None


def unknown(field: str, value: object, mend: str, code: str) -> Exception:
    """A field whose value names nothing at this site."""
    return refusal([FieldError(field, value, mend, code)])
