"""Signed tokens that say when a publisher's form was rendered, so that nobody can say it for himself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer

from comments.drafts import Form, FormToken

# Ours has some 90 characters; more is no token of ours.
TOKEN_LIMIT = 300
# A page may stand open overnight. Past it a token says no more than that somebody had one once.
LIFETIME = timedelta(hours=24)


def mint(site_id: int, now: datetime) -> str:
    """A token of a form that is rendered at `now` for a site."""
    return _signer().sign_object({"s": site_id, "t": round(now.timestamp() * 1000)})


def read_form(token: str, trap: bool, site_id: int, now: datetime) -> Form:
    """What a form's token says at `now`. One of another site, or from the future, is invalid, too."""
    if not token:
        return Form(trap=trap)
    if len(token) > TOKEN_LIMIT:
        return Form(FormToken.INVALID, trap=trap)
    try:
        said: dict[str, Any] = _signer().unsign_object(token)
        rendered = datetime.fromtimestamp(said["t"] / 1000, UTC)
    except (BadSignature, ValueError, KeyError, TypeError):
        return Form(FormToken.INVALID, trap=trap)
    age = now - rendered
    if said.get("s") != site_id or age < timedelta(0):
        return Form(FormToken.INVALID, trap=trap)
    state = FormToken.VALID if age <= LIFETIME else FormToken.EXPIRED
    return Form(state, int(age.total_seconds()), trap)


def _signer() -> Signer:
    return Signer(salt="comments.form")
