from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from comments.models import Site, SiteKey


def run(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("site_key", *words, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_a_key_is_made_shown_once_and_revoked(site: Site) -> None:
    secret = run("create", site.slug, "web server")[0].strip()
    key = SiteKey.objects.get()
    assert bytes(key.digest) == SiteKey.digest_of(secret)
    assert len(secret) > 40
    listed = run("list", site.slug)[0]
    assert "in force\tweb server" in listed
    assert secret not in listed
    run("revoke", str(key.pk))
    assert "revoked" in run("list")[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["create", "nowhere", "x"], "asagiri"),
        (["list", "nowhere"], "asagiri"),
        (["revoke", "1"], "no key 1"),
    ],
)
def test_what_is_not_there_is_said(site: Site, words: list[str], message: str) -> None:
    SiteKey.objects.filter(pk=1).delete()
    with pytest.raises(CommandError, match=message):
        run(*words)


def test_a_key_is_revoked_once(site: Site) -> None:
    key, _ = SiteKey.mint(site, "web server")
    run("revoke", str(key.pk))
    with pytest.raises(CommandError, match="before"):
        run("revoke", str(key.pk))


def test_without_any_site_it_says_where_to_make_one(db: None) -> None:
    with pytest.raises(CommandError, match="make one in the admin"):
        run("create", "asagiri", "x")
