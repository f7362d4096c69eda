"""Make, revoke and list the keys with which publishers' sites speak to the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now

from comments.management.arguments import number
from comments.models import Site, SiteKey

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = (
        "Site keys: `create SITE NAME` prints a new key, once, on stdout; `list [SITE]` shows all, "
        "without their secrets; `revoke NUMBER` ends one at once. "
        "サイトキーの発行(create)・一覧(list)・失効(revoke)。キーは発行時に一度だけ表示されます。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key for a site")
        create.add_argument("site", help="the site's slug")
        create.add_argument("name", help="what the key is for, such as 'web server'")
        listing = verbs.add_parser("list", help="show the keys of a site or of all sites")
        listing.add_argument("site", nargs="?", help="the site's slug")
        revoke = verbs.add_parser("revoke", help="end a key at once")
        revoke.add_argument("number", type=number, help="the key's number, as `list` shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        {"create": self._create, "list": self._list, "revoke": self._revoke}[options["verb"]](options)

    def _site(self, slug: str) -> Site:
        site = Site.objects.filter(slug=slug).first()
        if site is None:
            slugs = Site.objects.values_list("slug", flat=True)[:20]
            known = ", ".join(slugs) or "none yet: make one in the admin, under Sites"
            raise CommandError(f"There is no site {slug!r}. Sites: {known}.")
        return site

    def _create(self, options: dict[str, Any]) -> None:
        key, secret = SiteKey.mint(self._site(options["site"]), options["name"])
        self.stderr.write(f"Key {key.pk} of {key.site.slug}. Keep it safe: it is shown this once.")
        self.stdout.write(secret)

    def _list(self, options: dict[str, Any]) -> None:
        keys = SiteKey.objects.select_related("site").order_by("pk")
        if options["site"]:
            keys = keys.filter(site=self._site(options["site"]))
        for key in keys:
            state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "in force"
            made = f"{key.created_at:%Y-%m-%d}"
            self.stdout.write(f"{key.pk}\t{key.site.slug}\t{key.prefix}…\t{made}\t{state}\t{key.name}")

    def _revoke(self, options: dict[str, Any]) -> None:
        keys = SiteKey.objects.filter(pk=options["number"])
        if not keys:
            raise CommandError(f"There is no key {options['number']}: `site_key list` shows the numbers.")
        if not keys.filter(revoked_at=None).update(revoked_at=Now()):
            raise CommandError(f"Key {options['number']} was revoked before.")
        self.stderr.write(f"Key {options['number']} is revoked.")
